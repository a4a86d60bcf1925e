"""What the jobs of datasets read and depend on: an edit of what a step is not told runs nothing."""

import json
from pathlib import Path

import pytest
import yaml

from palimpsest.graph import job_of
from palimpsest.graph.job import Data
from palimpsest.runtime.errors import UserError
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
DEMO = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
JOBS = {
    "collect_examples": {"dataset": "gold"},
    "choose_candidates": {"dataset": "silver"},
    "label_requests": {"dataset": "silver", "prompt": "label-sentence"},
    "check_requests": {"dataset": "bronze", "prompt": "check-label"},
    "generate_requests": {"dataset": "bronze", "prompt": "write-sentence"},
    "parse_labels": {"dataset": "silver", "prompt": "label-sentence"},
    "screen_sentences": {"dataset": "bronze"},
    "silver_examples": {"dataset": "silver"},
    "bronze_examples": {"dataset": "bronze"},
    "silver_quality": {"dataset": "silver"},
    "bronze_quality": {"dataset": "bronze"},
    "annotation_sheet": {"dataset": "bronze"},
}


@pytest.fixture
def library(tmp_path):
    """The recipes, with a taxonomy that a test may edit."""
    for path in CONFIG.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "taxonomies").unlink()
    (tmp_path / "taxonomies").mkdir()
    text = (CONFIG / "taxonomies/alzheimers.yaml").read_text(encoding="utf-8")
    (tmp_path / "taxonomies/alzheimers.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def specs(library, study=DEMO):
    catalogue = load_catalogue(study, "study.yaml", library)
    return {
        rule: job_of(rule, catalogue, names.items()).spec_json() for rule, names in JOBS.items()
    }


def edited(library, change):
    path = library / "taxonomies/alzheimers.yaml"
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda value: value.update(title="Other"), set()),
        (
            lambda value: value["categories"][0].update(keywords=["other"]),
            {"choose_candidates"},
        ),
        (
            lambda value: value["categories"][0].update(definition="Other."),
            {"label_requests", "check_requests", "generate_requests", "screen_sentences"},
        ),
        (
            lambda value: value["categories"][0].update(include=["Other."]),
            {"label_requests", "check_requests", "generate_requests"},
        ),
        (
            lambda value: value["categories"].pop(),
            set(JOBS) - {"parse_labels"},
        ),
    ],
    ids=["title", "keywords", "definition", "include", "category"],
)
def test_an_edit_of_a_taxonomy_changes_the_jobs_that_are_told_of_it(library, change, told):
    before = specs(library)
    edited(library, change)
    after = specs(library)
    assert {rule for rule in JOBS if before[rule] != after[rule]} == told


def test_every_specification_names_its_job_and_is_what_its_program_reads(library):
    for rule, text in specs(library).items():
        value = json.loads(text)
        assert value.pop("wildcards") == JOBS[rule]
        job = job_of(rule, load_catalogue(DEMO, "study.yaml", library), JOBS[rule].items())
        assert type(job.spec()).model_validate(value).identity() == value


def reads(rule, library=CONFIG, study=DEMO, **names):
    return job_of(rule, load_catalogue(study, "study.yaml", library), names.items()).reads()


def test_what_is_optional_is_an_empty_list():
    silver = {**DEMO["datasets"][2]}
    del silver["check"]
    study = {**DEMO, "datasets": [*DEMO["datasets"][:2], silver, DEMO["datasets"][3]]}
    read = reads("silver_examples", study=study, dataset="silver")
    assert read["checks"] == read["checks_manifest"] == []
    assert read["labels"] == "<results>/labels/silver.label-sentence.parquet"
    assert reads("check_requests", dataset="bronze", prompt="check-label")["labels"] == []
    assert reads("choose_candidates", dataset="silver")["encoder"] == []


