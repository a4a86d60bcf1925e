"""The whole road on the tiny study: what must hold of its outputs, and how it fails."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from connections import addresses, beyond_loopback, watching, why_not
from hermetic import Alone, all_alone
from project import REPOSITORY, Project
from scripted_server import ScriptedServer

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def test_held_out_patients_reach_no_llm_and_no_training(built: Project) -> None:
    results = built.folder / "results"
    notes = {
        row["note_id"]: row for row in pq.read_table(results / "notes/clinic.parquet").to_pylist()
    }
    assert {row["split"] for row in notes.values()} == {"train", "valid", "test"}
    used = set()
    for stage in ("passages/clinic", "requests", "rephrases", "corpora"):
        for path in (results / stage).rglob("*.parquet"):
            table = pq.read_table(path)
            used |= set(table["note_id"].to_pylist())
    assert used
    assert {notes[note_id]["split"] for note_id in used} == {"train"}
    scored = pq.read_table(next((results / "perplexity").rglob("visits.parquet")))
    assert {notes[note_id]["split"] for note_id in scored["note_id"].to_pylist()} == {"test"}
    examples = pq.read_table(results / "datasets/entities.parquet").to_pylist()
    ward = {
        row["note_id"]: row for row in pq.read_table(results / "notes/ward.parquet").to_pylist()
    }
    for row in examples:
        note = ward[row["note_id"]]
        assert (row["split"], row["group"]) == (note["split"], note["patient_id"])
        assert row["text"] == note["text"][row["start"] : row["end"]]


def test_everything_that_was_asked_is_accounted_for(built: Project) -> None:
    lines = [line.split(",") for line in built.read("results/table1.csv").decode().splitlines()]
    rows = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    assert [row["corpus"] for row in rows if row["part"] == "all"] == [
        "original", "plain", "formal", "mixed",
    ]  # fmt: skip
    for row in rows:
        if row["passages_asked"]:
            parts = (row["kept"], row["rejected"], row["failed"])
            assert int(row["passages_asked"]) == sum(map(int, parts))


def test_no_note_text_is_in_the_logs(built: Project) -> None:
    words = ("chest x-ray was", "admitted with", "Hospital Course")
    for log in built.folder.glob("results/logs/**/*.log"):
        text = log.read_text()
        assert not any(word in text for word in words), log


def test_no_path_of_this_machine_is_in_what_is_built(built: Project) -> None:
    needle = str(built.folder).encode()
    for path in (built.folder / "results").rglob("*"):
        inside = path.relative_to(built.folder / "results").parts
        if path.is_file() and inside[0] not in ("logs", "weights"):
            assert needle not in path.read_bytes(), path


def test_a_request_that_the_server_refuses_fails_alone(
    project: Project, server: ScriptedServer
) -> None:
    project.replace("config/prompts/formal.yaml", "Say it formal.", "REFUSE THIS REQUEST")
    rephrases = "results/rephrases/alpha/clinic.formal/000-of-002.json"
    project.build(rephrases)
    account = project.manifest(rephrases)["account"]
    assert account["kept"] == 0
    assert account["failed"] == {"server_refused_400": account["in"]}


def test_a_corpus_that_falls_short_says_what_to_do(project: Project) -> None:
    project.edit(
        "config/config.yaml",
        lambda value: value["corpora"][1]["parts"][0].update(tokens=100_000),
    )
    done = project.snakemake("results/corpora/plain.parquet", succeeds=False)
    log = (project.folder / "results/logs/mix_corpus/plain.log").read_text()
    assert "the budget is 100,000. Raise the `tokens` of its rephrasing" in log
    assert "Traceback" not in log
    assert "the budget is 100,000" in done.stdout + done.stderr
    assert not (project.folder / "results/corpora/plain.parquet").exists()


@pytest.mark.parametrize("study", ["config/paper.yaml", "config/examples/aci-bench.yaml"])
def test_a_study_without_its_data_can_be_planned_but_not_run(
    built: Project, tmp_path, study
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("Snakefile", "rules", "scripts", "src", "envs", "profiles", "config"):
        origin = REPOSITORY / name
        (shutil.copytree if origin.is_dir() else shutil.copy)(origin, folder / name)
    project = Project(folder)
    planned = project.snakemake("--configfile", study, "-n")
    assert "only planning is possible" in planned.stderr
    assert "train_model" in planned.stdout + planned.stderr
    refused = project.snakemake("--configfile", study, succeeds=False)
    said = refused.stdout + refused.stderr
    assert "names data files that are not there" in said
    missing = "data/" if study == "config/paper.yaml" else "aci-bench/train.csv"
    assert missing in said
    assert not (folder / "results").exists()


@pytest.fixture(scope="module")
def alone(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    return all_alone(built, tmp_path_factory.mktemp("alone"))


def test_every_job_makes_the_same_bytes_from_its_declared_inputs_alone(alone: Alone) -> None:
    assert alone.differences == []


def test_a_program_that_connects_beyond_loopback_is_seen(tmp_path: Path) -> None:
    """To addresses that are nobody's (RFC 5737, RFC 3849), without waiting for an answer."""
    if reason := why_not():
        pytest.skip(reason)
    lines = ["import socket"]
    for family, kind, address in (
        ("AF_INET", "SOCK_STREAM", ("127.0.0.1", 9)),
        ("AF_INET", "SOCK_STREAM", ("192.0.2.1", 9)),
        ("AF_INET", "SOCK_DGRAM", ("198.51.100.1", 53)),
        ("AF_INET6", "SOCK_DGRAM", ("2001:db8::1", 53)),
    ):
        lines.append(f"s = socket.socket(socket.{family}, socket.{kind})")
        lines.append(f"s.setblocking(False); s.connect_ex({address})")
    log = tmp_path / "log"
    subprocess.run([*watching(log), sys.executable, "-c", "\n".join(lines)], check=True)
    others = {"192.0.2.1", "198.51.100.1", "2001:db8::1"}
    for _ in range(100):  # strace is a process of its own, and ends a moment later
        if addresses(log) == {"127.0.0.1", *others}:
            break
        time.sleep(0.1)
    assert beyond_loopback(addresses(log)) == others


def test_no_job_connects_beyond_loopback(alone: Alone) -> None:
    if alone.addresses is None:
        pytest.skip(alone.unwatched)
    assert alone.addresses  # the scripted server is seen
    assert beyond_loopback(alone.addresses) == set()
