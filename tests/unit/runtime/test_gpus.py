"""A job takes GPUs that no other job has, and gives them back however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from palimpsest.completions.hardware import describe_hardware
from palimpsest.runtime import gpus
from palimpsest.runtime.errors import UserError

SMI = """#!/bin/sh
echo '0, NVIDIA H200'
echo '1, NVIDIA H200'
echo '2, NVIDIA H200'
"""
HOLDER = """
import os, sys
from pathlib import Path
from palimpsest.runtime import gpus
gpus.LOCKS = Path(sys.argv[1])
gpus.take_gpus(int(sys.argv[2]))
print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with three GPUs that are free; returns the folder of the locks."""
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text(SMI)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path / "locks"


@pytest.fixture
def take(machine):
    """Starts a job that takes GPUs and lives on; returns it."""
    jobs = []

    def start(count):
        jobs.append(
            subprocess.Popen(
                [sys.executable, "-c", HOLDER, str(machine), str(count)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3] / "src")},
            )
        )
        return jobs[-1]

    yield start
    for job in jobs:
        job.kill()
        job.communicate()


def test_no_two_jobs_have_one_gpu(take):
    assert [take(count).stdout.readline().strip() for count in (1, 2)] == ["0", "1,2"]


def test_a_job_waits_for_gpus_until_a_killed_one_is_gone(take):
    first, second = take(1), take(1)
    assert {first.stdout.readline(), second.stdout.readline()} == {"0\n", "1\n"}
    third = take(2)
    assert "waiting for 2 free GPUs" in third.stderr.readline()
    first.send_signal(signal.SIGKILL)
    first.wait()
    taken = third.stdout.readline().strip().split(",")
    assert len(taken) == 2 and "2" in taken


def test_what_a_cluster_chose_stays(machine, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-5fd4")
    gpus.take_gpus(1)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "GPU-5fd4"
    assert describe_hardware() == "1 x NVIDIA H200"


def test_a_machine_with_too_few_gpus_is_an_error(machine):
    with pytest.raises(UserError, match="4 GPUs are asked for and this machine has 3"):
        gpus.take_gpus(4)


def test_a_job_without_a_gpu_asks_for_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    gpus.take_gpus(0)
    assert "CUDA_VISIBLE_DEVICES" not in os.environ and gpus.installed_gpus() == []


def test_a_machine_is_described_by_its_kind_and_not_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    described = describe_hardware()
    assert described.startswith(f"{len(os.sched_getaffinity(0))} cores of ")
    assert os.uname().nodename not in described


def test_the_gpus_that_a_job_sees_are_those_that_count(machine, monkeypatch):
    assert describe_hardware() == "3 x NVIDIA H200"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,2")
    assert describe_hardware() == "2 x NVIDIA H200"
