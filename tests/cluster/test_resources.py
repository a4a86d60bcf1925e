"""Memory and time grow with each attempt; GPU jobs have their devices for themselves."""

import subprocess
import time
from pathlib import Path

import pytest
from cluster_project import ClusterProject
from scripted_server import ScriptedServer
from slurm import NODES, Slurm, run, wait_for

SHARD = "results/completions/alpha/clinic.plain/000-of-002.json"
ALONE = ["--group-components", "complete_{llm}_{request_set}=1"]


@pytest.fixture
def asking(fresh: ClusterProject, server: ScriptedServer) -> ClusterProject:
    """The study up to all its requests."""
    sets = [
        f"results/requests/clinic.{prompt}/{shard}.json"
        for prompt in ("plain", "formal")
        for shard in ("000-of-002", "001-of-002")
    ]
    fresh.snakemake(*sets)
    return fresh


def tune(project: ClusterProject, **engine: int) -> None:
    for llm in ("alpha", "beta"):
        project.edit(f"config/llms/{llm}.yaml", lambda value: value["engine"].update(engine))


def of_run(slurm: Slurm, name: str, field: str) -> list[str]:
    """A field of all jobs of a run, in the order of their submission."""
    jobs = sorted(slurm.jobs(JobName=name), key=lambda job: int(job["JobId"]))
    return [job[field] for job in jobs]


def programs(name: str, folder: Path) -> list[dict[str, str]]:
    """The environments of the processes in a folder that run a program of the project."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            if not any(word.endswith(name.encode()) for word in words[1:2]):
                continue
            if (path / "cwd").readlink() != folder:
                continue
            lines = (path / "environ").read_bytes().decode().split("\0")
        except OSError:
            continue
        found.append(dict(line.partition("=")[::2] for line in lines if line))
    return found


def test_a_job_over_its_memory_gets_twice_as_much(asking: ClusterProject, slurm: Slurm) -> None:
    tune(asking, memory_mb=180)
    driver = asking.begin(SHARD)
    assert driver.wait() == 0, driver.output.read_text()[-6000:]
    asked = of_run(slurm, driver.run_id(), "MinMemoryNode")
    assert asked[:2] == ["180M", "360M"]
    assert of_run(slurm, driver.run_id(), "JobState")[-1] == "COMPLETED"


def test_a_job_over_its_time_gets_twice_as_much(
    asking: ClusterProject, slurm: Slurm, server: ScriptedServer
) -> None:
    tune(asking, runtime_minutes=1)
    server.pause = 20.0
    driver = asking.begin(SHARD)

    def timed_out() -> bool:
        return bool(slurm.jobs(JobName=driver.run_id(), JobState="TIMEOUT"))

    wait_for("the end of its time", timed_out, 240)
    server.pause = 0.0
    assert driver.wait() == 0, driver.output.read_text()[-6000:]
    assert of_run(slurm, driver.run_id(), "TimeLimit")[:2] == ["00:01:00", "00:02:00"]


def test_gpu_jobs_never_share_a_device(
    asking: ClusterProject, slurm: Slurm, server: ScriptedServer
) -> None:
    tune(asking, gpus=1)
    server.pause = 1.0
    targets = [
        f"results/completions/{llm}/clinic.{prompt}/{shard}.json"
        for llm, prompt in (("alpha", "plain"), ("alpha", "formal"), ("beta", "plain"))
        for shard in ("000-of-002", "001-of-002")
    ]
    driver = asking.begin(*targets, *ALONE)
    most, seen = 0, set()
    while driver.process.poll() is None:
        devices = [
            (environment["SLURMD_NODENAME"], environment["CUDA_VISIBLE_DEVICES"])
            for environment in programs("complete_requests.py", asking.folder)
        ]
        assert len(devices) == len(set(devices)), f"shared: {devices}"
        most, seen = max(most, len(devices)), seen | set(devices)
        if most == 4:
            server.pause = 0.0
        time.sleep(0.2)
    assert driver.wait() == 0, driver.output.read_text()[-6000:]
    assert most == 4, "all four GPUs were at work at once"
    assert {(node, index) for node in NODES for index in "01"} == seen


def test_two_gpus_of_a_job_are_on_one_node_and_waited_for(
    asking: ClusterProject, slurm: Slurm
) -> None:
    tune(asking, gpus=2)
    busy = {
        node: run(
            "sbatch", "--parsable", "--gpus=1", f"--nodelist={node}", "--output=/dev/null",
            "--wrap", "sleep 600",
        ).strip()
        for node in NODES
    }  # fmt: skip
    try:
        driver = asking.begin(SHARD, *ALONE)
        wait_for("the job", lambda: slurm.jobs(JobName=driver.run_id()))
        time.sleep(8)  # several rounds of the scheduler
        assert of_run(slurm, driver.run_id(), "JobState") == ["PENDING"]
        run("scancel", busy["n2"])
        assert driver.wait() == 0, driver.output.read_text()[-6000:]
        assert of_run(slurm, driver.run_id(), "NodeList") == ["n2"]
    finally:
        subprocess.run(["scancel", *busy.values()], check=False)
