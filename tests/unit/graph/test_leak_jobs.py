"""Which places the check of patients reads, what waits for it, and which overlaps are measured."""

import json
from pathlib import Path

import pytest

from palimpsest.graph import Data, job_of
from palimpsest.graph.leaks import all_pairs, pairs_of_system
from palimpsest.runtime.errors import UserError
from palimpsest.study.files import read_yaml
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
LLM = "smollm2-135m-instruct"


@pytest.fixture(scope="module")
def demo():
    return load_catalogue(read_yaml(CONFIG / "config.yaml"), "config.yaml", CONFIG)


def job(catalogue, rule, **wildcards):
    return job_of(rule, catalogue, wildcards.items())


def test_the_check_reads_all_notes_and_all_datasets_that_no_llm_makes(demo):
    check = job(demo, "check_splits")
    reads = check.reads()
    assert reads["notes"] == [
        "<results>/notes/hospital.parquet", "<results>/notes/memory-clinic.parquet",
        "<results>/notes/case-reports.parquet",
    ]  # fmt: skip
    assert reads["datasets"] == [
        "<results>/datasets/entities.parquet", "<results>/datasets/gold.parquet",
    ]  # fmt: skip
    spec = json.loads(check.spec_json())
    assert [entry["name"] for entry in spec["evaluations"]] == [
        "discharge-summaries", "radiology-reports", "valid-notes",
    ]  # fmt: skip
    assert spec["sources"] == dict.fromkeys(["hospital", "memory-clinic", "case-reports"])


def test_collections_with_ids_of_their_own_say_whose_they_are():
    paper = load_catalogue(read_yaml(CONFIG / "paper.yaml"), "paper.yaml", CONFIG)
    assert job(paper, "check_splits").spec().sources == {
        "mimic-iii": "mimic-iii",
        "mimic-iv-discharge": "mimic-iv",
        "mimic-iv-radiology": "mimic-iv",
        "asclepius": "asclepius",
    }


SHARD = "000-of-001"
SYSTEM = {"experiment": "entities", "model": "minilm-l6", "corpus": "none", "mixture": "entities"}
WAIT = {
    "rephrase_requests": {"source": "hospital", "prompt": "medical", "shard": SHARD},
    "rephrase_in_context": {"source": "hospital", "prompt": "medical", "context": "patient"}
    | {"shard": SHARD},
    "label_requests": {"dataset": "silver", "prompt": "label-sentence"},
    "check_requests": {"dataset": "silver", "prompt": "check-label"},
    "mix_corpus": {"corpus": "mixed"},
    "train_tokenizer": {"tokenizer": "clinical-bpe"},
    "finetune": {**SYSTEM, "size": "all", "seed": "0", "run": "42"},
    "token_losses": {"model": "llama-130k", "corpus": "mixed", "seed": "0"}
    | {"evaluation": "radiology-reports"},
}


@pytest.mark.parametrize("rule", WAIT)
def test_what_asks_or_trains_waits_for_the_check(demo, rule):
    checked = job(demo, rule, **WAIT[rule]).reads()["checked"]
    # Below an ancient input that is made again, Snakemake would miss other edits.
    assert checked == "<results>/splits.json" and not isinstance(checked, Data)


def test_a_system_is_held_against_its_datasets_and_its_corpus(demo):
    assert pairs_of_system(demo, "dementia", "none", "gold-bronze") == [
        ("dataset.gold", "dataset.bronze"), ("dataset.gold", "dataset.gold"),
    ]  # fmt: skip
    assert pairs_of_system(demo, "entities", "mixed", "entities") == [
        ("dataset.entities", "dataset.entities"), ("dataset.entities", "corpus.mixed"),
    ]  # fmt: skip


def test_every_test_set_is_held_against_all_that_it_is_judged_with(demo):
    figure = demo.figure("figure1")
    experiments = [demo.experiment(name) for name in ("entities", "figure2-entities")]
    adapted = {row.corpus for entry in experiments for row in entry.encoders} - {"none"}
    expected = {("dataset.entities", f"corpus.{name}") for name in adapted}
    expected |= {("dataset.entities", "dataset.entities")}
    expected |= {("dataset.gold", f"dataset.{name}") for name in ("gold", "silver", "bronze")}
    for evaluation in ("discharge-summaries", "radiology-reports"):
        corpora = [*figure.corpora, *figure.references]
        expected |= {(f"evaluation.{evaluation}", f"corpus.{name}") for name in corpora}
    budgets = {row.corpus for row in experiments[1].encoders} - {"none"}
    expected |= {("evaluation.discharge-summaries", f"corpus.{name}") for name in budgets}
    pairs = all_pairs(demo)
    assert len(pairs) == len(set(pairs)) and set(pairs) == expected
    read = job(demo, "overlap_table").reads()["overlaps"]
    assert read[0] == "<results>/overlap/dataset.entities/dataset.entities.parquet"
    assert len(read) == len(pairs)


