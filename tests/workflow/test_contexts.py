"""A context beside none: what is asked, whose words it has, and which jobs run after an edit."""

import csv
import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from project import Project, note_text, rephrases, study, write_yaml
from scripted_server import ScriptedServer

from palimpsest.facts.planting import OTHERS

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

SHARDS = ("000-of-002", "001-of-002")
TARGETS = ("results/table1.csv", "results/screens.csv")
CONTEXT = {"name": "visit", "parts": ["note_type", "section", "before"], "before_tokens": 20}

JUDGING = {"user": "Judge.\n\n{context}\n===\n{passage}\n===\n{rephrase}"}
JUDGE = {"name": "critic", "source": "clinic", "llm": "alpha", "prompt": "judging", "pairs": 5}
JUDGE |= {"faithful": 6, "planted": 4}
JUDGED = {"name": "judged", "kind": "judge", "judge": "critic"}


def judge_drugs(body: dict) -> str:
    """Names the drugs of a rephrase that its passage has not."""
    _, passage, rephrase = body["messages"][-1]["content"].split("\n===\n")
    drugs = re.findall("|".join(OTHERS["medication"]), rephrase, re.I)
    claims = [{"type": "medication", "quote": name} for name in drugs if name not in passage]
    return json.dumps({"unsupported": claims, "missing": []})


def sharded(*jobs: str) -> set[str]:
    return {f"{job} {shard}" for job in jobs for shard in SHARDS}


def in_context() -> set[str]:
    """What lies downstream of a context's parts."""
    jobs = sharded(
        "rephrase_in_context clinic formal visit",
        "complete_requests alpha clinic.formal.visit",
        "screen_completions alpha clinic.formal.visit",
        "retry_in_context alpha clinic formal visit 1",
        "complete_requests alpha clinic.formal.visit.retry1",
        "screen_completions alpha clinic.formal.visit.retry1",
    )
    return jobs | {"mix_corpus told", "corpus_table table1", "screens_table"}


