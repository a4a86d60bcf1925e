"""Tables in shards: from the manifest of the first, where all of them lie."""

from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields
from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.origins import SHARD, WILDCARDS

ONE_SHARD = "000-of-001"


def shard_of(note_id: str, shards: int) -> int:
    """The shard of a note, in [0, shards)."""
    return keyed_hash("shard", note_id) % shards


def shard_name(index: int, count: int) -> str:
    """The name of a shard, such as `000-of-016`."""
    return f"{index:03d}-of-{count:03d}"


def shard_names(count: int) -> list[str]:
    """Names of shards, in order."""
    return [shard_name(index, count) for index in range(count)]


def shard_tables(first: Path) -> list[Path]:
    """The tables of a set, in the order of the shards.

    first: the manifest of its first shard. Raises UserError when its name is not a shard's, or when
    a manifest is that of another set.
    """
    found = SHARD.fullmatch(first.stem)
    if not found:
        raise UserError(f"{first}: expected the manifest of a shard, such as 000-of-016.json")
    names = shard_names(int(found[2]))
    origin: dict[str, str] = read_fields(first).get(WILDCARDS) or {}
    for name in names if origin else []:
        manifest = first.with_name(f"{name}.json")
        made = read_fields(manifest).get(WILDCARDS)
        expected = {**origin, "shard": name} if "shard" in origin else origin
        if made != expected:
            raise UserError(
                f"{manifest}: it is of {made}, expected {expected}: another file was put in its "
                "place. Delete it to rebuild it"
            )
    return [first.with_name(f"{name}.parquet") for name in names]
