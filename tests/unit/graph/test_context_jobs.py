"""A context is one of the names of what is asked: in jobs, in paths, and in what they depend on."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from palimpsest.graph import constraints, job_of
from palimpsest.runtime.errors import UserError
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
DEMO = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
LLM, SHARD = "smollm2-135m-instruct", "000-of-001"
PLAIN = {"source": "hospital", "prompt": "medical", "shard": SHARD}
TOLD = {**PLAIN, "context": "stay"}


def study(contexts=("none", "stay"), **changes):
    value = deepcopy(DEMO)
    declared = {"name": "stay", "parts": ["demographics", "before"], **changes}
    value["contexts"] = [declared, {"name": "other", "parts": ["dates"]}]
    asked = {"source": "hospital", "llms": [LLM], "tokens": 3000}
    value["rephrasings"] = [
        {**asked, "prompts": ["wikipedia"]},
        {**asked, "prompts": ["medical"], "contexts": [*contexts]},
    ]
    value["corpora"] = [corpus for corpus in value["corpora"] if "in-context" not in corpus["name"]]
    part = {"kind": "rephrases", "source": "hospital", "llm": LLM, "prompt": "medical"}
    name = next((name for name in contexts if name != "none"), "none")
    value["corpora"].append({"name": "told", "parts": [{**part, "context": name, "tokens": 9}]})
    value["tables"][0]["corpora"] = ["original", "told"]
    return value


def catalogue(*contexts, **changes):
    return load_catalogue(study(contexts or ("none", "stay"), **changes), "study.yaml", CONFIG)


def spec(found, rule, **wildcards):
    return json.loads(job_of(rule, found, wildcards.items()).spec_json())


def test_requests_without_a_context_depend_on_nothing_of_contexts():
    before = deepcopy(DEMO)
    before["contexts"], before["rephrasings"] = [], before["rephrasings"][:1]
    before["corpora"] = [one for one in before["corpora"] if "in-context" not in one["name"]]
    before["tables"][0]["corpora"] = ["original"]
    alone = load_catalogue(before, "study.yaml", CONFIG)
    asked = spec(catalogue(), "rephrase_requests", **PLAIN)
    assert {**asked, "tokens": 0} == {**spec(alone, "rephrase_requests", **PLAIN), "tokens": 0}
    assert set(asked) == {"prompt", "seed", "tokens", "wildcards"}
    assert set(asked["prompt"]) == {"system", "user", "max_output_ratio"}
    assert "context" not in asked["prompt"]["user"]
    corpus = spec(catalogue(), "mix_corpus", corpus="medical")
    assert "context" not in json.dumps(corpus)


def test_an_edited_context_changes_its_own_requests_alone():
    one, two = catalogue("none", "stay", "other"), catalogue("none", "stay", "other", max_tokens=7)
    other = {**TOLD, "context": "other"}
    assert spec(one, "rephrase_in_context", **TOLD) != spec(two, "rephrase_in_context", **TOLD)
    assert spec(one, "rephrase_in_context", **other) == spec(two, "rephrase_in_context", **other)
    assert spec(one, "rephrase_requests", **PLAIN) == spec(two, "rephrase_requests", **PLAIN)


def test_the_notes_are_read_where_a_context_is_told_and_only_there():
    found = catalogue()
    told = job_of("rephrase_in_context", found, TOLD.items()).reads()
    plain = job_of("rephrase_requests", found, PLAIN.items()).reads()
    assert told["notes_manifest"] == "<results>/notes/hospital.json"
    assert set(told) - set(plain) == {"notes", "notes_manifest", "tokenizer", "tokenizer_manifest"}


def test_a_context_is_a_comparison_of_its_own_in_every_table_and_plan():
    found = catalogue()
    stem = f"<results>/rephrases/{LLM}/hospital.medical"
    assert found.rounds("hospital", LLM, "medical", "stay") == ["hospital.medical.stay"]
    corpus = job_of("mix_corpus", found, {"corpus": "told"}.items()).reads()
    assert corpus["parts"] == [f"{stem}.stay/{SHARD}.json"]
    screened = job_of("screens_table", found, ()).reads()["kept"]
    assert f"{stem}/{SHARD}.json" in screened and f"{stem}.stay/{SHARD}.json" in screened
    planned = job_of("plan_llm", found, {"llm": LLM}.items()).reads()["requests"]
    assert f"<results>/requests/hospital.medical.stay/{SHARD}.json" in planned
    assert "hospital.medical.stay" in constraints(found)["rephrase_set"].replace("\\", "")


def test_a_further_round_in_a_context_reads_the_round_before_in_it():
    value = study()
    value["rephrasings"][1]["retry"] = {"times": 1, "reasons": ["truncated"]}
    found = load_catalogue(value, "study.yaml", CONFIG)
    names = {**TOLD, "llm": LLM, "round": "1"}
    job = job_of("retry_in_context", found, names.items())
    assert (
        job.reads()["requests_manifest"] == f"<results>/requests/hospital.medical.stay/{SHARD}.json"
    )
    assert "context" in job.spec().prompt.identity()
    plain = job_of("retry_requests", found, {**PLAIN, "llm": LLM, "round": "1"}.items())
    assert "context" not in plain.spec().prompt.identity()


def test_a_set_that_is_not_asked_is_no_job():
    value = study(("stay",))  # and not without
    value["corpora"] = [one for one in value["corpora"] if one["name"] not in ("medical", "mixed")]
    value["experiments"], value["tables"], value["figures"] = [], [], []
    del value["report"]
    found = load_catalogue(value, "study.yaml", CONFIG)
    with pytest.raises(UserError, match="no LLM is asked 'hospital.medical'"):
        job_of("rephrase_requests", found, PLAIN.items())
    with pytest.raises(UserError, match="no LLM is asked 'hospital.wikipedia.stay'"):
        job_of("rephrase_in_context", found, {**TOLD, "prompt": "wikipedia"}.items())


def refused(value, *wanted):
    with pytest.raises(UserError) as raised:
        load_catalogue(value, "study.yaml", CONFIG)
    for text in wanted:
        assert text in str(raised.value)


def test_a_context_without_a_place_in_the_prompt_stops_before_the_first_job():
    value = study()
    value["rephrasings"][0]["contexts"] = ["none", "stay"]
    refused(value, "rephrasings.0.contexts: prompt 'wikipedia' has no place for 'stay'")


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda value: value["rephrasings"][1].update(contexts=["visit"]), "'visit'"),
        (lambda value: value["rephrasings"][1].update(contexts=[]), "rephrasings.1.contexts"),
        (lambda value: value["contexts"].append(value["contexts"][0]), "contexts"),
        (lambda value: value["contexts"][0].update(name="none"), "'none' is reserved"),
        (
            lambda value: value["corpora"][-1]["parts"][0].update(context="other"),
            "in context 'other'",
        ),
        (lambda value: value["corpora"][-1]["parts"][0].pop("context"), "corpora.told.parts.0"),
        (lambda value: value["rephrasings"][1].update(contexts=["stay", "stay"]), "rephrasings"),
    ],
)
def test_a_mistake_about_a_context_is_named(change, wanted):
    value = study(contexts=("stay",))
    change(value)
    refused(value, wanted)


def test_corpora_of_two_contexts_have_two_places_in_a_figure():
    value = study()
    value["figures"][0]["corpora"] = ["medical", "told"]
    found = load_catalogue(value, "study.yaml", CONFIG)
    places = job_of("figure", found, {"figure": "figure1"}.items()).spec().places
    assert [place.prompt for place in places] == ["medical", "medical + stay"]