def test_files_of_experts_are_inputs_in_the_order_of_the_splits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {"test": "a.tsv", "train": "c.tsv", "valid": "b.tsv"}
    for path in files.values():
        Path(path).touch()
    declared = {"name": "ner", "kind": "spans", "made_by": "experts", "labels": ["x"]}
    declared |= {"files": files, "examples": dict.fromkeys(files, 9)}
    study = {**DEMO, "datasets": [*DEMO["datasets"], declared]}
    read = reads("collect_examples", study=study, dataset="ner")
    assert read == {"notes_manifest": [], "notes": [], "files": ["c.tsv", "b.tsv", "a.tsv"]}
    Path("b.tsv").unlink()
    assert reads("collect_examples", study=study, dataset="ner")["files"] == ["c.tsv", "a.tsv"]


def test_files_of_a_split_may_be_several_and_are_of_one_split(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a1.conll", "a2.conll", "b.conll", "c.conll"):
        Path(name).touch()
    files = {"train": "a*.conll", "valid": "b.conll", "test": "c.conll"}
    declared = {"name": "ner", "kind": "spans", "made_by": "experts", "labels": ["x"]}
    declared |= {"files": files, "examples": dict.fromkeys(files, 9)}
    study = {**DEMO, "datasets": [*DEMO["datasets"], declared]}
    read = reads("collect_examples", study=study, dataset="ner")
    assert read["files"] == ["a1.conll", "a2.conll", "b.conll", "c.conll"]
    files["test"] = "*2.conll"
    with pytest.raises(UserError, match=r"ner\.files: a2\.conll is of two splits"):
        reads("collect_examples", study=study, dataset="ner")


def test_folders_are_inputs_and_what_lies_in_them_decides(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("notes/a").mkdir(parents=True)
    Path("notes/a/1.txt").write_text("Pain.")
    declared = {"name": "links", "kind": "relations", "made_by": "experts", "format": "brat"}
    declared |= {"files": ["notes"], "labels": ["of", "none"], "none_label": "none"}
    declared |= {"pairs": [["drug", "dose"]], "patient": "^(.)"}
    study = {**DEMO, "datasets": [*DEMO["datasets"], declared]}

    def job():
        catalogue = load_catalogue(study, "study.yaml", CONFIG)
        return job_of("collect_examples", catalogue, {"dataset": "links"}.items())

    read = job().reads()["files"]
    assert read == ["notes"] and isinstance(read[0], Data)
    before = job().spec()
    assert (before.files, before.answer, before.unit) == ([1], "one_label", "patient")
    assert before.none_label == "none" and before.reading.pairs == [("drug", "dose")]
    Path("notes/a/README.md").touch()
    assert job().spec() == before
    Path("notes/a/1.ann").touch()
    assert job().spec().files_digest != before.files_digest != ""


def test_many_files_are_named_by_their_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("notes").mkdir()
    for number in range(1_001):
        Path(f"notes/{number}.txt").touch()
    declared = {"name": "new", "kind": "spans", "made_by": "experts", "format": "brat"}
    declared |= {"files": ["notes/*"], "labels": ["x"]}
    study = {**DEMO, "datasets": [*DEMO["datasets"], declared]}
    with pytest.raises(UserError, match=r"new\.files: 1001 files, .*expected their folders"):
        reads("collect_examples", study=study, dataset="new")
    declared["files"] = ["notes"]
    assert reads("collect_examples", study=study, dataset="new")["files"] == ["notes"]


@pytest.mark.parametrize(
    ("declared", "unit"),
    [
        ({"columns": {"text": "a", "second": "b", "labels": "c"}}, "text"),
        ({"columns": {"text": "a", "second": "b", "labels": "c", "note": "n"}}, "note"),
        ({"columns": {"text": "a", "second": "b", "labels": "c", "patient": "p"}}, "patient"),
        ({"format": "mednli"}, "text"),
        ({"kind": "spans", "format": "conll"}, "sentence"),
        ({"kind": "spans", "format": "brat"}, "document"),
        ({"kind": "documents", "format": "folders"}, "document"),
    ],
)
def test_what_is_resampled_goes_by_format_and_columns(declared, unit):
    entry = {"name": "new", "kind": "pairs", "made_by": "experts", "format": "table"}
    entry |= {"files": ["new.csv"], "labels": ["x"]} | declared
    study = {**DEMO, "datasets": [*DEMO["datasets"], entry]}
    catalogue = load_catalogue(study, "study.yaml", CONFIG)
    job = job_of("collect_examples", catalogue, {"dataset": "new"}.items())
    assert job.spec().unit == unit


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("licence", "other", False),
        ("data_use", "signed", False),
        ("metric", "recall", False),
        ("labels", ["Disease", "Gene"], True),
        ("overlaps", "longest", True),
        ("scheme", "iob2", True),
    ],
)
def test_an_edit_of_a_task_file_reads_files_again_only_where_it_matters(tmp_path, key, value, told):
    for path in CONFIG.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "tasks").unlink()
    (tmp_path / "tasks").mkdir()
    task = yaml.safe_load((CONFIG / "tasks/ncbi-disease.yaml").read_text(encoding="utf-8"))
    study = {**DEMO, "datasets": [*DEMO["datasets"], {"name": "new", "task": "ncbi-disease"}]}

    def spec(values):
        (tmp_path / "tasks/ncbi-disease.yaml").write_text(yaml.safe_dump(values))
        catalogue = load_catalogue(study, "study.yaml", tmp_path)
        return job_of("collect_examples", catalogue, {"dataset": "new"}.items()).spec_json()

    assert (spec(task) != spec({**task, key: value})) == told


