"""What nothing asks for is found by names, by notes and by content, and what is current stays."""

import pyarrow as pa
import pytest

from palimpsest.completions.forget import Held, left_over, undeclared, unused_work, withdrawn
from palimpsest.runtime.cache import Cache
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.files import (
    manifest_path,
    read_fields,
    read_manifest,
    sha256_file,
    write_manifest,
    write_table,
    write_text,
)

SHARD = "000-of-001"


@pytest.fixture
def results(tmp_path):
    """Notes n0 and n1 of a ward, and tables and a checkpoint that are made of them."""

    def put(place, ids, *rest, **fields):
        table = pa.table({"note_id": ids, "text": ["Pain."] * len(ids)})
        for name, values in rest:
            table = table.append_column(name, [values])
        write_table(tmp_path / f"{place}.parquet", table, **fields)

    put("notes/ward", ["n0", "n1"], wildcards={"source": "ward"})
    put(f"passages/ward/{SHARD}", ["n0", "n1", "n1"], wildcards={"source": "ward", "shard": SHARD})
    names = {"llm": "a", "request_set": "ward.plain", "shard": SHARD}
    put(f"completions/a/ward.plain/{SHARD}", ["n0"], wildcards=names)
    parts = {"parts": [{"source": "ward"}, {"source": "ward"}], "wildcards": {"corpus": "all"}}
    put("corpora/all", ["n0", "n1"], ("part", [1, 2]), **parts)
    put("export/all/data/train", ["n0", "n1"], ("part", [1, 2]), **parts)
    work = Cache(tmp_path / "state/training", "a" * 64)
    write_text(work.working / "made" / "model.safetensors", "weights")
    work.finish(work.working / "made")
    assert work.is_finished()
    work.deliver(tmp_path / "checkpoints/small/all/seed0", "model.safetensors")
    made_from = {"corpus": read_manifest(tmp_path / "corpora/all.parquet")["sha256"]}
    fields = described(tmp_path / "checkpoints/small/all/seed0", ["model.safetensors"])
    fields |= {
        "made_from": made_from,
        "wildcards": {"model": "small", "corpus": "all", "seed": "0"},
    }
    write_manifest(tmp_path / "checkpoints/small/all/seed0.json", fields)
    return tmp_path


def places(found, results):
    return [held.place.relative_to(results).as_posix() for held in found]


def test_what_is_current_stays(results):
    assert undeclared(results, lambda names: True) == withdrawn(results) == []
    assert unused_work(results, []) == left_over(results, remove=True) == []


def test_tables_with_a_note_that_is_gone_are_found_and_models_of_another_corpus(results):
    path = results / "notes/ward.parquet"
    write_table(path, pa.table({"note_id": ["n0"]}), wildcards={"source": "ward"})
    assert places(withdrawn(results), results) == [
        "corpora/all",
        "export/all/data/train",
        f"passages/ward/{SHARD}",
    ]
    path = results / "corpora/all.parquet"
    write_table(path, pa.table({"note_id": ["n0"]}), wildcards={"corpus": "all"})
    found = withdrawn(results)
    assert places(found, results)[0] == "checkpoints/small/all/seed0"
    assert len(unused_work(results, found)) == 1
    found[0].remove()
    assert list((results / "checkpoints/small/all").iterdir()) == []


def test_what_is_of_undeclared_names_is_found(results):
    found = undeclared(results, lambda names: names.get("llm") != "a")
    assert places(found, results) == [f"completions/a/ward.plain/{SHARD}"]
    (results / "annotation").mkdir()
    (results / "annotation/old.csv").touch()
    assert len(undeclared(results, lambda names: names != {"annotation": "old"})) == 1


def test_removing_a_place_leaves_its_neighbours(tmp_path):
    names = ["seed1.json", "seed1.rejects.csv", "seed10.json", "seed1x.parquet"]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "seed1").mkdir()
    Held(tmp_path / "seed1", "").remove()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seed10.json", "seed1x.parquet"]


def test_interrupted_and_unused_trainings_are_found(results):
    (results / "state/training" / f"{'b' * 32}.working").mkdir()
    other = Cache(results / "state/finetuning", "c" * 64)
    write_text(other.working / "made" / "predictions.parquet", "predictions")
    other.finish(other.working / "made")
    found = unused_work(results, [])
    assert [work.finished.name[0] for work in found] == ["b", "c"]
    path = results / "predictions/run.json"
    sha256 = sha256_file(other.finished / "predictions.parquet")
    write_manifest(path, {"sha256": sha256, "rows": 1, "wildcards": {"run": "1"}})
    assert len(unused_work(results, [])) == 1
    assert manifest_path(path) == path


def test_damaged_ledgers_and_temporaries_are_removed_only_when_asked(results):
    damaged = results / "state/ledger/a/b/ward.sqlite.damaged"
    write_text(damaged, "Secret")
    (results / "notes/.ward.parquet.0.tmp").write_text("Secret")
    assert len(left_over(results, remove=False)) == len(left_over(results, remove=True)) == 2
    assert left_over(results, remove=True) == [] and not damaged.exists()


def test_results_of_another_study_below_are_let_alone(results):
    """Its folder may be `results/mine`, whose tables are of names that this study does not have."""
    other = results / "mine"
    fields = {"sha256": "0", "wildcards": {"source": "other"}}
    write_manifest(other / "notes/other.json", fields)
    (other / ".gitignore").write_text("*\n")
    assert undeclared(results, lambda names: names.get("source", "ward") == "ward") == []
    (other / ".gitignore").unlink()  # of a folder that no study has run in
    assert places(undeclared(results, lambda names: names.get("source") != "other"), results) == [
        "mine/notes/other"
    ]


def test_predictions_of_earlier_inputs_are_found_and_the_training_with_them(results):
    place = "predictions/x/small/all/gold/all/seed0/run1"
    work = Cache(results / "state/finetuning", "c" * 64)
    write_text(work.working / "made" / "predictions.parquet", "predictions")
    work.finish(work.working / "made")
    names = {"experiment": "x", "model": "small", "corpus": "all", "mixture": "gold", "seed": "0"}
    made_from = {"datasets": {"gold": "g1"}, "encoder": "e1"}
    fields = {"sha256": sha256_file(work.finished / "predictions.parquet"), "rows": 0}
    write_manifest(
        results / f"{place}.json", {**fields, "made_from": made_from, "wildcards": names}
    )
    gold, checkpoint = results / "datasets/gold.json", results / "checkpoints/small/all/seed0.json"
    kept = read_fields(checkpoint)

    def found(dataset, encoder):
        write_manifest(gold, {"sha256": dataset, "wildcards": {"dataset": "gold"}})
        write_manifest(checkpoint, {**kept, "identity": encoder})
        gone = withdrawn(results)
        return places(gone, results), len(unused_work(results, gone))

    assert found("g1", "e1") == ([], 0)
    assert found("g2", "e1") == ([place], 1)
    assert found("g1", "e2") == ([place], 1)
