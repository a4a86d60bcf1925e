"""Which places the check of patients reads, what waits for it, and which overlaps are measured."""

import json
from pathlib import Path

import pytest

from palimpsest.graph import Data, job_of
from palimpsest.graph.leaks import all_pairs, pairs_of_system
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
    ]  # fmt: skip
    assert reads["datasets"] == [
        "<results>/datasets/entities.parquet", "<results>/datasets/gold.parquet",
    ]  # fmt: skip
    spec = json.loads(check.spec_json())
    assert [entry["name"] for entry in spec["evaluations"]] == [
        "discharge-summaries", "radiology-reports", "valid-notes",
    ]  # fmt: skip
    assert spec["sources"] == {"hospital": None, "memory-clinic": None}


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
    "label_requests": {"dataset": "silver", "prompt": "label-sentence"},
    "check_requests": {"dataset": "silver", "prompt": "check-label"},
    "mix_corpus": {"corpus": "mixed"},
    "train_tokenizer": {"tokenizer": "clinical-bpe"},
    "finetune": {**SYSTEM, "size": "all", "seed": "0", "run": "42"},
    "score_decoder": {"model": "llama-1m", "corpus": "mixed", "seed": "0"}
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
    adapted = {row.corpus for row in demo.experiment("entities").encoders} - {"none"}
    expected = {("dataset.entities", f"corpus.{name}") for name in adapted}
    expected |= {("dataset.entities", "dataset.entities")}
    expected |= {("dataset.gold", f"dataset.{name}") for name in ("gold", "silver", "bronze")}
    for evaluation in ("discharge-summaries", "radiology-reports"):
        corpora = [*figure.corpora, *figure.references]
        expected |= {(f"evaluation.{evaluation}", f"corpus.{name}") for name in corpora}
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
