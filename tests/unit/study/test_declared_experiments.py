"""What a study declares of experiments is refused where it does not fit, by key and reason."""

import copy

import pytest
from declared import load, refused

from palimpsest.study.catalogue import named

LLM = "smollm2-135m-instruct"
RECIPE = {"epochs": 1, "batch_size": 8, "learning_rate": 0.001}
BUDGET = {"train": 50, "valid": 20, "test": 80}
GENERATED = {"made_by": "generator", "source": "hospital", "examples": BUDGET}
STUDY = {
    "results": "results",
    "seed": 1,
    "splits": {"train": 0.6, "valid": 0.2, "test": 0.2},
    "sources": [{"name": "hospital", "kind": "generated", "patients": 9}],
    "passages": {"tokenizer": LLM},
    "corpora": [
        {"name": "original", "parts": [{"kind": "notes", "source": "hospital", "tokens": 9}]}
    ],
    "tokenizers": [{"name": "clinical-bpe", "source": "hospital", "vocab_size": 400}],
    "datasets": [
        {"name": "gold", "kind": "sentences", "taxonomy": "alzheimers", **GENERATED},
        {"name": "homes", "kind": "sentences", "taxonomy": "social-determinants", **GENERATED},
        {"name": "entities", "kind": "spans", "labels": ["problem"], **GENERATED},
        {
            "name": "bronze",
            "kind": "sentences",
            "made_by": "llm_writes",
            "taxonomy": "alzheimers",
            "llm": LLM,
            "write": "write-sentence",
            "requests": 8,
            "keep": 4,
        },
    ],
    "experiments": [
        {
            "name": "dementia",
            "dataset": "gold",
            "encoders": [{"encoder": "minilm-l6", "corpus": "none"}],
            "mixtures": [
                {"name": "gold", "phases": [[{"dataset": "gold"}]]},
                {
                    "name": "all",
                    "phases": [
                        [{"dataset": "bronze", "weight": 0.5}],
                        [{"dataset": "gold"}, {"dataset": "bronze"}],
                    ],
                },
            ],
            "finetuning": RECIPE,
            "seeds": [1],
        },
        {
            "name": "tags",
            "dataset": "entities",
            "encoders": [
                {"encoder": "minilm-l6", "corpus": "none"},
                {"encoder": "minilm-l6", "corpus": "original", "seeds": [0, 1]},
            ],
            "finetuning": RECIPE,
            "seeds": [1, 2],
        },
    ],
    "tables": [
        {"name": "t2", "kind": "comparison", "experiments": ["tags"]}
        | {"baseline": {"corpus": "none"}},
        {"name": "t4", "kind": "comparison", "experiments": ["dementia"], "by": "label"}
        | {"baseline": {"mixture": "gold"}, "metrics": ["f1"]},
    ],
    "figures": [
        {"name": "f3", "kind": "learning_curve", "experiment": "dementia"}
        | {"mixtures": ["gold", "all"], "sizes": [10, 50]}
    ],
}


@pytest.fixture
def study():
    return copy.deepcopy(STUDY)


def change(study, path, value):
    """Set the value at a dotted path, or delete it when the value is `...`."""
    *folders, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in folders:
        study = study[part]
    if value is ...:
        del study[last]
    else:
        study[last] = value


def test_an_experiment_is_found_with_its_mixtures(study):
    catalogue = load(study)
    assert set(catalogue.models) == {"minilm-l6"}
    assert named(catalogue.experiment("dementia").mixtures, "all").datasets() == ["bronze", "gold"]


def test_without_mixtures_the_dataset_is_trained_on_alone(study):
    (mixture,) = load(study).experiment("tags").mixtures
    assert (mixture.name, mixture.datasets()) == ("entities", ["entities"])


def test_a_table_of_one_system_needs_no_baseline(study):
    del study["experiments"][1]["encoders"][1], study["tables"][0]["baseline"]
    assert load(study).table("t2").baseline.encoder is None