def test_an_overlap_reads_what_its_names_say(demo):
    read = job(
        demo, "measure_overlap", judged="evaluation.radiology-reports", trained="corpus.mixed"
    )
    assert read.reads()["judged"] == "<results>/notes/hospital.parquet"
    assert read.reads()["trained"] == "<results>/corpora/mixed.parquet"
    assert read.spec().evaluation.name == "radiology-reports"
    other = job(demo, "measure_overlap", judged="dataset.gold", trained="dataset.silver")
    assert other.reads()["judged"] == "<results>/datasets/gold.parquet"
    assert other.reads()["trained"] == "<results>/datasets/silver.parquet"
    assert other.spec().evaluation is None


def duplicates_declared(value, **declared):
    study = read_yaml(CONFIG / "config.yaml")
    study["duplicates"] = {"handling": "dropped", **declared}
    return load_catalogue(study | value, "config.yaml", CONFIG)


NOTES = {
    "cut_passages": {"source": "hospital", "shard": SHARD},
    "check_splits": {},
    "token_losses": WAIT["token_losses"],
    "choose_candidates": {"dataset": "silver"},
    "screen_sentences": {"dataset": "bronze"},
    "collect_examples": {"dataset": "gold"},
    "measure_overlap": {"judged": "evaluation.radiology-reports", "trained": "corpus.mixed"},
    "corpus_table": {"table": "table1"},
}


@pytest.mark.parametrize("rule", NOTES)
def test_everything_is_made_of_notes_without_duplicates_where_these_are_declared(demo, rule):
    def read(catalogue):
        inputs = job(catalogue, rule, **NOTES[rule]).reads().values()
        paths = {
            path for given in inputs for path in ([given] if isinstance(given, str) else given)
        }
        return {path.split("/")[1] for path in paths} & {"notes", "distinct"}

    assert read(demo) == {"notes"}
    assert read(duplicates_declared({})) == {"distinct"}


def test_duplicates_are_looked_for_in_notes_as_they_were_read():
    catalogue = duplicates_declared({}, match="exact")
    found = job(catalogue, "find_duplicates")
    assert found.reads()["notes"] == [
        "<results>/notes/hospital.parquet", "<results>/notes/memory-clinic.parquet",
        "<results>/notes/case-reports.parquet",
    ]  # fmt: skip
    spec = found.spec()
    assert (spec.similarity, spec.handling) == (None, "dropped")
    assert [(source.name, source.joins) for source in spec.sources] == [
        ("hospital", False), ("memory-clinic", False), ("case-reports", False),
    ]  # fmt: skip
    assert job(duplicates_declared({}), "find_duplicates").spec().similarity == 0.8
    dropped = job(catalogue, "drop_duplicates", source="hospital").reads()
    assert dropped["notes"] == "<results>/notes/hospital.parquet"
    assert dropped["decisions_manifest"] == "<results>/duplicates.json"


def test_duplicates_are_counted_where_notes_are_read_or_it_is_declared(demo):
    def wanted(catalogue):
        return "<results>/duplicates.csv" in job(catalogue, "all").reads()["targets"]

    assert not wanted(demo) and wanted(duplicates_declared({}))
    assert wanted(load_catalogue(read_yaml(CONFIG / "paper.yaml"), "paper.yaml", CONFIG))
    assert job(demo, "find_duplicates").spec().handling is None


def test_patients_of_sources_with_other_shares_cannot_be_put_into_one_split():
    study = read_yaml(CONFIG / "config.yaml")
    study["sources"][1]["splits"] = {"train": 1, "valid": 0, "test": 0}
    study["duplicates"] = {"handling": "one_split"}
    with pytest.raises(UserError, match="duplicates.handling: the sources .* different `splits`"):
        load_catalogue(study, "config.yaml", CONFIG)
