"""What a plan says before, between and after asking, and that a pilot's answers are not lost."""

import csv

import pytest
from project import Project
from scripted_server import ScriptedServer

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def plan(project: Project, *options: str) -> dict[tuple[str, str], dict[str, str]]:
    project.snakemake(*options, "--", "plan")
    with (project.folder / "results/plan.csv").open(encoding="utf-8", newline="") as stream:
        return {(row["llm"], row["prompt"]): row for row in csv.DictReader(stream)}


def test_a_pilot_tells_what_answers_cost_and_is_not_asked_again(
    server: ScriptedServer, tmp_path
) -> None:
    project = Project.create(tmp_path / "project", server.url)
    cold = {"name": "cold", "temperature": 0.1}
    same = {"name": "same", "temperature": 0.5}  # as the LLMs' own
    sample = {"requests": 4, "samplings": [cold, same]}
    project.edit("config/config.yaml", lambda value: value.update(pilot=sample))
    sets = {("alpha", "plain"), ("alpha", "formal"), ("beta", "plain")}

    before = plan(project)
    assert set(before) == sets
    requests = {at: int(row["requests"]) for at, row in before.items()}
    for row in before.values():
        assert row["held"] == "0" and row["to_ask"] == row["requests"]
        assert row["tokens_out_from"] == "room for answers"
        assert row["rate_from"] == "not measured yet" and row["hours"] == ""

    server.requests.clear()
    project.snakemake("pilot")
    window = 4
    assert len(server.requests) == 2 * window * len(sets)
    assert {body["temperature"] for body in server.requests} == {0.1, 0.5}
    with (project.folder / "results/pilot.csv").open(encoding="utf-8", newline="") as stream:
        rows = {(row["llm"], row["prompt"], row["sampling"]): row for row in csv.DictReader(stream)}
    assert set(rows) == {(*at, name) for at in sets for name in ("declared", "cold")}
    for (llm, prompt, sampling), row in rows.items():
        assert row["context"] == "none" and int(row["requests"]) == window
        assert int(row["kept"]) + int(row["rejected"]) + int(row["failed"]) == window
        assert int(row["study_requests"]) == requests[llm, prompt]
        assert float(row["study_tokens_out"]) > 0 and float(row["study_hours"]) >= 0
        assert f'"temperature":{0.1 if sampling == "cold" else 0.5}' in row["sampled_by"]
    assert project.read("results/pilot.svg")

    after = plan(project)
    for at, row in after.items():
        assert int(row["held"]) == window and int(row["to_ask"]) == requests[at] - window
        assert row["tokens_out_from"] == f"{window} answers"
        assert int(row["tokens_out"]) < int(before[at]["tokens_out"])
        assert row["rate_from"].startswith("measured: ") and float(row["hours"]) >= 0

    rate = ("--set-resources", "plan_llm:tokens_per_second=1")
    rows = plan(project, *rate, "--forcerun", "plan_llm")
    assert rows["beta", "plain"]["rate_from"] == "declared"
    hours = int(rows["beta", "plain"]["tokens_out"]) / 3600
    assert float(rows["beta", "plain"]["hours"]) == pytest.approx(hours, rel=1e-3)

    server.requests.clear()
    project.snakemake("--until", "complete_requests")
    assert len(server.requests) == sum(requests.values()) - window * len(sets)
    for row in plan(project).values():
        assert row["to_ask"] == "0" and float(row["hours"]) == 0

    # A sampling that was tried and is chosen has its sample's answers already.
    server.requests.clear()
    project.edit("config/llms/beta.yaml", lambda llm: llm["sampling"].update(temperature=0.1))
    project.snakemake("--until", "complete_requests")
    assert len(server.requests) == requests["beta", "plain"] - window
    assert {body["temperature"] for body in server.requests} == {0.1}