PARTS = "experiments.0.mixtures.1.phases.0"
MISTAKES = [
    # path, value, what the message must hold
    ("experiments.0.dataset", "bronze", ["dementia.dataset: 'bronze' is not declared", "'gold'"]),
    ("experiments.0.dataset", ..., ["experiments.0.dataset: missing"]),
    ("experiments.0.encoders", [], ["experiments.0.encoders", "at least 1 item"]),
    ("experiments.0.encoders.0.encoder", "bert", ["models/bert.yaml: no such file"]),
    ("experiments.0.encoders.0.corpus", "all", ["dementia.encoders.corpus: 'all' is not declared"]),
    ("experiments.0.encoders.0.seeds", [1], ["'minilm-l6' as published has no seeds"]),
    ("experiments.1.encoders.1.seeds", [-1], ["encoders.1.seeds.0", "greater than or equal to 0"]),
    ("experiments.1.encoders.1.seeds", [1, 2, 3], ["has 3 seeds, expected one, or"]),
    ("experiments.1.seeds", [4, 4], ["experiments.1.seeds", "expected each seed once"]),
    ("experiments.1.seeds.0", 2**32, ["experiments.1.seeds.0", "less than 4294967296"]),
    ("experiments.1.encoders.1.corpus", "none", ["encoders: 'minilm-l6 on none' is declared 2"]),
    ("experiments.1.seeds", [], ["experiments.1.seeds", "at least 1 item"]),
    ("experiments.1.name", "dementia", ["experiments: 'dementia' is declared 2 times"]),
    ("experiments.1.finetuning.precision", "int8", ["finetuning.precision", "'bfloat16'"]),
    ("experiments.1.finetuning.learning_rate", float("inf"), ["finetuning.learning_rate"]),
    ("experiments.0.mixtures", [], ["experiments.0.mixtures", "at least 1 item"]),
    ("experiments.0.mixtures.1.name", "gold", ["mixtures: 'gold' is declared 2 times"]),
    (f"{PARTS}.0.dataset", "copper", ["mixtures.all: 'copper' is not declared", "'bronze'"]),
    (f"{PARTS}.0.dataset", "homes", ["'homes' has sentences with the labels", "of 'gold'"]),
    (f"{PARTS}.0.dataset", "entities", ["'entities' has spans", "expected those of 'gold'"]),
    (f"{PARTS}", [{"dataset": "gold"}] * 2, ["mixtures.all: a phase: 'gold' is declared 2 times"]),
    (f"{PARTS}.0.weight", 0, ["weight", "greater than 0"]),
    (PARTS, [], ["phases.0", "at least 1 item"]),
    ("tables.0.experiments", ["x"], ["tables.t2.experiments: 'x' is not declared"]),
    ("tables.0.experiments", ["tags"] * 2, ["tables.t2.experiments: 'tags' is declared 2 times"]),
    ("tables.0.baseline", {}, ["t2.baseline: fits 2 of the systems of experiment 'tags'"]),
    ("tables.0.baseline.corpus", "x", ["t2.baseline: fits 0 of the systems", "expected one"]),
    ("tables.0.by", "patient", ["tables.0.comparison.by", "'label'"]),
    ("tables.0.metrics", ["f1"], ["tables.t2.metrics: 'f1' is not declared", "'strict_f1'"]),
    ("tables.1.metrics", ["micro_f1"], ["t4.metrics: 'micro_f1' is not declared", "'recall'"]),
    ("tables.1.kind", "categories", ["tables.1", "'comparison'"]),
    ("figures.0.experiment", "x", ["figures.f3.experiment: 'x' is not declared"]),
    ("figures.0.mixtures", ["silver"], ["figures.f3.mixtures: 'silver' is not declared"]),
    ("figures.0.mixtures", ["gold", "gold"], ["f3.mixtures: 'gold' is declared 2 times"]),
    ("figures.0.kind", ..., ["figures.0", "'kind'"]),
    ("figures.0.kind", "perplexity", ["figures.0.perplexity.model: missing"]),
    ("figures.0.name", "plan", ["the name 'plan' is reserved"]),
    ("tables.0.name", "README", ["the name 'README' is reserved"]),
    ("figures.0.sizes", [50, 10], ["figures.0", "expected rising sizes, found [50, 10]"]),
    ("figures.0.sizes", [10, 51], ["f3.sizes: 51 is more than the 50 train examples of 'gold'"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    MISTAKES,
    ids=[f"{path}={value}"[:60] for path, value, _ in MISTAKES],
)
def test_a_mistake_is_named_with_its_key_and_what_was_expected(study, path, value, wanted):
    change(study, path, value)
    refused(study, *wanted)


def test_a_decoder_is_not_fine_tuned(study):
    study["experiments"][0]["encoders"][0]["encoder"] = "llama-130k"
    refused(study, "dementia.encoders: 'llama-130k' is a decoder, expected an encoder")
