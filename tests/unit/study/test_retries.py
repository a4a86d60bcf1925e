"""How often a study asks again is declared, and declared so that it can work."""

import copy
from pathlib import Path

import pytest
import yaml

from palimpsest.runtime.errors import UserError
from palimpsest.screens.config import reasons_of
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
DEMO = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
LLM = "smollm2-135m-instruct"


def loaded(library=CONFIG, **again):
    study = copy.deepcopy(DEMO)
    declared, in_context = study["rephrasings"]
    study["rephrasings"] = [{**declared, "prompts": [name]} for name in ("medical", "wikipedia")]
    study["rephrasings"].append(in_context)
    if again:
        study["rephrasings"][0]["retry"] = again
    return load_catalogue(study, "study.yaml", library)


def test_rounds_are_the_request_sets_in_order():
    assert loaded().rounds("hospital", LLM, "medical") == ["hospital.medical"]
    assert loaded(times=2, reasons=["copy"]).rounds("hospital", LLM, "medical") == [
        "hospital.medical", "hospital.medical.retry1", "hospital.medical.retry2",
    ]  # fmt: skip
    assert loaded(times=2, reasons=[]).rounds("hospital", LLM, "wikipedia") == [
        "hospital.wikipedia"
    ]


def test_reasons_are_those_of_the_declared_screens():
    known = reasons_of(loaded().study.screens)
    assert {"empty", "too_short", "too_long", "copy", "injection", "off_topic"} <= set(known)
    assert "length" not in known
    with pytest.raises(UserError, match=r"rephrasings.0.retry.reasons: no declared screen gives "):
        loaded(times=1, reasons=["lenght"])


@pytest.mark.parametrize("times", [0, 10, -1, "often"])
def test_the_number_of_rounds_is_small_and_positive(times):
    with pytest.raises(UserError, match=r"rephrasings.0.retry.times"):
        loaded(times=times, reasons=["copy"])


def test_an_llm_that_answers_the_same_is_not_asked_again(tmp_path):
    for name in ("llms", "prompts", "models", "taxonomies"):
        (tmp_path / name).mkdir()
        for path in (CONFIG / name).glob("*.yaml"):
            (tmp_path / name / path.name).write_text(path.read_text())
    llm = tmp_path / "llms" / f"{LLM}.yaml"
    value = yaml.safe_load(llm.read_text())
    value["sampling"]["temperature"] = 0
    llm.write_text(yaml.safe_dump(value))
    with pytest.raises(UserError, match="temperature 0 and gives the same answer again"):
        loaded(tmp_path, times=1, reasons=["copy"])
    assert loaded(tmp_path, times=1, reasons=[]).study


@pytest.mark.parametrize("name", ["duplicates", "metrics", "screens", "plan"])
def test_names_of_files_that_every_study_makes_are_reserved(name):
    study = copy.deepcopy(DEMO)
    study["tables"][0]["name"] = name
    with pytest.raises(UserError, match=f"the name '{name}' is reserved"):
        load_catalogue(study, "study.yaml", CONFIG)
