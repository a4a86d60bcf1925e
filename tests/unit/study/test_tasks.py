"""A task file stands for all that a dataset of experts declares, and errors name it."""

import copy

import pytest
import yaml
from declared import CONFIG, load, refused

from palimpsest.runtime.errors import UserError
from palimpsest.study.load import load_catalogue

BUDGET = {"train": 50, "valid": 20, "test": 80}
STUDY = {
    "results": "results",
    "seed": 1,
    "splits": {"train": 0.6, "valid": 0.2, "test": 0.2},
    "sources": [{"name": "hospital", "kind": "generated", "patients": 9}],
    "passages": {"tokenizer": "smollm2-135m-instruct"},
    "datasets": [{"name": "ncbi", "task": "ncbi-disease"}],
}
TASKS = sorted(path.stem for path in (CONFIG / "tasks").glob("*.yaml"))


def study(**entry):
    made = copy.deepcopy(STUDY)
    made["datasets"][0] |= entry
    return made


def edited(library, **changes):
    """The library, its task ncbi-disease with other values; `...` takes a key away."""
    path = library / "tasks" / "ncbi-disease.yaml"
    values = yaml.safe_load(path.read_text(encoding="utf-8")) | changes
    values = {key: value for key, value in values.items() if value is not ...}
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return library


def test_a_dataset_that_names_a_task_is_what_the_task_declares():
    entry = load(study()).dataset("ncbi")
    declared = yaml.safe_load((CONFIG / "tasks/ncbi-disease.yaml").read_text(encoding="utf-8"))
    given = entry.model_dump(exclude_unset=True)
    assert given == {**declared, "name": "ncbi", "made_by": "experts"}
    assert entry.examples is None and entry.metric == "strict_f1"


def test_the_study_says_where_files_lie_and_how_many_examples_are_used():
    files = {"train": "a.tsv", "valid": "b.tsv", "test": ["c.tsv", "d.tsv"]}
    catalogue = load(study(files=files, examples=BUDGET))
    assert catalogue.dataset("ncbi").examples.test == 80
    assert catalogue.dataset_files("ncbi") == [["a.tsv"], ["b.tsv"], ["c.tsv", "d.tsv"]]
    assert "dataset 'ncbi': d.tsv" in catalogue.missing_files()


@pytest.mark.parametrize("name", TASKS)
def test_every_task_file_loads(name):
    entry = load(study(task=name)).dataset("ncbi")
    assert entry.data_use or entry.licence


@pytest.mark.parametrize(
    ("entry", "messages"),
    [
        ({"labels": ["Gene"]}, ["study.yaml: datasets.0: labels: unknown key"]),
        ({"kind": "spans"}, ["study.yaml: datasets.0: kind: unknown key"]),
        ({"task": "ncbi"}, ["tasks/ncbi.yaml: no such file", "'ncbi-disease'"]),
        ({"task": "../x"}, ["study.yaml: datasets.0: task: String should match pattern"]),
        ({"task": 3}, ["study.yaml: datasets.0: task"]),
        ({"examples": {"train": 0}}, ["datasets.0: examples.train", "examples.valid: missing"]),
        ({"files": {"train": "a", "test": "b"}}, ["datasets.0: files: expected 'valid'"]),
    ],
)
def test_a_mistake_of_the_study_is_named_there(entry, messages):
    refused(study(**entry), *messages)


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"labels": ...}, ["tasks/ncbi-disease.yaml: spans.labels: missing"]),
        ({"kind": "word"}, ["tasks/ncbi-disease.yaml", "'spans'", "'relations'"]),
        ({"format": "iob"}, ["tasks/ncbi-disease.yaml: spans.format", "'conll', 'i2b2-2010'"]),
        ({"overlap": "longest"}, ["tasks/ncbi-disease.yaml: spans.overlap: unknown key"]),
        ({"name": "x"}, ["tasks/ncbi-disease.yaml: name: the study says it"]),
        ({"metric": "auc"}, ["datasets.ncbi.metric: 'auc' is not declared", "strict_f1"]),
    ],
)
def test_a_mistake_of_a_task_file_is_named_there(library, changes, messages):
    refused(study(), *messages, library=edited(library, **changes))


def test_every_mistake_is_reported_at_once():
    made = study(task="x")
    made["datasets"].append({"name": "other", "task": "y"})
    refused(made, "tasks/x.yaml: no such file", "tasks/y.yaml: no such file")


def test_a_task_file_that_is_no_map_is_an_error(library):
    (library / "tasks" / "ncbi-disease.yaml").write_text("- kind: spans\n")
    refused(study(), "ncbi-disease.yaml: expected keys and values", library=library)
    (library / "tasks" / "ncbi-disease.yaml").write_text("kind: spans\nkind: pairs\n")
    refused(study(), "ncbi-disease.yaml:2: key 'kind' stands twice", library=library)


def test_the_published_study_names_what_encoders_are_judged_on():
    config = yaml.safe_load((CONFIG / "paper.yaml").read_text(encoding="utf-8"))
    catalogue = load_catalogue(config, "paper.yaml", CONFIG)
    assert [entry.name for entry in catalogue.study.datasets] == [
        "i2b2-2010-entities", "i2b2-2010-assertions", "i2b2-2012", "n2c2-2018", "mednli",
        "ncbi-disease", "bc5cdr",
    ]  # fmt: skip
    *experiments, of_figure2 = catalogue.study.experiments
    assert of_figure2.name == "figure2-i2b2-2010-entities"
    assert [entry.dataset for entry in experiments] == [
        entry.name for entry in catalogue.study.datasets
    ]
    assert {tuple(entry.seeds) for entry in catalogue.study.experiments} == {(42, 43, 44, 45, 46)}
    free = [entry.name for entry in catalogue.study.datasets if not entry.data_use]
    assert free == ["ncbi-disease", "bc5cdr"]


def test_a_study_without_tasks_needs_no_folder_of_them(library):
    for path in (library / "tasks").iterdir():
        path.unlink()
    (library / "tasks").rmdir()
    without = {**STUDY, "datasets": []}
    assert load(without, library).study.datasets == []
    with pytest.raises(UserError, match=r"tasks/ncbi-disease\.yaml: no such file"):
        load(study(), library)