def test_titles_of_categories_may_stand_for_their_names():
    entry = {"name": "new", "kind": "sentences", "made_by": "experts", "taxonomy": "alzheimers"}
    study = {**DEMO, "datasets": [*DEMO["datasets"], {**entry, "files": ["new.csv"]}]}
    catalogue = load_catalogue(study, "study.yaml", CONFIG)
    spec = job_of("collect_examples", catalogue, {"dataset": "new"}.items()).spec()
    assert "cognitive_impairment" in spec.titles.values() and spec.examples is None
    assert all(title == title.casefold() for title in spec.titles)


def test_gold_is_asked_about_and_compared_where_it_is_declared():
    silver = {**DEMO["datasets"][2], "compare": "gold"}
    study = {**DEMO, "datasets": [*DEMO["datasets"][:2], silver, DEMO["datasets"][3]]}
    for rule in ("choose_candidates", "silver_quality"):
        read = reads(rule, study=study, dataset="silver")
        assert read["gold"] == "<results>/datasets/gold.parquet"
        assert read["gold_manifest"] == "<results>/datasets/gold.json"
        assert reads(rule, dataset="silver")["gold"] == []
    assert "gold" not in reads("silver_examples", study=study, dataset="silver")
    # What the LLM is asked of all other sentences stays what it is.
    catalogues = [load_catalogue(one, "study.yaml", CONFIG) for one in (DEMO, study)]
    for rule in ("label_requests", "check_requests", "parse_labels", "silver_examples"):
        names = {**JOBS[rule], "dataset": "silver"}
        before, after = (job_of(rule, one, names.items()).spec_json() for one in catalogues)
        assert before == after


def test_a_study_without_gold_plans_silver_its_quality_and_a_sheet_to_annotate():
    silver = {**DEMO["datasets"][2], "source": "ward", "annotation": 30}
    table = {"name": "ward", "kind": "table", "paths": ["ward.csv"], "category": "Visit"}
    table["columns"] = {"text": "t", "note_id": "n", "patient_id": "p"}
    study = {
        **{key: DEMO[key] for key in ("results", "seed", "splits", "passages")},
        "sources": [table],
        "datasets": [silver],
    }
    read = job_of("all", load_catalogue(study, "study.yaml", CONFIG), ()).reads()
    wanted = ["<results>/silver.quality.csv", "<results>/annotation/silver.csv"]
    assert read["targets"][:2] == wanted
    assert not [path for path in read["targets"] if "table" in path or "models" in path]
    assert reads("silver_quality", study=study, dataset="silver")["gold"] == []


def test_bronze_is_compared_with_the_gold_of_its_taxonomy():
    assert reads("bronze_quality", dataset="bronze")["gold"] == "<results>/datasets/gold.parquet"
    study = {**DEMO, "datasets": [DEMO["datasets"][3]], "experiments": [], "figures": []}
    study |= {"tables": DEMO["tables"][:1], "report": {}}
    assert reads("bronze_quality", study=study, dataset="bronze")["gold"] == []
