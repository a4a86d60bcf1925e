"""A table of another shard, prompt, LLM or source is noticed by the job that reads it."""

import pyarrow as pa
import pytest

from palimpsest.runtime import origins
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_table, write_table
from palimpsest.runtime.shards import shard_tables

TABLE = pa.table({"x": [1]})
ASKED = {"llm": "alpha", "request_set": "ward.plain", "shard": "000-of-002"}


@pytest.fixture
def job(monkeypatch):
    """Sets of what the job is, as a program does."""

    def set_names(**names):
        monkeypatch.setattr(origins, "_job", {"wildcards": names} if names else {})
        monkeypatch.setattr(origins, "_others", {})
        monkeypatch.setattr(origins, "_read", {})

    set_names()
    return set_names


def written(path, **names):
    write_table(path, TABLE, wildcards=names)
    return path


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"source": "ward", "prompt": "plain", "shard": "000-of-002"}, None),
        (ASKED, None),
        ({"dataset": "ward", "prompt": "plain"}, None),
        ({"source": "other"}, "source 'other'"),
        ({**ASKED, "llm": "beta"}, "llm 'beta'"),
        ({**ASKED, "request_set": "ward.formal"}, "prompt 'formal'"),
        ({**ASKED, "request_set": "clinic.plain"}, "source 'clinic'"),
        ({**ASKED, "request_set": "ward.plain.retry1"}, "round '1'"),
        ({**ASKED, "shard": "001-of-002"}, "shard '001-of-002'"),
        ({"source": "ward", "prompt": "plain", "shard": "001-of-002"}, "shard '001-of-002'"),
    ],
)
def test_what_a_job_was_given_is_what_it_asks_for(job, tmp_path, made, said):
    path = written(tmp_path / "a.parquet", **made)
    job(**ASKED)
    if said is None:
        assert read_table(path, ["x"]).num_rows == 1
    else:
        with pytest.raises(UserError, match=rf"a\.json: it is of the {said}, and is read as one"):
            read_table(path, ["x"])


def test_gold_is_of_another_dataset(job, tmp_path):
    path = written(tmp_path / "gold.parquet", dataset="gold")
    job(dataset="silver")
    with pytest.raises(UserError, match="dataset 'gold'"):
        read_table(path, ["x"])
    origins.of_another([path], dataset=None)
    assert read_table(path, ["x"]).num_rows == 1


def test_a_further_round_reads_the_round_before(job, tmp_path):
    path = written(tmp_path / "a.parquet", **ASKED)
    job(source="ward", prompt="plain", llm="alpha", round="2", shard="000-of-002")
    origins.of_another(path, round="1")
    with pytest.raises(UserError, match="round '0', and is read as one of '1'"):
        read_table(path, ["x"])


def test_a_shard_under_the_name_of_another_is_refused_whoever_reads_it(job, tmp_path):
    path = written(tmp_path / "001-of-002.parquet", source="ward", shard="000-of-002")
    with pytest.raises(UserError, match="shard '000-of-002', and is read as one of '001-of-002'"):
        read_table(path, ["x"])


@pytest.mark.parametrize(
    "second", [{"shard": "000-of-002"}, {"llm": "beta"}, {"request_set": "ward.formal"}]
)
def test_the_shards_of_a_set_are_of_one_set(job, tmp_path, second):
    whole = {**ASKED, "shard": "001-of-002"}
    written(tmp_path / "000-of-002.parquet", **ASKED)
    written(tmp_path / "001-of-002.parquet", **whole)
    first = tmp_path / "000-of-002.json"
    assert [path.stem for path in shard_tables(first)] == ["000-of-002", "001-of-002"]
    written(tmp_path / "001-of-002.parquet", **{**whole, **second})
    with pytest.raises(UserError, match=r"001-of-002\.json: it is of .*another file was put"):
        shard_tables(first)


def test_a_copy_in_the_place_of_another_run_is_noticed(job, tmp_path):
    names = {"experiment": "entities", "seed": "0"}
    one = written(tmp_path / "run1.parquet", **names, run="1")
    for ending in ("parquet", "json"):
        (tmp_path / f"run2.{ending}").write_bytes((tmp_path / f"run1.{ending}").read_bytes())
        (tmp_path / f"link.{ending}").symlink_to(tmp_path / f"run1.{ending}")
    assert read_table(tmp_path / "run2.parquet", ["x"]).num_rows == 1  # no job of a study
    job(experiment="entities")
    for path in (one, one, tmp_path / "link.parquet"):
        assert read_table(path, ["x"]).num_rows == 1
    with pytest.raises(UserError, match=r"run2\.json: it is the same as .*run1\.json: a copy of"):
        read_table(tmp_path / "run2.parquet", ["x"])
