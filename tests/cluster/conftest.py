"""One SLURM for all tests of it, and what pods need; the studies that both build."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import every_rule
import pods
import pytest
from cluster_project import ClusterProject
from forks import Forks
from pods_project import PodsProject
from pods_study import built_by_pods, built_here
from project import Project
from scripted_server import ScriptedServer
from slurm import Slurm, missing

DRIVER = "PALIMPSEST_CLUSTER"  # the folder of the environment that submits jobs


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what cannot be started here, and all of it where nobody asked for it."""
    reason = of_pods = "a SLURM and pods are started on request: run `make test-cluster`"
    if driver := os.environ.get(DRIVER):
        there = Path(driver, "bin", "python").is_file()
        reason = missing() or ("" if there else f"{driver} is no environment: run `make slurm`")
        of_pods = pods.missing() or ""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.workflow)
            item.add_marker(pytest.mark.slow)
            if why := of_pods if item.path.name.startswith("test_pods") else reason:
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    started = Slurm(tmp_path_factory.mktemp("slurm"))
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="session")
def server() -> Iterator[ScriptedServer]:
    made = ScriptedServer()
    yield made
    made.close()


@pytest.fixture(scope="session")
def declared(server: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The tiny study, of which nothing is built. Its tokenizer comes out otherwise each time."""
    return Project.create(tmp_path_factory.mktemp("declared") / "project", server.url)


@pytest.fixture(scope="session")
def local(declared: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """That study, built by Snakemake on this machine."""
    folder = tmp_path_factory.mktemp("local") / "project"
    project = Project(shutil.copytree(declared.folder, folder))
    project.build()
    return project


@pytest.fixture
def fresh(
    slurm: Slurm, server: ScriptedServer, declared: Project, tmp_path: Path
) -> ClusterProject:
    """That study, of which nothing is built; the server's count starts at zero."""
    server.requests.clear()
    server.pause, server.fail_next = 0.0, 0
    return ClusterProject(shutil.copytree(declared.folder, tmp_path / "project"))


@pytest.fixture(scope="session")
def annotator() -> Iterator[ScriptedServer]:
    """A server that answers as an annotator of sentences, too."""
    made = ScriptedServer()
    made.judge = every_rule.judge
    yield made
    made.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pods.ObjectStore]:
    made = pods.ObjectStore(tmp_path_factory.mktemp("s3"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def of_pods() -> Iterator[Forks]:
    """Programs of pods are forks: most of their time would go into loading libraries."""
    made = Forks(interpreter=str(pods.PYTHON))
    yield made
    made.close()


@pytest.fixture(scope="session")
def with_every_rule(annotator: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A study with a job of every rule, of which nothing is built."""
    return every_rule.create(tmp_path_factory.mktemp("every") / "project", annotator.url)


@pytest.fixture(scope="module")
def here(
    request: pytest.FixtureRequest,
    with_every_rule: Project,
    annotator: ScriptedServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Project:
    """What a module's TARGETS name of that study, built on this machine."""
    room = tmp_path_factory.mktemp("here")
    return built_here(with_every_rule, annotator, room, request.module.TARGETS)


@pytest.fixture(scope="module")
def whole(
    request: pytest.FixtureRequest,
    here: Project,
    with_every_rule: Project,
    annotator: ScriptedServer,
    store: pods.ObjectStore,
    of_pods: Forks,
    tmp_path_factory: pytest.TempPathFactory,
) -> PodsProject:
    """The same, built by pods."""
    room, targets = tmp_path_factory.mktemp("whole"), request.module.TARGETS
    return built_by_pods(with_every_rule, annotator, room, targets, store, of_pods)
