"""What the jobs of experiments read and are asked for, as the study declares it."""

import json
import re
from pathlib import Path

import pytest
from rule_files import block, rules

from palimpsest.finetuning.config import KEPT_FILES
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


def kept(demo):
    """The demo, whose classifiers are kept."""
    entries = [
        entry.model_copy(update={"keep": entry.name == "dementia"})
        for entry in demo.study.experiments
    ]
    study = demo.study.model_copy(update={"experiments": entries})
    return type(demo)(study, models=demo.models)


def test_a_kept_model_is_of_a_finished_run_and_read_from_what_that_reads(demo):
    catalogue = kept(demo)
    run = run_of(catalogue, size="all")
    assert run.spec().keep and not run_of(demo, size="all").spec().keep
    assert not run_of(catalogue, size="100").spec().keep  # of a learning curve
    model = job(catalogue, "keep_model", **run.wildcards)
    reads = model.reads()
    stem = "<results>/predictions/dementia/minilm-l6/none/gold-bronze/all/seed0/run42"
    assert reads.pop("predictions") == f"{stem}.json"
    assert reads == run.reads() and model.spec_json() == run.spec_json()


def test_all_has_the_models_that_are_kept(demo):
    def models(catalogue):
        targets = job(catalogue, "all").reads()["targets"]
        return [path for path in targets if path.startswith("<results>/models/")]

    assert models(demo) == []
    found = models(kept(demo))
    experiment = demo.experiment("dementia")
    mixtures = [mixture.name for mixture in experiment.mixtures]
    stem = "<results>/models/dementia/minilm-l6/none"
    assert found == [
        f"{stem}/{mixture}/all/seed0/run{run}.json"
        for mixture in mixtures
        for run in experiment.seeds
    ]


def test_the_files_of_a_kept_model_are_outputs_of_its_rule():
    output = block(rules()["keep_model"], "output")
    assert re.findall(r"run\{run\}/(.+)\"", output) == list(KEPT_FILES)


def test_scores_are_of_all_runs_of_a_system(demo):
    names = {"experiment": "dementia", "model": "minilm-l6", "corpus": "none"}
    score = job(demo, "score", **names, mixture="gold", size="50")
    stem = "<results>/predictions/dementia/minilm-l6/none/gold/50/seed0/run"
    seeds = demo.experiment("dementia").seeds
    assert score.reads()["predictions"] == [f"{stem}{seed}.parquet" for seed in seeds]
    assert score.reads()["dataset"] == "<results>/datasets/gold.parquet"


def test_each_run_starts_from_a_checkpoint_of_its_own(demo):
    experiment = demo.experiment("entities")
    rows = [row.model_copy(update={"seeds": [7, 8, 9]}) for row in experiment.encoders]
    paired = experiment.model_copy(update={"encoders": rows, "seeds": [1, 2, 3]})
    study = demo.study.model_copy(update={"experiments": [paired]})
    names = {"experiment": "entities", "model": "minilm-l6", "corpus": "mixed"}
    score = job(type(demo)(study), "score", **names, mixture="entities", size="all")
    stem = "<results>/predictions/entities/minilm-l6/mixed/entities/all"
    assert score.reads()["predictions"] == [
        f"{stem}/seed7/run1.parquet", f"{stem}/seed8/run2.parquet", f"{stem}/seed9/run3.parquet",
    ]  # fmt: skip
    assert score.reads()["overlaps"] == [
        "<results>/overlap/dataset.entities/dataset.entities.parquet",
        "<results>/overlap/dataset.entities/corpus.mixed.parquet",
    ]


def test_what_is_trivial_is_scored_once_from_the_dataset_alone(demo):
    names = {"experiment": "entities", "model": "dictionary", "corpus": "none"}
    score = job(demo, "score", **names, mixture="entities", size="all")
    assert score.reads()["predictions"] == ["<results>/predictions/entities/dictionary.parquet"]
    predictor = job(demo, "predict_trivially", experiment="entities", model="dictionary")
    assert predictor.reads()["dataset"] == "<results>/datasets/entities.parquet"
    assert predictor.spec().predictor == "dictionary"


def test_a_table_reads_systems_in_the_order_of_its_rows_and_no_runs(demo):
    table = job(demo, "comparison_table", table="table2")
    corpora = [row.corpus for row in demo.experiment("entities").encoders]
    assert len(corpora) > 2
    assert [system.corpus for system in table.spec().systems] == [*corpora, "none"]
    assert table.reads()["scores"] == [
        *(f"<results>/scores/entities/minilm-l6/{name}/entities/all.parquet" for name in corpora),
        "<results>/scores/entities/dictionary/none/entities/all.parquet",
    ]


def test_a_learning_curve_reads_sizes_only_of_what_has_the_dataset(demo):
    figure = demo.figure("figure3").model_copy(update={"mixtures": ["silver", "gold"]})
    study = demo.study.model_copy(update={"figures": [figure]})
    catalogue = type(demo)(study, models=demo.models)
    systems = job(catalogue, "figure", figure="figure3").spec().systems
    assert [(system.mixture, system.size) for system in systems] == [
        ("silver", "all"), ("gold", "all"), ("gold", "50"), ("gold", "100"), ("gold", "200"),
        ("gold", "all"),
    ]  # fmt: skip
    assert [system.model for system in systems][-2:] == ["minilm-l6", "majority"]


def test_no_command_of_a_large_study_is_long(demo):
    """80 encoders on 2 mixtures and a trivial one: 161 systems, however many runs each has."""
    experiment = demo.experiment("dementia")
    (row,) = experiment.encoders
    rows = [row.model_copy(update={"corpus": f"some-llm-7b-prompt-{n}"}) for n in range(80)]
    large = experiment.model_copy(update={"encoders": rows, "mixtures": experiment.mixtures[:2]})
    study = demo.study.model_copy(update={"experiments": [large]})
    catalogue = type(demo)(study, models=demo.models)
    table = job(catalogue, "comparison_table", table="table3")
    assert len(table.reads()["scores"]) == 161
    assert len(" ".join(table.reads()["scores"])) + len(table.spec_json()) < 100_000
