"""What a job, a node or the driver costs that is killed, and how one goes on."""

import subprocess

import pytest
from cluster_project import ClusterProject
from killing import WINDOW, write_distinct_notes
from scripted_server import ScriptedServer
from slurm import Slurm, run, wait_for

SHARDS = ("000-of-002", "001-of-002")
TARGETS = [f"results/rephrases/alpha/clinic.plain/{shard}.json" for shard in SHARDS]
SLOWLY = 0.5  # seconds before each answer, so that a job is there to be killed


@pytest.fixture
def asking(fresh: ClusterProject, server: ScriptedServer) -> ClusterProject:
    """The study up to its requests; its LLM answers slowly. No two requests are equal."""
    write_distinct_notes(fresh.folder / "notes.csv", 60)
    fresh.snakemake(*(f"results/requests/clinic.plain/{shard}.json" for shard in SHARDS))
    server.requests.clear()
    server.pause = SLOWLY
    return fresh


def asked_again(server: ScriptedServer) -> int:
    return len(server.requests) - len({request["seed"] for request in server.requests})


def running(slurm: Slurm, name: str) -> list[dict[str, str]]:
    return slurm.jobs(JobName=name, JobState="RUNNING")


def until_asked(server: ScriptedServer, count: int = WINDOW + 2) -> None:
    wait_for("the first requests", lambda: len(server.requests) >= count)


def narrower(study: dict) -> None:
    """An edit that lies downstream of completions."""
    study["screens"][1]["max_ratio"] = 1.5


def test_a_job_that_is_cancelled_asks_at_most_one_window_again(
    asking: ClusterProject, slurm: Slurm, server: ScriptedServer
) -> None:
    driver = asking.begin(*TARGETS)
    until_asked(server)
    (job,) = running(slurm, driver.run_id())
    run("scancel", job["JobId"])
    server.pause = 0.0
    assert driver.wait() == 0, driver.output.read_text()[-6000:]
    assert asked_again(server) <= WINDOW
    asking.submit(*TARGETS)
    assert asked_again(server) <= WINDOW
    assert len(slurm.jobs(JobName=driver.run_id(), JobState="CANCELLED")) == 1


def test_a_node_that_dies_costs_at_most_one_window(
    asking: ClusterProject, slurm: Slurm, server: ScriptedServer
) -> None:
    driver = asking.begin(*TARGETS)
    until_asked(server)
    (job,) = running(slurm, driver.run_id())
    slurm.kill_node(job["NodeList"])
    server.pause = 0.0
    try:
        assert driver.wait() == 0, driver.output.read_text()[-6000:]
    finally:
        slurm.start_node(job["NodeList"])
        wait_for("the node", lambda: set(slurm.states().values()) == {"idle"})
    assert asked_again(server) <= WINDOW


def test_after_a_kill_of_the_driver_the_documented_recovery_goes_on(
    asking: ClusterProject, slurm: Slurm, server: ScriptedServer
) -> None:
    driver = asking.begin(*TARGETS)
    until_asked(server)
    name = driver.run_id()
    driver.kill()
    run("scancel", "--name", name)
    wait_for("the job's end", lambda: not running(slurm, name))
    server.pause = 0.0
    asking.snakemake("--unlock")
    asking.submit(*TARGETS)
    assert asked_again(server) <= WINDOW
    assert asking.planned(*TARGETS) == set()
    asking.edit("config/config.yaml", narrower)
    assert asking.planned(*TARGETS) == {"screen_completions"}


def test_an_edit_is_seen_after_jobs_that_outlived_their_driver(
    asking: ClusterProject, slurm: Slurm, server: ScriptedServer
) -> None:
    driver = asking.begin(*TARGETS)
    until_asked(server)
    driver.kill()
    server.pause = 0.0
    wait_for("the jobs' end", lambda: not running(slurm, driver.run_id()))
    completions = [
        asking.folder / f"results/completions/alpha/clinic.plain/{shard}.parquet"
        for shard in SHARDS
    ]
    assert all(path.is_file() for path in completions)
    asking.snakemake("--unlock")
    everything, asked = [path.read_bytes() for path in completions], len(server.requests)

    def shorter(study: dict) -> None:
        study["rephrasings"][0]["tokens"] = 600

    asking.edit("config/config.yaml", shorter)
    assert {"rephrase_requests", "complete_requests"} <= asking.planned(*TARGETS)
    asking.submit(*TARGETS)
    assert everything != [path.read_bytes() for path in completions]
    assert len(server.requests) == asked, "the ledger has all of it"
    assert asking.planned(*TARGETS) == set()


def test_accounting_that_does_not_answer_ends_the_run(fresh: ClusterProject, slurm: Slurm) -> None:
    command = fresh.arguments("--slurm-status-command", "sacct", "results/splits.json")
    done = subprocess.run(
        command,
        cwd=fresh.folder,
        env=fresh.environment(),
        capture_output=True,
        text=True,
        timeout=300,  # of a run that would wait for ever
    )
    assert done.returncode != 0
    printed = done.stdout + done.stderr
    assert "slurm-status-command: squeue" in printed
    assert "has been submitted" not in printed
