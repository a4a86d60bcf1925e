"""A whole study on SLURM: the local run's bytes, with fewer jobs than Snakemake has."""

import re
import shutil
from collections.abc import Iterator

import pytest
from cluster_project import ClusterProject, driver_of_forks
from project import Project
from slurm import Slurm

pytestmark = pytest.mark.timeout(1800)  # of the whole study, where others use the machine, too


@pytest.fixture(scope="module")
def whole(
    slurm: Slurm, declared: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClusterProject]:
    """The tiny study, built on SLURM by one command, with a scratch disk; its programs are forks.

    `printed` is what the driver said, `scratch` the folder that the profile declares.
    """
    room = tmp_path_factory.mktemp("whole")
    project = ClusterProject(shutil.copytree(declared.folder, room / "project"))
    project.scratch = room / "scratch"
    project.replace("profiles/slurm/config.yaml", "# tmpdir: /scratch", f"tmpdir: {room}/scratch")
    project.driver, served = driver_of_forks(room)
    try:
        project.printed = project.submit()
        yield project
    finally:
        served.close()


def test_the_whole_study_has_the_bytes_of_the_local_run(
    whole: ClusterProject, local: Project
) -> None:
    ours, theirs = whole.hashes(), ClusterProject(local.folder).hashes()
    assert len(ours) > 100
    assert ours == theirs


def test_tables_were_written_on_the_scratch_disk_and_nothing_is_left_there(
    whole: ClusterProject,
) -> None:
    (folder,) = whole.scratch.glob("palimpsest-*")
    assert not list(folder.iterdir())


def test_shards_are_grouped(whole: ClusterProject, slurm: Slurm) -> None:
    names = re.findall(r"Group job (\S+)|rule_(\w+)", whole.printed)
    assert names
    submitted = len(re.findall(r"has been submitted with SLURM jobid", whole.printed))
    jobs = int(re.search(r"^total\s+(\d+)$", whole.printed, re.M).group(1))
    assert submitted < jobs - 10, f"{submitted} SLURM jobs for {jobs} jobs"


def test_nothing_is_planned_after_it(whole: ClusterProject) -> None:
    assert whole.planned() == set()


def test_each_log_begins_with_its_own_run(whole: ClusterProject) -> None:
    logs = list((whole.folder / "results/logs").rglob("*.log"))
    assert len(logs) > 50
    for log in logs:
        assert re.match(r"SLURM job \d+\n", log.read_text()), log
