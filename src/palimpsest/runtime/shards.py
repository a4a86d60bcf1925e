"""Tables in shards: from the manifest of the first, where all of them lie."""

import re
from pathlib import Path

from palimpsest.runtime.errors import UserError

SHARD = re.compile(r"(\d+)-of-(\d+)")
ONE_SHARD = "000-of-001"


def shard_name(index: int, count: int) -> str:
    """The name of a shard, such as `000-of-016`."""
    return f"{index:03d}-of-{count:03d}"


def shard_names(count: int) -> list[str]:
    """Names of shards, in order."""
    return [shard_name(index, count) for index in range(count)]


def shard_tables(first: Path) -> list[Path]:
    """The tables of a set, in the order of the shards.

    first: the manifest of its first shard. Raises UserError when its name is not a shard's.
    """
    found = SHARD.fullmatch(first.stem)
    if not found:
        raise UserError(f"{first}: expected the manifest of a shard, such as 000-of-016.json")
    return [first.with_name(f"{name}.parquet") for name in shard_names(int(found[2]))]
