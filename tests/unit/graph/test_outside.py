"""Files outside the results are the same by content, or where they are large by size and time."""

import os
from itertools import chain

import pytest
import yaml

from palimpsest.graph import Data, job_of, outside
from palimpsest.graph.outside import outside_digest
from palimpsest.runtime.paths import all_files
from palimpsest.study.load import load_catalogue


def stamped(path, text, at):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(at, at))
    return str(path)


def test_an_older_copy_is_another_file_and_a_newer_time_is_not(tmp_path):
    path = stamped(tmp_path / "notes.csv", "with the patient", 2_000)
    before = outside_digest([path])
    stamped(tmp_path / "notes.csv", "with the patient", 9_000)
    assert outside_digest([path]) == before
    stamped(tmp_path / "notes.csv", "without a patient", 1_000)
    assert outside_digest([path]) != before


def test_large_files_count_by_size_and_time(tmp_path, monkeypatch):
    monkeypatch.setattr(outside, "SMALL", 20)
    path = stamped(tmp_path / "notes.csv", "with one more patient", 2_000)
    before = outside_digest([path])
    for text, at in (("with one more patient", 1_000), ("without", 2_000)):
        stamped(tmp_path / "notes.csv", text, at)
        assert outside_digest([path]) != before


def test_what_lies_in_a_folder_counts_as_it_is_read(tmp_path):
    stamped(tmp_path / "ward" / "a.txt", "pain", 1_000)
    folder = str(tmp_path / "ward")
    before = outside_digest([folder], all_files)
    assert before != outside_digest([folder]) == ""  # nothing of it is read
    stamped(tmp_path / "ward" / "b.txt", "fever", 1_000)
    assert outside_digest([folder], all_files) != before
    os.remove(tmp_path / "ward" / "b.txt")
    assert outside_digest([folder], all_files) == before
    os.rename(tmp_path / "ward" / "a.txt", tmp_path / "ward" / "c.txt")
    assert outside_digest([folder], all_files) != before


def test_names_of_any_bytes_and_files_that_are_not_there(tmp_path):
    name = os.fsdecode(os.fsencode(str(tmp_path)) + b"/caf\xe9.csv")
    with open(name, "w") as stream:
        stream.write("pain")
    assert len(outside_digest([name])) == 64
    assert outside_digest([str(tmp_path / "gone.csv")]) == outside_digest([]) == ""


COLUMNS = {"text": "body", "note_id": "id", "patient_id": "patient"}
STUDY = {
    "results": "results",
    "seed": 1,
    "splits": {"train": 0.6, "valid": 0.2, "test": 0.2},
    "sources": [
        {"name": "table", "kind": "table", "paths": ["*.csv"], "columns": COLUMNS, "category": "V"},
        {"name": "folder", "kind": "folder", "paths": ["texts"], "category": "V"}
        | {"patient_id": "file"},
        {"name": "saved", "kind": "dataset", "path": "saved", "columns": COLUMNS, "category": "V"},
    ],
    "passages": {"tokenizer": "tiny", "max_tokens": 60},
    "screens": [{"name": "truncated"}],
    "corpora": [{"name": "all", "parts": [{"kind": "notes", "source": "table", "tokens": 9}]}],
    "datasets": [
        {"name": "gold", "kind": "spans", "made_by": "experts", "format": "conll"}
        | {"files": {"train": ["a.conll"], "valid": ["b.conll"], "test": ["c.conll"]}}
        | {"labels": ["problem"], "examples": {"train": 9, "valid": 9, "test": 9}}
    ],
}


@pytest.mark.parametrize(
    ("rule", "names", "file"),
    [
        ("read_notes", {"source": "table"}, "ward.csv"),
        ("read_notes", {"source": "folder"}, "texts/a.txt"),
        ("read_notes", {"source": "saved"}, "saved/data.arrow"),
        ("collect_examples", {"dataset": "gold"}, "b.conll"),
        ("prepare_weights", {"weights": "tiny"}, "encoder/config.json"),
    ],
)
def test_each_job_that_reads_outside_the_results_sees_an_older_copy(
    tmp_path, monkeypatch, rule, names, file
):
    monkeypatch.chdir(tmp_path)
    tiny = {"kind": "encoder", "weights": {"path": "encoder"}}
    stamped(tmp_path / "models" / "tiny.yaml", yaml.safe_dump(tiny), 9_000)
    for name in ("ward.csv", "texts/a.txt", "saved/data.arrow", "encoder/config.json"):
        stamped(tmp_path / name, "new", 9_000)
    for name in ("a.conll", "b.conll", "c.conll"):
        stamped(tmp_path / name, "new", 9_000)

    def job():
        return job_of(rule, load_catalogue(STUDY, "study.yaml", tmp_path), names.items())

    before = job().spec_json()
    assert all(isinstance(path, Data) for path in chain(*job().reads().values()))
    stamped(tmp_path / file, "new", 99_000)
    assert job().spec_json() == before
    stamped(tmp_path / file, "old", 1_000)
    assert job().spec_json() != before


def test_weights_that_a_bundle_brings_are_inputs_and_change_no_identity(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    weights = {"hub": "owner/model", "revision": "a" * 40}
    text = yaml.safe_dump({"kind": "encoder", "weights": weights})
    stamped(tmp_path / "models" / "tiny.yaml", text, 9_000)

    def job():
        catalogue = load_catalogue(STUDY, "study.yaml", tmp_path)
        return job_of("prepare_weights", catalogue, {"weights": "tiny"}.items())

    assert job().reads() == {"files": []}
    before = job().spec_json()
    (tmp_path / "bundle/weights").mkdir(parents=True)
    stamped(tmp_path / "bundle/weights/owner--model" / f"{'a' * 40}.json", "{}", 9_000)
    place = "bundle/weights/owner--model/" + "a" * 40
    reads = job().reads()
    assert reads["packed"] == f"{place}.json" and f"{place}/model.safetensors" in reads["files"]
    assert all(isinstance(path, Data) for path in [reads["packed"], *reads["files"]])
    assert job().spec_json() == before
