"""Where the shards of a table lie, from the manifest of the first."""

from pathlib import Path

import pytest

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_manifest
from palimpsest.runtime.shards import ONE_SHARD, SHARD, shard_names, shard_tables


def test_shards_are_numbered_from_zero_and_sort_by_name():
    names = shard_names(12)
    assert names[0] == "000-of-012" and names[-1] == "011-of-012"
    assert names == sorted(names) and len(set(names)) == 12
    assert all(map(SHARD.fullmatch, names))
    assert shard_names(1) == [ONE_SHARD]


def test_all_tables_lie_beside_the_first_manifest_in_the_order_of_the_shards(tmp_path):
    for name in shard_names(3):
        write_manifest(tmp_path / f"{name}.json", {"wildcards": {"source": "w", "shard": name}})
    assert shard_tables(tmp_path / "000-of-003.json") == [
        tmp_path / f"00{number}-of-003.parquet" for number in range(3)
    ]
    (tmp_path / "002-of-003.json").unlink()
    with pytest.raises(UserError, match=r"002-of-003\.json: cannot be read"):
        shard_tables(tmp_path / "000-of-003.json")


def test_more_than_a_thousand_shards_are_all_found(tmp_path):
    for name in shard_names(1200):
        (tmp_path / f"{name}.json").write_text('{"wildcards": {"source": "w"}}')
    tables = shard_tables(tmp_path / "000-of-1200.json")
    assert len(tables) == 1200 and tables[-1] == tmp_path / "1199-of-1200.parquet"


@pytest.mark.parametrize("name", ["notes.json", "000-of-003.rejects.json", "x000-of-003.json"])
def test_a_file_that_is_no_shards_manifest_is_named(name):
    with pytest.raises(UserError, match=f"ward/{name}: expected the manifest of a shard"):
        shard_tables(Path("ward") / name)
