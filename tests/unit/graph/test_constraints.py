"""What wildcards may be: every name is of one kind, and what is of none matches nothing."""

import copy
import re
from pathlib import Path

import pytest
import yaml
from rule_files import RULE_FILES, rules

from palimpsest.graph.constraints import constraints, one_of
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
DEMO = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
LLM_MADE = ("llm_labels", "llm_writes")


def of(study):
    return constraints(load_catalogue(study, "study.yaml", CONFIG))


@pytest.fixture(scope="module")
def demo():
    return of(DEMO)


def fits(pattern, name):
    return re.fullmatch(pattern, name) is not None


def test_some_names_are_a_pattern_of_these_alone():
    pattern = one_of(["ward", "clinic"], "source")
    assert [fits(pattern, name) for name in ("ward", "clinic", "ward2", "war", "")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert not fits(one_of([], "source"), "") and not fits(one_of([], "source"), "ward")


GENERATED = ("generated", "generated-case-reports")


def test_a_source_is_generated_or_read(demo):
    assert {source["kind"] for source in DEMO["sources"]} == {*GENERATED}
    study = copy.deepcopy(DEMO)
    table = {"name": "elsewhere", "kind": "folder", "paths": ["notes"], "category": "Visit"}
    study["sources"].append({**table, "patient_id": "file"})
    found = of(study)
    for source in study["sources"]:
        generated = source["kind"] in GENERATED
        assert fits(found["generated_source"], source["name"]) == generated
        assert fits(found["read_source"], source["name"]) != generated


def test_a_dataset_is_of_the_rule_of_those_who_make_it(demo):
    rules_of = {"llm_labels": "silver_dataset", "llm_writes": "bronze_dataset"}
    kinds = ("collected_dataset", "silver_dataset", "bronze_dataset")
    assert {entry["made_by"] for entry in DEMO["datasets"]} >= set(LLM_MADE)
    for entry in DEMO["datasets"]:
        own = rules_of.get(entry["made_by"], "collected_dataset")
        assert [kind for kind in kinds if fits(demo[kind], entry["name"])] == [own]
        assert fits(demo["llm_dataset"], entry["name"]) == (entry["made_by"] in LLM_MADE)


def test_a_request_set_is_a_declared_one_of_a_declared_round():
    study = copy.deepcopy(DEMO)
    entry = study["rephrasings"][0]
    entry["retry"] = {"times": 2, "reasons": []}
    found = of(study)
    first = f"{entry['source']}.{entry['prompts'][0]}"
    for name in (first, f"{first}.retry1", f"{first}.retry2"):
        assert fits(found["request_set"], name) and fits(found["rephrase_set"], name)
    for name in (f"{first}.retry0", f"{first}.retry3", f"{first}.again", entry["source"], "a/b.c"):
        assert not fits(found["request_set"], name) and not fits(found["rephrase_set"], name)
    silver = next(entry for entry in DEMO["datasets"] if entry["made_by"] == "llm_labels")
    asked = f"{silver['name']}.{silver['label']}"
    assert fits(found["request_set"], asked) and not fits(found["rephrase_set"], asked)


def test_a_prompt_is_of_its_uses(demo):
    silver, bronze = (
        next(entry for entry in DEMO["datasets"] if entry["made_by"] == maker) for maker in LLM_MADE
    )
    used = {"label_prompt": silver["label"], "check_prompt": bronze["check"]}
    used |= {"write_prompt": bronze["write"]}
    used |= {"rephrase_prompt": DEMO["rephrasings"][0]["prompts"][0]}
    used |= {"synthesis_prompt": DEMO["syntheses"][0]["prompts"][0]}
    for kind, prompt in used.items():
        assert [other for other in used if fits(demo[other], prompt)] == [kind]
    assert fits(demo["answered_prompt"], silver["label"])
    assert fits(demo["answered_prompt"], bronze["check"])
    assert not fits(demo["answered_prompt"], bronze["write"])


def test_a_set_is_of_rephrases_or_of_synthetic_notes(demo):
    rephrased, written = "hospital.medical", "case-reports.brief-discharge-summary"
    assert fits(demo["rephrase_set"], rephrased) and not fits(demo["rephrase_set"], written)
    assert fits(demo["synthesis_set"], written) and not fits(demo["synthesis_set"], rephrased)
    assert fits(demo["synthesis_source"], "case-reports")
    assert not fits(demo["rephrased_source"], "case-reports")


def test_a_study_that_rephrases_nothing_has_no_set_of_rephrases():
    study = {"results": "results", "seed": 1, "splits": DEMO["splits"]}
    study |= {"sources": DEMO["sources"], "passages": DEMO["passages"]}
    found = of(study)
    entry = DEMO["rephrasings"][0]
    assert not fits(found["rephrase_set"], f"{entry['source']}.{entry['prompts'][0]}")
    assert not any(fits(found["llm_dataset"], entry["name"]) for entry in DEMO["datasets"])


@pytest.mark.parametrize(
    ("wildcard", "names", "others"),
    [
        ("shard", ["000-of-016", "1199-of-1200"], ["000", "a-of-b", "000-of-016.rejects"]),
        ("seed", ["0", "12"], ["", "-1", "1.5"]),
        ("size", ["all", "50"], ["0", "007", "most"]),
        ("round", ["1", "9"], ["0", "10"]),
        ("corpus", ["mixed", "none"], ["a/b", "a.b", "-a", "", "mixed2"]),
        ("model", ["llama-130k", "minilm-l6", "majority"], ["bert", "smollm2-135m-instruct"]),
        ("judged", ["dataset.gold", "evaluation.radiology-reports"], ["gold", "dataset.hospital"]),
    ],
)
def test_what_plain_wildcards_may_be(demo, wildcard, names, others):
    assert all(fits(demo[wildcard], name) for name in names)
    assert not any(fits(demo[wildcard], name) for name in others)


def test_every_constraint_that_a_rule_asks_for_is_there(demo):
    texts = [path.read_text(encoding="utf-8") for path in RULE_FILES]
    asked = {name for text in texts for name in re.findall(r'CONSTRAINTS\["(\w+)"\]', text)}
    assert asked and asked <= set(demo)


@pytest.mark.parametrize("rule", sorted(rules()))
def test_every_wildcard_of_an_output_is_constrained(demo, rule):
    body = rules()[rule]
    named = set(re.findall(r"(?<![\w.])\{(\w+)\}", "".join(re.findall(r'"<results>.*"', body))))
    own = set(re.findall(r"^        (\w+)=CONSTRAINTS", body, re.M))
    assert named <= set(demo) | own
