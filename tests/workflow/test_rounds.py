"""Further rounds: what screens rejected is asked again, and every request ends once."""

import csv
import io
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from project import Project, note_text, rephrases
from scripted_server import SHORT_CONTEXT, ScriptedServer

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

SHARDS = ("000-of-001",)
TARGETS = ("results/table1.csv", "results/screens.csv")
SET = "clinic.formal"


def screened(value: dict) -> None:
    """One LLM, prompt and corpus; a screen for the scripted refusals; a budget that can be met."""
    value["sources"][0]["shards"] = 1
    value["screens"].insert(0, {"name": "refusal"})
    formal = rephrases("alpha", "formal", 300)
    value.update(
        sources=value["sources"][:1],
        rephrasings=value["rephrasings"][1:],
        corpora=[{"name": "formal", "parts": [formal]}],
        tables=[{"name": "table1", "kind": "corpora", "corpora": ["formal"]}],
        **dict.fromkeys(("tokenizers", "evaluations", "datasets", "experiments", "figures"), []),
    )


def retry(times: int = 2, reasons: tuple[str, ...] = ("refusal",)):
    declared = {"times": times, "reasons": list(reasons)}
    return lambda value: value["rephrasings"][0].update(retry=declared)


def copied(project: Project, server: ScriptedServer, folder: Path) -> Project:
    copy = project.copy(folder / "project")
    copy.forget_logs()
    server.requests.clear()
    return copy


@pytest.fixture(scope="module")
def once(server: ScriptedServer, tmp_path_factory) -> Project:
    """Part of the tiny study, with an LLM that refuses about half of the requests."""
    server.pause, server.fail_next = 0.0, 0
    project = Project.create(tmp_path_factory.mktemp("once") / "project", server.url)
    project.edit("config/config.yaml", screened)
    project.replace("config/prompts/formal.yaml", "Say it", "SOMETIMES REFUSED: say it")
    project.build(*TARGETS)
    return project


@pytest.fixture(scope="module")
def retried(once: Project, server: ScriptedServer, tmp_path_factory) -> Project:
    """The same, with two further rounds; `jobs` ran and `sent` was asked for them."""
    project = copied(once, server, tmp_path_factory.mktemp("retry"))
    project.edit("config/config.yaml", retry())
    project.jobs = project.build(*TARGETS)
    project.sent = len(server.requests)
    return project


def manifests(project: Project, request_set: str) -> list[dict]:
    folder = f"results/rephrases/alpha/{request_set}"
    return [project.manifest(f"{folder}/{shard}.json") for shard in SHARDS]


