"""A pilot asks of each LLM, prompt, context and sampling what the study will, and no more."""

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
ASKED = {"llm": LLM, "request_set": "hospital.medical.patient", "shard": SHARD}


def catalogue(**pilot):
    value = deepcopy(DEMO) | {"pilot": pilot}
    return load_catalogue(value, "study.yaml", CONFIG)


def spec(found, rule, **wildcards):
    made = json.loads(job_of(rule, found, wildcards.items()).spec_json())
    del made["wildcards"]
    return made


def test_its_answers_are_those_of_the_study_where_the_sampling_is_its():
    found = catalogue(samplings=[{"name": "cold", "temperature": 0.1}])
    study = spec(found, "complete_requests", **ASKED)
    assert spec(found, "ask_pilot", **ASKED, sampling="declared") == study
    cold = spec(found, "ask_pilot", **ASKED, sampling="cold")
    own = study["llm"]["sampling"]
    assert cold["llm"].pop("sampling") == {**own, "temperature": 0.1}
    assert cold == {**study, "llm": {k: v for k, v in study["llm"].items() if k != "sampling"}}


def test_every_combination_is_in_the_table():
    found = catalogue(samplings=[{"name": "cold", "temperature": 0.1}])
    kept = job_of("pilot_table", found, ()).reads()["kept_manifests"]
    sets = ["case-reports.brief-discharge-summary", "hospital.medical", "hospital.medical.patient",
            "hospital.wikipedia"]  # fmt: skip
    assert sorted(kept) == sorted(
        f"<results>/pilot/rephrases/{LLM}/{sampling}/{name}/{SHARD}.json"
        for sampling in ("cold", "declared")
        for name in sets
    )


def test_what_else_is_asked_is_tried_for_the_plan():
    others = job_of("pilot", catalogue(), ()).reads()["others"]
    assert [path.split("/")[5] for path in others] == [
        "silver.label-sentence",
        "bronze.write-sentence",
    ]


def test_the_sample_is_declared_or_a_window_of_the_llm():
    assert spec(catalogue(requests=9), "pilot_requests", **ASKED) == {"requests": 9}
    assert spec(catalogue(), "pilot_requests", **ASKED) == {"requests": 64}


def test_screens_are_those_of_the_use():
    found = catalogue()
    report = {**ASKED, "request_set": "case-reports.brief-discharge-summary"}
    for wildcards, rule in ((ASKED, "screen_completions"), (report, "screen_synthetic_notes")):
        piloted = spec(found, "screen_pilot", **wildcards, sampling="declared")
        assert piloted == spec(found, rule, **wildcards)


def test_a_sampling_is_a_declared_one():
    found = catalogue(samplings=[{"name": "cold", "temperature": 0.1}])
    assert set(constraints(found)["sampling"].split("|")) == {"cold", "declared"}
    for wrong in ({"name": "declared"}, {"name": "hot", "temperature": -1}):
        with pytest.raises(UserError, match="pilot.samplings.0"):
            catalogue(samplings=[wrong])