def rows(project: Project, request_set: str) -> list[dict]:
    paths = sorted((project.folder / "results/requests" / request_set).glob("*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def plain_study() -> dict:
    value = study(tokens=400)
    value["corpora"] = [{"name": "plain", "parts": [rephrases("alpha", "formal", 100)]}]
    value["tables"] = [{"name": "table1", "kind": "corpora", "corpora": ["plain"]}]
    value |= {"figures": [], "experiments": [], "evaluations": [], "datasets": [], "tokenizers": []}
    value["rephrasings"] = [
        {"source": "clinic", "llms": ["alpha"], "prompts": ["formal"], "tokens": 400}
    ]
    return value


def tell(value: dict) -> None:
    """Declare a context beside none, with a round of retries, and a corpus of it."""
    again = {"times": 1, "reasons": ["too_short", "context_copied"]}
    value["contexts"] = [CONTEXT]
    value["rephrasings"].append({**value["rephrasings"][0], "contexts": ["visit"], "retry": again})
    value["screens"].append({"name": "context_copied", "max_share": 0.5})
    told = {**rephrases("alpha", "formal", 100), "context": "visit"}
    value["corpora"].append({"name": "told", "parts": [told]})
    value["tables"][0]["corpora"] = ["plain", "told"]


def place_context(prompt: dict) -> None:
    prompt["user"] = "{context}\n\n" + prompt["user"]
    prompt["context"] = "Known, not to be rewritten:\n{context}"


@pytest.fixture
def project(server: ScriptedServer, tmp_path: Path) -> Project:
    """A study without contexts, built; then its prompt knows contexts and one is declared."""
    project = Project.create(tmp_path / "project", server.url)
    write_yaml(project.folder / "config/config.yaml", plain_study())
    project.snakemake(*TARGETS)
    return project


def test_contexts(project: Project, server: ScriptedServer) -> None:
    before = [
        (project.folder / f"results/requests/clinic.formal/{shard}.parquet").read_bytes()
        for shard in SHARDS
    ]
    assert server.requests
    server.requests.clear()

    # A prompt that knows contexts asks nothing again, and reruns nothing where none is told.
    project.edit("config/prompts/formal.yaml", place_context)
    assert project.build(*TARGETS) == set() and server.requests == []

    # A context is a comparison of its own: nothing of the other is asked or made again.
    server.judge = lambda body: "x" if body["seed"] % 4 == 0 else None  # too short: asked again
    project.edit("config/config.yaml", tell)
    jobs = project.build(*TARGETS)
    server.judge = None
    assert jobs >= in_context()
    assert not {
        job
        for job in jobs
        if job.startswith(("rephrase_requests", "complete_requests alpha clinic.formal "))
    }
    after = [
        (project.folder / f"results/requests/clinic.formal/{shard}.parquet").read_bytes()
        for shard in SHARDS
    ]
    assert before == after
    plain, told = rows(project, "clinic.formal"), rows(project, "clinic.formal.visit")
    again = rows(project, "alpha/clinic.formal.visit.retry1")
    assert len(plain) == len(told) and again
    asked = [body["messages"][-1]["content"] for body in server.requests]
    assert len(asked) == len({row["request_key"] for row in told + again})
    assert all(text.startswith("Known, not to be rewritten:\n") for text in asked)

    # Every word that is told is of the passage's own note.
    for row in told + again:
        note = note_text(int(row["note_id"].removeprefix("n")))
        assert note[row["start"] : row["end"]] == row["passage"]
        assert row["context"] in row["user"] and row["context"].startswith("Note type: Visit")
        for span in row["context_spans"]:
            if span["start"] is not None:
                words = " ".join(note[span["start"] : span["end"]].split())
                assert words in row["context"].replace("\n", " ")
                assert span["end"] <= row["start"] or span["start"] >= row["end"]
    assert any(span["part"] == "before" for row in told for span in row["context_spans"])
    keys = [{row["request_key"] for row in table} for table in (plain, told, again)]
    assert not keys[0] & keys[1] and not keys[1] & keys[2]

    # Tables say the context.
    screens = project.read("results/screens.csv").decode()
    assert ",formal,none,0," in screens and ",formal,visit,0," in screens and ",visit,1," in screens
    table = project.read("results/table1.csv").decode()
    assert ",formal,visit," in table and ",formal,none," in table
    parts = project.manifest("results/corpora/told.json")["parts"]
    assert [part["context"] for part in parts] == ["visit"]
    assert "context" not in project.manifest("results/corpora/plain.json")["parts"][0]

    # An edit of the context reruns what lies downstream of it, and nothing else.
    server.requests.clear()
    project.edit("config/config.yaml", lambda value: value["contexts"][0].update(before_tokens=8))
    assert project.build(*TARGETS) == in_context()
    assert server.requests
    manifest = project.manifest(f"results/requests/clinic.formal.visit/{SHARDS[0]}.json")
    assert set(manifest["told"]) == set(CONTEXT["parts"]) and manifest["context_tokens"] > 0

    # The edit undone costs no answer.
    server.requests.clear()
    project.edit("config/config.yaml", lambda value: value["contexts"][0].update(before_tokens=20))
    assert project.build(*TARGETS) == in_context()
    assert server.requests == []
    assert rows(project, "clinic.formal.visit") == told

    # Another name makes its jobs, from the ledger.
    def rename(value: dict) -> None:
        named = json.dumps(value).replace('"visit"', '"stay"')
        value.clear()
        value.update(json.loads(named))

    project.edit("config/config.yaml", rename)
    assert "rephrase_in_context clinic formal stay 000-of-002" in project.build(*TARGETS)
    assert server.requests == []
    check_judge(project, server)


def check_judge(project: Project, server: ScriptedServer) -> None:
    """A judge that knows drugs finds all that were planted, and is not told which pairs these are.

    The LLM of these studies turns words around and makes no other errors.
    """
    write_yaml(project.folder / "config/prompts/judging.yaml", JUDGING)
    project.edit("config/config.yaml", lambda value: value.update(judges=[JUDGE], figures=[JUDGED]))
    server.judge = judge_drugs
    project.build("results/judged.csv")
    server.judge = None
    asked = rows(project, "critic.judging")
    assert len(server.requests) == len({row["request_key"] for row in asked})
    origins = {(row["origin"], row["of_context"], row["planted"]) for row in asked}
    assert {("rephrased", "none", None), ("rephrased", "stay", None)} <= origins
    assert {("faithful", None, None), ("planted", None, "medication")} <= origins
    contexts = {row["context"] for row in asked if row["of_context"] == "stay"}
    assert contexts and all(told.startswith("Note type: Visit") for told in contexts)
    table = csv.DictReader(project.read("results/judged.csv").decode().splitlines())
    for row in (row for row in table if row["claim"] == "medication"):
        assert 0 < int(row["planted"]) == int(row["found"]) and float(row["recall"]) == 1
        assert (row["alarms"], row["judged"], float(row["corrected"])) == ("0", "0", 0)
        told = f"medication: {row['found']} of {row['planted']} found, 0 of {row['faithful']}"
        assert told in project.read("results/judged.txt").decode()
    judgements = project.folder / "results/judgements/critic.parquet"
    claims = [one for row in pq.read_table(judgements).to_pylist() for one in row["claims"]]
    assert claims and all(one["end"] > one["start"] for one in claims)
