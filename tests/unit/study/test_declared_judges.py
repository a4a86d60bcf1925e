"""A judge judges what is rephrased, is told what it needs, and is planned beside the rest."""

import json
from copy import deepcopy

import pytest
import yaml
from declared import CONFIG, load, refused

from palimpsest.graph import constraints, job_of
from palimpsest.graph.plan import planned_sets

DEMO = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
LLM = "smollm2-135m-instruct"
JUDGE = {"name": "critic", "source": "hospital", "llm": LLM, "prompt": "judge-rephrase"}
FIGURE = {"name": "judged", "kind": "judge", "judge": "critic"}


def study(judge: dict | None = None, figure: dict | None = None) -> dict:
    value = deepcopy(DEMO) | {"judges": [JUDGE | (judge or {})]}
    value["figures"].append(FIGURE | (figure or {}))
    return value


@pytest.fixture(scope="module")
def catalogue():
    return load(study())


def test_it_is_asked_as_everything_else_is(catalogue):
    assert catalogue.request_sets(LLM)["critic.judge-rephrase"] == "critic"
    assert catalogue.shards("critic") == ["000-of-001"]
    assert "critic" in constraints(catalogue)["judge"]
    names = {"llm": LLM, "request_set": "critic.judge-rephrase", "shard": "000-of-001"}
    reads = job_of("complete_requests", catalogue, names.items()).reads()
    assert reads["requests"] == "<results>/requests/critic.judge-rephrase/000-of-001.parquet"
    planned = [name for name, _ in planned_sets(catalogue, LLM)]
    assert "critic.judge-rephrase" not in planned  # what it is asked depends on answers


def test_it_reads_every_rephrasing_of_its_source(catalogue):
    names = {"judge": "critic", "prompt": "judge-rephrase"}
    reads = job_of("judge_requests", catalogue, names.items()).reads()
    sets = ["hospital.medical", "hospital.medical.patient", "hospital.wikipedia"]
    found = sorted(path.split("/")[3] for path in reads["rephrases"])
    assert [name for name in found if ".retry" not in name] == sets
    assert len(reads["findings"]) == len(reads["rephrases"]) == len(reads["requests"])
    figure = job_of("figure", catalogue, {"figure": "judged"}.items())
    assert figure.reads()["scores_manifests"] == ["<results>/judge/critic.json"]


def test_an_edit_of_its_prompt_changes_its_requests_alone(catalogue):
    names = {"judge": "critic", "prompt": "judge-rephrase"}.items()
    spec = json.loads(job_of("judge_requests", catalogue, names).spec_json())
    assert spec["prompt"]["user"] == catalogue.judge_prompts["judge-rephrase"].user
    rates = job_of("judge_rates", catalogue, {"judge": "critic"}.items())
    assert json.loads(rates.spec_json()) == {"source": "hospital", "wildcards": {"judge": "critic"}}


@pytest.mark.parametrize(
    ("judge", "figure", "message"),
    [
        ({"source": "case-reports"}, {}, "judges.critic.source: 'case-reports' is not declared"),
        ({}, {"judge": "nobody"}, "figures.judged.judge: 'nobody' is not declared"),
        ({"name": "hospital"}, {}, "'hospital' is declared 2 times"),
        ({"prompt": "medical"}, {}, "prompt 'medical' is used to rephrase and to judge"),
        ({"prompt": "explain"}, {}, "config/prompts/explain.yaml: user: "),
        ({"planted": 0}, {}, "judges.0.planted"),
    ],
)
def test_what_cannot_be_judged_is_refused(judge, figure, message):
    refused(study(judge, figure), message.replace("config/", ""))


def test_a_judge_is_told_what_the_llm_was_told(tmp_path):
    for folder in ("llms", "models", "taxonomies", "tasks"):
        (tmp_path / folder).symlink_to(CONFIG / folder)
    (tmp_path / "prompts").mkdir()
    for path in (CONFIG / "prompts").iterdir():
        text = path.read_text(encoding="utf-8")
        if path.stem == "judge-rephrase":
            text = text.replace("{context}", "")
        (tmp_path / "prompts" / path.name).write_text(text, encoding="utf-8")
    refused(
        study(),
        "judges.critic.prompt: 'hospital' is rephrased in the contexts ['patient']; expected "
        "'{context}' in config/prompts/judge-rephrase.yaml",
        library=tmp_path,
    )
