"""What a study declares of datasets is rejected where it does not fit, by key and reason."""

import copy
import shutil

import pytest
import yaml
from declared import load, refused

LLM = "smollm2-135m-instruct"
BUDGET = {"train": 50, "valid": 20, "test": 80}
FILES = {split: f"{split}.tsv" for split in BUDGET}
STUDY = {
    "results": "results",
    "seed": 1,
    "splits": {"train": 0.6, "valid": 0.2, "test": 0.2},
    "sources": [
        {"name": "hospital", "kind": "generated", "patients": 9},
        {
            "name": "clinic",
            "kind": "table",
            "paths": ["notes.csv"],
            "columns": {"text": "t", "note_id": "n", "patient_id": "p"},
            "category": "Visit",
        },
        {
            "name": "held-out",
            "kind": "generated",
            "patients": 9,
            "splits": {"train": 0, "valid": 0, "test": 1},
        },
    ],
    "passages": {"tokenizer": LLM},
    "datasets": [
        {"name": "gold", "kind": "sentences", "made_by": "generator", "taxonomy": "alzheimers"}
        | {"source": "hospital", "examples": BUDGET},
        {"name": "homes", "kind": "sentences", "made_by": "experts"}
        | {"taxonomy": "social-determinants", "files": ["experts.jsonl"], "examples": BUDGET},
        {"name": "silver", "kind": "sentences", "made_by": "llm_labels", "taxonomy": "alzheimers"}
        | {"source": "clinic", "llm": LLM, "sentences": 30, "label": "label-sentence"}
        | {"candidates": {"by": "embedding", "encoder": "minilm-l6", "random_share": 0.3}}
        | {"check": "check-label"},
        {"name": "bronze", "kind": "sentences", "made_by": "llm_writes", "taxonomy": "alzheimers"}
        | {"llm": LLM, "write": "write-sentence", "check": "check-label", "requests": 8, "keep": 4},
        {"name": "entities", "kind": "spans", "made_by": "generator", "source": "hospital"}
        | {"labels": ["problem", "test"], "examples": BUDGET},
        {"name": "ncbi", "kind": "spans", "made_by": "experts", "labels": ["Disease"]}
        | {"files": FILES, "examples": BUDGET, "leave_out": ["x"]},
        {"name": "inference", "kind": "pairs", "made_by": "experts", "format": "table"}
        | {"files": ["pairs.csv"], "labels": ["yes", "no"]}
        | {"columns": {"text": "a", "second": "b", "labels": "c"}},
        {"name": "links", "kind": "relations", "made_by": "experts", "format": "i2b2-2010"}
        | {"files": ["notes"], "labels": ["TrAP", "none"], "none_label": "none"}
        | {"pairs": [["treatment", "problem"]]},
        {"name": "negation", "kind": "assertion", "made_by": "experts", "format": "brat"}
        | {"files": ["ann"], "labels": ["negated"], "attribute": "Negation"},
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


def test_a_study_without_corpora_or_rephrasings_loads(study):
    catalogue = load(study)
    assert catalogue.study.corpora == [] and catalogue.prompts == {}
    assert sorted(catalogue.taxonomies) == ["alzheimers", "social-determinants"]
    assert set(catalogue.category_prompts) == {"label-sentence", "check-label", "write-sentence"}
    assert set(catalogue.models) == {"minilm-l6"} and set(catalogue.llms) == {LLM}
    assert catalogue.dataset("bronze").keep == 4
    assert catalogue.labels("entities") == ["problem", "test"]
    assert catalogue.labels("gold") == catalogue.taxonomies["alzheimers"].labels()
    assert catalogue.taxonomy("homes").title == catalogue.taxonomies["social-determinants"].title
    assert catalogue.missing_files() == [
        "source 'clinic': notes.csv",
        "dataset 'homes': experts.jsonl",
        "dataset 'ncbi': train.tsv",
        "dataset 'ncbi': valid.tsv",
        "dataset 'ncbi': test.tsv",
        "dataset 'inference': pairs.csv",
        "dataset 'links': notes",
        "dataset 'negation': ann",
    ]


def test_only_taxonomies_that_the_study_names_are_read(study, library):
    (library / "taxonomies" / "other.yaml").write_text("title: 3\n")
    assert "other" not in load(study, library).taxonomies
    study["datasets"][0]["taxonomy"] = "other"
    refused(study, "other.yaml: title", "other.yaml: categories: missing", library=library)


def test_the_llms_asked_are_those_of_rephrasings_and_sets(study, library):
    for name in ("one", "two"):
        shutil.copy(library / f"llms/{LLM}.yaml", library / f"llms/{name}.yaml")
    study["rephrasings"] = [
        {"source": "hospital", "llms": ["one"], "prompts": ["medical"], "tokens": 9}
    ]
    study["datasets"][3]["llm"] = "two"
    catalogue = load(study, library)
    assert catalogue.asked_llms() == ["one", LLM, "two"]
    assert {(use.kind, use.prompt) for use in catalogue.uses()} == {
        ("rephrase", "medical"),
        ("label", "label-sentence"),
        ("check", "check-label"),
        ("write", "write-sentence"),
    }


MISTAKES = [
    # path, value, what the message must hold
    ("datasets.0.taxonomy", "alzheimer", ["alzheimer.yaml: no such file", "'alzheimers'"]),
    ("datasets.0.taxonomy", "../x", ["datasets.0.sentences.generator.taxonomy", "pattern"]),
    ("datasets.0.source", "ward", ["datasets.gold.source: 'ward' is not declared", "'hospital'"]),
    ("datasets.0.source", "clinic", ["'clinic' carry no gold sentences", "'made_by: experts'"]),
    ("datasets.4.source", "clinic", ["'clinic' carry no gold spans; expected a generated source"]),
    ("datasets.0.source", "held-out", ["'held-out' has no 'train' patients", "no 'valid'"]),
    ("datasets.0.source", ..., ["datasets.0.sentences.generator.source: missing"]),
    ("datasets.0.files", ["a.csv"], ["datasets.0.sentences.generator.files: unknown key"]),
    ("datasets.1.source", "hospital", ["datasets.1.sentences.experts.source: unknown key"]),
    ("datasets.0.examples.valid", 0, ["generator.examples.valid", "greater than 0"]),
    ("datasets.0.kind", "words", ["datasets.0", "'words'", "'spans'", "'sentences'"]),
    ("datasets.0.kind", ..., ["datasets.0", "'kind'"]),
    ("datasets.0.made_by", ..., ["datasets.0", "'made_by'"]),
    ("datasets.0.made_by", "us", ["datasets.0.sentences", "'us'", "'experts'", "'llm_writes'"]),
    ("datasets.4.made_by", "llm_labels", ["datasets.4.spans", "'generator'", "'experts'"]),
    ("datasets.4.labels", [], ["datasets.4.spans.generator.labels", "at least 1 item"]),
    ("datasets.5.files.train", ..., ["datasets.5.spans.experts.files.train: missing"]),
    ("datasets.5.files.valid", ..., ["spans.experts.files", "expected 'valid', or 'valid_share'"]),
    ("datasets.5.files.valid_share", 0.1, ["expected 'valid', or 'valid_share' where no files"]),
    ("datasets.5.files.valid", "test.tsv", ["files: expected different files in each split"]),
    ("datasets.5.files", [], ["datasets.5.spans.experts.files: List should have at least 1"]),
    ("datasets.5.files.all", "a.txt", ["experts.files.listed: missing", "files.train: unknown"]),
    ("datasets.5.format", "xml", ["datasets.5.spans.experts.format", "'conll', 'i2b2-2010'"]),
    ("datasets.5.discontinuous", "hull", ["format 'conll' has no use for ['discontinuous']"]),
    ("datasets.5.overlaps", "all", ["overlaps", "'longest', 'first' or 'reject'"]),
    ("datasets.5.patient", "(a)(b)", ["'patient': expected exactly one group, found 2"]),
    ("datasets.5.patient", "(", ["'(' is not a regular expression"]),
    ("datasets.5.rename", {"x": "Disease"}, ["['x'] are renamed and left out"]),
    ("datasets.5.rename", {"y": "Gene"}, ["'rename' leads to ['Gene'], expected some of ['Dis"]),
    ("datasets.5.labels", ["Disease"] * 2, ["datasets.ncbi.labels: 'Disease' is declared 2"]),
    ("datasets.5.metric", "accuracy", ["datasets.ncbi.metric: 'accuracy' is not declared", "f1"]),
    ("datasets.5.encoding", "utf-16", ["datasets.5.spans.experts.encoding: encoding 'utf-16'"]),
    ("datasets.6.columns", ..., ["datasets.6", "format 'table' needs ['columns']"]),
    ("datasets.6.columns.second", ..., ["datasets.6", "'columns' needs ['second']"]),
    ("datasets.6.answer", "number", ["expected 'labels', or 'answer: number' without labels"]),
    ("datasets.7.none_label", "x", ["'none_label' is 'x', expected one of ['TrAP', 'none']"]),
    ("datasets.7.pairs", [["a", "b", "c"]], ["datasets.7.relations.pairs.0"]),
    ("datasets.8.attribute", ..., ["datasets.8", "format 'brat' needs 'attribute'"]),
    ("datasets.8.unmarked", "x", ["'unmarked' is 'x', expected one of ['negated']"]),
    ("datasets.8.source", "hospital", ["datasets.8.assertion.experts.source: unknown key"]),
    ("datasets.0.name", "hospital", ["sources, datasets and judges: 'hospital' is declared 2"]),
    ("datasets.1.name", "gold", ["study.yaml: datasets: 'gold' is declared 2 times, expected"]),
    ("datasets.2.source", "ward", ["datasets.silver.source: 'ward' is not declared"]),
    ("datasets.2.source", "held-out", ["datasets.silver.source: source 'held-out' has no 'train'"]),
    ("datasets.2.llm", "gpt", ["llms/gpt.yaml: no such file"]),
    ("datasets.2.label", "wiki", ["prompts/wiki.yaml: no such file", "'label-sentence'"]),
    ("datasets.2.label", "medical", ["medical.yaml: lead_in: unknown key"]),
    ("datasets.2.label", "check-label", ["'check-label' is used to label and to check"]),
    ("datasets.2.label", "write-sentence", ["'write-sentence' is used to label and to write"]),
    ("datasets.3.write", "label-sentence", ["'label-sentence' is used to label and to write"]),
    ("datasets.2.candidates.by", "luck", ["llm_labels.candidates", "'keywords'", "'embedding'"]),
    ("datasets.2.candidates.encoder", ..., ["candidates.embedding.encoder: missing"]),
    ("datasets.2.candidates.encoder", "bert", ["models/bert.yaml: no such file"]),
    ("datasets.2.candidates.random_share", 1.5, ["random_share", "less than or equal to 1"]),
    ("datasets.2.rationale", True, ["datasets.2", "'calibration: false'"]),
    ("datasets.2.compare", "homes", ["datasets.silver.compare: 'homes'", "there are ['gold']"]),
    ("datasets.2.compare", "bronze", ["datasets.silver.compare: 'bronze' is no dataset of"]),
    ("datasets.2.compare", "entities", ["taxonomy 'alzheimers' by experts or the generator"]),
    ("datasets.2.shots", -1, ["llm_labels.shots", "greater than or equal to 0"]),
    ("datasets.2.treshold", 1, ["datasets.2.sentences.llm_labels.treshold: unknown key"]),
    ("datasets.3.keep", 9, ["datasets.3", "keep 9 is more than requests 8"]),
    ("datasets.3.near_duplicate", 1.2, ["llm_writes.near_duplicate"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    MISTAKES,
    ids=[f"{path}={value}"[:60] for path, value, _ in MISTAKES],
)
def test_a_mistake_is_named_with_its_key_and_what_was_expected(study, path, value, wanted):
    change(study, path, value)
    refused(study, *wanted)


def test_files_or_a_column_say_the_split_and_not_both(study):
    study["datasets"][6]["columns"]["split"] = "part"
    assert load(study).dataset("inference").columns.split == "part"
    study["datasets"][6]["files"] = FILES
    refused(study, "'columns.split' goes with a list of 'files', which say no split")


def test_a_prompt_that_rephrases_does_not_label(study):
    study["rephrasings"] = [
        {"source": "hospital", "llms": [LLM], "prompts": ["check-label"], "tokens": 9}
    ]
    refused(study, "prompt 'check-label' is used to rephrase and to check; expected a prompt for")


def test_a_decoder_does_not_choose_candidates(study, library):
    study["tokenizers"] = [{"name": "clinical-bpe", "source": "hospital", "vocab_size": 400}]
    study["datasets"][2]["candidates"]["encoder"] = "llama-130k"
    refused(
        study,
        "datasets.silver.candidates.encoder: 'llama-130k' is a decoder, expected an encoder",
    )


def test_a_rationale_goes_with_answers_that_are_not_calibrated(study):
    study["datasets"][2] |= {"rationale": True, "calibration": False}
    assert load(study).dataset("silver").rationale


PROMPTS = [
    # prompt, the texts, what the message must hold
    ("label-sentence", {"user": "{title}?"}, "cannot label: expected '{sentence}' in 'user'"),
    (
        "label-sentence",
        {"system": "{sentence}", "user": "{title}?"},
        "datasets.silver.label: prompt 'label-sentence' cannot label: expected '{sentence}' in",
    ),
    ("check-label", {"user": "{sentence}"}, "cannot check: expected '{title}' or '{definition}'"),
    (
        "check-label",
        {"user": "{title} {conditions} {sentence}"},
        "bronze.check: prompt 'check-label' cannot check: '{conditions}' stands for nothing",
    ),
    ("write-sentence", {"user": "{title}"}, "cannot write: expected '{conditions}' in 'user'"),
    (
        "write-sentence",
        {"user": "{title} {conditions} {sentence}"},
        "cannot write: '{sentence}' stands for nothing there",
    ),
    ("check-label", {"user": "{titel} {sentence}"}, "'{titel}' stands for nothing; expected of"),
    (
        "check-label",
        {"system": "{title}", "user": "{title} {sentence}"},
        "check-label.yaml: the file: '{title}' stands 2 times, expected once",
    ),
    ("check-label", {"user": "{title} {sentence}", "lead_in": ["x"]}, "lead_in: unknown key"),
]


@pytest.mark.parametrize(("name", "prompt", "wanted"), PROMPTS)
def test_a_prompt_must_serve_its_use(study, library, name, prompt, wanted):
    (library / "prompts" / f"{name}.yaml").write_text(yaml.safe_dump(prompt))
    refused(study, wanted, library=library)


def test_a_prompt_may_hold_braces_that_are_no_placeholder(study, library):
    prompt = {"user": '{title} {sentence} Answer with {"answer": "yes"} or {}.'}
    (library / "prompts" / "check-label.yaml").write_text(yaml.safe_dump(prompt))
    assert load(study, library).category_prompts["check-label"].user == prompt["user"]
