"""The table of notes, the split of patients and the shard of a note."""

import pyarrow as pa

from palimpsest.core.identity import keyed_hash, keyed_share

SCHEMA = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("category", pa.string()),
        ("text", pa.string()),
        ("split", pa.string()),  # train, valid or test
        ("shard", pa.int32()),
        ("source_row", pa.int64()),  # 1-based, headers not counted
        # Gold entity spans as character offsets, where the source has them.
        (
            "spans",
            pa.list_(
                pa.struct(
                    [
                        ("start", pa.int32()),
                        ("end", pa.int32()),
                        ("label", pa.string()),
                        ("assertion", pa.string()),
                    ]
                )
            ),
        ),
    ]
)


def split_of(patient_id: str, shares: dict[str, float], seed: int) -> str:
    """The split of a patient: a keyed hash of the id, so that nobody changes sides.

    shares: `train`, `valid` and `test`, adding up to 1.
    """
    draw = keyed_share(f"split-{seed}", patient_id)
    if draw < shares["test"]:
        return "test"
    return "valid" if draw < shares["test"] + shares["valid"] else "train"


def shard_of(note_id: str, shards: int) -> int:
    """The shard of a note, in [0, shards)."""
    return keyed_hash("shard", note_id) % shards
