"""The table of notes."""

import pyarrow as pa


def _spans(*fields: tuple[str, pa.DataType]) -> pa.ListType:
    """Labelled stretches of a note: character offsets, end exclusive, and what else they have."""
    return pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), *fields]))


# Gold that a source may bring. A source without it gives empty lists.
GOLD = [
    ("spans", _spans(("label", pa.string()), ("assertion", pa.string()))),  # entities
    ("phi", _spans(("label", pa.string()))),  # protected health information
    # Sentences with the categories of a taxonomy; an empty list says that none holds.
    ("sentences", _spans(("categories", pa.list_(pa.string())))),
    # Natural language inference: the premise is a stretch of the note.
    ("pairs", _spans(("hypothesis", pa.string()), ("label", pa.string()))),
]
SCHEMA = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("category", pa.string()),
        ("date", pa.string()),  # as the source spells it, null where it gives none
        ("text", pa.string()),
        ("split", pa.string()),  # train, valid or test
        ("shard", pa.int32()),
        # Name without folder, or path below what the files have in common; the part of a data set;
        # `generated` for generated notes.
        ("source_file", pa.string()),
        ("source_row", pa.int64()),  # 1-based within the file, headers not counted
        *GOLD,
    ]
)