def rows(project: Project, folder: str) -> list[dict]:
    paths = sorted((project.folder / "results" / folder).glob("*-of-*[0-9].parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def keys(project: Project, folder: str) -> set[str]:
    return {row["request_key"] for row in rows(project, folder)}


def table(project: Project, name: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(project.read(f"results/{name}.csv").decode())))


def test_asking_again_adds_the_jobs_of_the_rounds_only(retried: Project, once: Project) -> None:
    rounds = {
        job
        for number in (1, 2)
        for shard in SHARDS
        for job in (
            f"retry_requests alpha clinic formal {number} {shard}",
            f"complete_requests alpha {SET}.retry{number} {shard}",
            f"screen_completions alpha {SET}.retry{number} {shard}",
        )
    }
    downstream = {"mix_corpus formal", "corpus_table table1", "screens_table"}
    assert retried.jobs == rounds | downstream
    # The budget had been met by the first round, so the corpus is the same.
    path = "results/corpora/formal.parquet"
    assert retried.read(path) == once.read(path)


def test_a_round_asks_for_what_was_rejected_with_other_seeds(retried: Project) -> None:
    folders = (f"requests/{SET}", f"requests/alpha/{SET}.retry1", f"requests/alpha/{SET}.retry2")
    asked = [len(rows(retried, folder)) for folder in folders]
    refused = [
        sum(one["account"]["rejected"]["refusal"] for one in manifests(retried, name))
        for name in (SET, f"{SET}.retry1")
    ]
    assert asked[1:] == refused and asked[0] > asked[1] > asked[2] > 0
    first, second, third = (keys(retried, folder) for folder in folders)
    assert not first & second and not first & third and not second & third
    assert retried.sent == len(second) + len(third)


def test_every_first_request_ends_kept_or_rejected_over_the_rounds(retried: Project) -> None:
    entered = len(rows(retried, f"requests/{SET}"))
    asked, carried, kept = Counter(), Counter(), 0
    for row in table(retried, "screens"):
        asked[row["round"]] += int(row["count"])
        carried[row["round"]] += int(row["retried"])
        kept += int(row["count"]) if row["outcome"] == "kept" else 0
        assert row["outcome"] == "kept" or row["reason"] == "refusal"
        assert all(place.startswith("n") for place in row["examples"].split("; "))
    assert asked["0"] == entered > 30
    assert asked["1"] == carried["0"] and asked["2"] == carried["1"] and not carried["2"]
    assert asked.total() - carried.total() == entered
    (formal,) = [row for row in table(retried, "table1") if row["corpus"] == "formal"]
    assert int(formal["passages_asked"]) == entered
    assert int(formal["kept"]) == kept
    assert int(formal["rejected_refusal"]) == entered - kept
    places = {
        (row["note_id"], row["start"])
        for name in (SET, f"{SET}.retry1", f"{SET}.retry2")
        for row in rows(retried, f"rephrases/alpha/{name}")
    }
    assert len(places) == kept, "no passage is kept twice"


def test_the_rounds_of_a_shard_share_its_ledger(retried: Project, once: Project) -> None:
    def ledgers(project: Project) -> set[str]:
        state = project.folder / "results/state/ledger"
        return {str(path.relative_to(state)) for path in state.rglob("*.sqlite")}

    assert ledgers(retried) == ledgers(once)


def test_budgets_count_over_rounds(
    retried: Project, server: ScriptedServer, tmp_path: Path
) -> None:
    project = copied(retried, server, tmp_path)
    first = sum(one["rows"] for one in manifests(project, SET))
    kept = first + len(rows(project, f"rephrases/alpha/{SET}.retry1"))

    def larger(value: dict) -> None:
        value["corpora"][0]["parts"][0]["tokens"] = 40 * (first + 1)

    project.edit("config/config.yaml", larger)
    project.build("results/corpora/formal.json")
    places = [(row["note_id"], row["start"]) for row in rows_of_corpus(project, "formal")]
    assert first < len(places) <= kept
    early = {(row["note_id"], row["start"]) for row in rows(project, f"rephrases/alpha/{SET}")}
    assert set(places[:first]) == early, "the first round comes first"


def rows_of_corpus(project: Project, name: str) -> list[dict]:
    return pq.read_table(project.folder / f"results/corpora/{name}.parquet").to_pylist()


def test_a_threshold_screens_again_and_asks_nothing(
    retried: Project, server: ScriptedServer, tmp_path: Path
) -> None:
    project = copied(retried, server, tmp_path)
    project.edit("config/config.yaml", lambda value: value["screens"][2].update(max_ratio=3))
    jobs = project.build(*TARGETS)
    ran = {
        "screen_completions",
        "retry_requests",
        "complete_requests",
        "mix_corpus",
        "corpus_table",
    }
    assert {job.split()[0] for job in jobs} == ran | {"screens_table"}
    # Only rounds that depend on the screens are laid out again, and their answers are at hand.
    assert all(".retry" in job for job in jobs if job.startswith("complete_requests"))
    assert server.requests == []


def test_fewer_rounds_and_more_again_ask_nothing(
    retried: Project, server: ScriptedServer, tmp_path: Path
) -> None:
    project = copied(retried, server, tmp_path)
    before = project.read("results/screens.csv")
    for times in (1, 2):
        project.edit("config/config.yaml", retry(times))
        project.build(*TARGETS)
    assert server.requests == []
    assert project.read("results/screens.csv") == before


def test_passages_that_are_too_long_are_cut_and_asked_about(
    once: Project, server: ScriptedServer, tmp_path: Path
) -> None:
    project = copied(once, server, tmp_path)
    project.replace("config/prompts/formal.yaml", "SOMETIMES REFUSED", "SHORT CONTEXT")
    project.edit("config/config.yaml", retry(2, ()))
    project.build("results/screens.csv", f"results/rephrases/alpha/{SET}.retry2/{SHARDS[0]}.json")
    failed = sum(one["account"]["failed"].get("too_long", 0) for one in manifests(project, SET))
    assert failed > 10
    pieces = rows(project, f"requests/alpha/{SET}.retry1")
    parents = {
        (row["note_id"], row["start"], row["end"]): row
        for row in rows(project, f"rephrases/alpha/{SET}")
    }
    assert len(pieces) >= 2 * failed
    for piece in pieces:
        text = note_text(int(piece["note_id"][1:]))
        assert text[piece["start"] : piece["end"]] == piece["passage"]
        assert (piece["note_id"], piece["start"], piece["end"]) not in parents
    held = [
        *rows(project, f"rephrases/alpha/{SET}.retry1"),
        *rows(project, f"rephrases/alpha/{SET}.retry2"),
    ]
    assert held and all(row["end"] > row["start"] for row in held)
    asked = [body["messages"][-1]["content"] for body in server.requests]
    assert any(len(text.split("\n\n", 1)[1].split()) > SHORT_CONTEXT for text in asked)


def test_a_round_that_the_study_does_not_declare_is_refused(once: Project) -> None:
    done = once.snakemake(
        "-n", f"results/rephrases/alpha/{SET}.retry1/{SHARDS[0]}.json", succeeds=False
    )
    assert f"the study declares no set of requests '{SET}.retry1'" in done.stdout + done.stderr
