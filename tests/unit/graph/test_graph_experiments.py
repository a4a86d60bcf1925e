"""What the jobs of experiments read and are asked for, as the study declares it."""

import json
from pathlib import Path

import pytest

from palimpsest.graph import job_of
from palimpsest.study.files import read_yaml
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def demo():
    return load_catalogue(read_yaml(CONFIG / "config.yaml"), "config.yaml", CONFIG)


def job(catalogue, rule, **wildcards):
    return job_of(rule, catalogue, wildcards.items())


def run_of(catalogue, mixture="gold-bronze", size="100", **changes):
    names = {"experiment": "dementia", "model": "minilm-l6", "corpus": "none"}
    names |= {"mixture": mixture, "size": size, "seed": "0", "run": "42"} | changes
    return job(catalogue, "finetune", **names)


def test_a_run_reads_its_encoder_and_the_datasets_of_its_mixture(demo):
    reads = run_of(demo).reads()
    assert reads["encoder"] == "<results>/weights/minilm-l6.json"
    assert reads["datasets"] == [
        "<results>/datasets/gold.parquet", "<results>/datasets/bronze.parquet",
    ]  # fmt: skip
    adapted = run_of(demo, "entities", "all", experiment="entities", corpus="mixed", seed="0")
    assert adapted.reads()["encoder"] == "<results>/checkpoints/minilm-l6/mixed/seed0.json"
    assert adapted.reads()["datasets"] == ["<results>/datasets/entities.parquet"]


def test_a_run_depends_on_its_phases_and_recipe_and_on_no_name_of_its_experiment(demo):
    spec = json.loads(run_of(demo).spec_json())
    assert spec.pop("wildcards")["experiment"] == "dementia"
    assert set(spec) == {"dataset", "phases", "size", "finetuning", "seed", "keep"}
    assert spec["phases"] == [
        [{"dataset": "bronze", "weight": 1.0}], [{"dataset": "gold", "weight": 1.0}],
    ]  # fmt: skip
    assert (spec["size"], spec["seed"]) == ("100", 42)


def test_scores_are_of_all_runs_of_a_system(demo):
    names = {"experiment": "dementia", "model": "minilm-l6", "corpus": "none"}
    score = job(demo, "score", **names, mixture="gold", size="50")
    stem = "<results>/predictions/dementia/minilm-l6/none/gold/50/seed0/run"
    assert score.reads()["predictions"] == [f"{stem}42.parquet", f"{stem}43.parquet"]
    assert score.reads()["dataset"] == "<results>/datasets/gold.parquet"


def test_a_table_reads_systems_in_the_order_of_its_rows_and_no_runs(demo):
    table = job(demo, "comparison_table", table="table2")
    corpora = ["none", "original", "wikipedia", "medical", "explain", "mixed"]
    assert [system.corpus for system in table.spec().systems] == corpora
    assert table.reads()["scores"] == [
        f"<results>/scores/entities/minilm-l6/{corpus}/entities/all.parquet" for corpus in corpora
    ]


def test_a_learning_curve_reads_sizes_only_of_what_has_the_dataset(demo):
    figure = demo.figure("figure3").model_copy(update={"mixtures": ["silver", "gold"]})
    study = demo.study.model_copy(update={"figures": [figure]})
    catalogue = type(demo)(study, models=demo.models)
    systems = job(catalogue, "figure", figure="figure3").spec().systems
    assert [(system.mixture, system.size) for system in systems] == [
        ("silver", "all"), ("gold", "all"), ("gold", "50"), ("gold", "100"), ("gold", "200"),
    ]  # fmt: skip


def test_no_command_of_a_large_study_is_long(demo):
    """80 encoders on 2 mixtures: 160 systems, however many runs each has."""
    experiment = demo.experiment("dementia")
    (row,) = experiment.encoders
    rows = [row.model_copy(update={"corpus": f"some-llm-7b-prompt-{n}"}) for n in range(80)]
    large = experiment.model_copy(update={"encoders": rows, "mixtures": experiment.mixtures[:2]})
    study = demo.study.model_copy(update={"experiments": [large]})
    catalogue = type(demo)(study, models=demo.models)
    table = job(catalogue, "comparison_table", table="table3")
    assert len(table.reads()["scores"]) == 160
    assert len(" ".join(table.reads()["scores"])) + len(table.spec_json()) < 100_000
