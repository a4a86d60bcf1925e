"""A study whose jobs share no disk: its files, and what it keeps, are in S3 alone."""

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import every_rule
import pytest
from every_rule import TARGETS, WINDOW, judge
from forks import Forks
from pods import PYTHON, ObjectStore
from pods_project import PodsProject
from project import REPOSITORY, Project, jobs
from scripted_server import ScriptedServer
from slurm import wait_for

pytestmark = pytest.mark.timeout(5400)  # a pod for each job, on as few cores as there are
RULE = re.compile(r"^ *(?:use )?rule (?:\w+ as )?(\w+)(?: with)?:", re.M)
# Times; the order of answers; what a plan is made of: how far the LLMs were, and how fast.
NOT_COMPARED = {"logs", "benchmarks", "state", "plan", "plan.csv", "pilot.csv"}
LEDGERS = "results/state/ledger"
SHARD = "results/completions/alpha/clinic.formal/000-of-002.json"
CHECKPOINT = "results/checkpoints/small/original/seed0.json"


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    made = ScriptedServer()
    made.judge = judge
    yield made
    made.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    made = ObjectStore(tmp_path_factory.mktemp("s3"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def of_pods() -> Iterator[Forks]:
    """Programs of pods are forks: most of their time would go into loading libraries."""
    made = Forks(interpreter=str(PYTHON))
    yield made
    made.close()


@pytest.fixture(scope="module")
def declared(server: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return every_rule.create(tmp_path_factory.mktemp("declared") / "project", server.url)


def sent_to(server: ScriptedServer) -> list[str]:
    """What was asked, in the order of the alphabet."""
    return sorted(json.dumps(body, sort_keys=True) for body in server.requests)


@pytest.fixture(scope="module")
def local(
    declared: Project, server: ScriptedServer, tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """The study, built by Snakemake on this machine's disk; `jobs` ran, and `sent` was asked."""
    folder = tmp_path_factory.mktemp("local") / "project"
    project = Project(shutil.copytree(declared.folder, folder))
    server.requests.clear()
    project.jobs = set().union(*(project.build(*targets) for targets in TARGETS))
    project.sent = sent_to(server)
    return project


@pytest.fixture(scope="module")
def whole(
    local: Project,
    declared: Project,
    store: ObjectStore,
    of_pods: Forks,
    server: ScriptedServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> PodsProject:
    """The study, built by pods, each command given once; `printed` is what the drivers said."""
    room = tmp_path_factory.mktemp("whole")
    project = PodsProject.of(declared, room / "project", store, of_pods)
    server.requests.clear()
    project.printed = "".join(project.submit(*targets) for targets in TARGETS)
    project.sent = sent_to(server)
    project.fetched = room / "fetched"
    store.download(project.fetched)
    return project


def hashes(results: Path) -> dict[str, str]:
    return {
        str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.relative_to(results).parts[0] not in NOT_COMPARED
    }


def test_the_study_has_a_job_of_every_rule(local: Project) -> None:
    texts = [path.read_text() for path in (REPOSITORY / "rules").glob("*.smk")]
    rules = {name for text in texts for name in RULE.findall(text)}
    # What says that there is no such target, and what has no program.
    assert rules - {job.split()[0] for job in local.jobs} == {"undeclared"}


def test_every_job_succeeds_at_the_first_try(whole: PodsProject, local: Project) -> None:
    assert jobs(whole.printed) == local.jobs
    assert "Error in rule" not in whole.printed
    codes = [(pod / "code").read_text().strip() for pod in whole.pods.spool.glob("pod-*")]
    assert set(codes) == {"0"} and len(codes) < len(local.jobs)  # a group has one pod


def test_tables_and_all_else_have_the_bytes_of_the_local_run(
    whole: PodsProject, local: Project
) -> None:
    ours, theirs = hashes(whole.fetched / "results"), hashes(local.folder / "results")
    theirs.pop(".gitignore")
    # Of a pack the bucket has the zip, with all its files, and README.md.
    unzipped = {name for name in theirs if name.startswith("evidence/pack/")}
    for name in unzipped - {"evidence/pack/README.md"}:
        del theirs[name]
    assert len(theirs) > 200 and "table1.csv" in theirs and "figure1.csv" in theirs
    assert {name for name in theirs if ours.get(name) != theirs[name]} == set()
    assert set(ours) == set(theirs)


def test_the_same_was_asked_and_each_shard_of_a_prompt_has_one_object(
    whole: PodsProject, local: Project
) -> None:
    assert whole.sent == local.sent
    ledgers = whole.store.names("results/state/ledger")
    ours = [path.relative_to(local.folder) for path in local.folder.glob(f"{LEDGERS}/*/*/*.sqlite")]
    assert sorted(ledgers) == sorted(map(str, ours))


def test_nothing_is_planned_after_it(whole: PodsProject) -> None:
    printed = whole.submit("--dry-run", "--quiet", "rules", "--", *TARGETS[-1])
    assert "Nothing to be done" in printed, printed


def test_a_shard_and_a_training_that_run_again_ask_and_train_nothing(
    whole: PodsProject, server: ScriptedServer
) -> None:
    server.requests.clear()
    before = hashes(whole.fetched / "results")
    rules = ["complete_requests", "train_model", "finetune"]
    whole.submit("--forcerun", *rules, "--", SHARD, CHECKPOINT, *finetuned(before))
    assert server.requests == []
    again = whole.fetched.with_name("again")
    whole.store.download(again)
    after = hashes(again / "results")
    assert after == before
    for log in (again / "results/logs/train_model").rglob("*.log"):
        if "small/original" in str(log):
            assert "steps done" not in log.read_text()


def finetuned(names: dict[str, str]) -> list[str]:
    found = [name for name in names if re.fullmatch(r"predictions/.*/run1\.json", name)]
    return [f"results/{found[0]}"]


@pytest.fixture
def asking(
    whole: PodsProject, server: ScriptedServer
) -> Iterator[tuple[PodsProject, Callable[[], int]]]:
    """The study without the answers for one prompt, and how many requests were sent twice."""
    for name in whole.store.names(LEDGERS):
        whole.store.client.delete_object(**whole.store.where(name))
    server.requests.clear()

    def asked_again() -> int:
        sent = sent_to(server)
        return len(sent) - len(set(sent))

    yield whole, asked_again
    server.pause = 0.0


FORCED = ["--forcerun", "complete_requests", "--", SHARD]


def test_a_pod_that_is_killed_costs_at_most_one_window(
    asking: tuple[PodsProject, Callable[[], int]], server: ScriptedServer, local: Project
) -> None:
    project, asked_again = asking
    server.pause = 1.0
    driver = project.begin("--retries", "1", *FORCED)
    wait_for("the second window", lambda: len(server.requests) > 2 * WINDOW, 300)
    (pod,) = project.pods.running()
    project.pods.kill(pod)
    server.pause = 0.0
    assert driver.wait(600) == 0, driver.output.read_text()[-6000:]
    assert "Trying to restart job" in driver.output.read_text()
    assert 0 < asked_again() <= WINDOW
    made = project.fetched.with_name("killed")
    project.store.download(made, "results/completions/alpha/clinic.formal")
    for name in ("000-of-002.parquet", "000-of-002.json"):
        path = f"results/completions/alpha/clinic.formal/{name}"
        assert (made / path).read_bytes() == local.read(path)
    asked = len(server.requests)
    project.submit(*FORCED)
    assert len(server.requests) == asked, "the second run sends nothing"


def test_a_job_that_fails_keeps_what_was_answered(
    asking: tuple[PodsProject, Callable[[], int]], server: ScriptedServer
) -> None:
    project, asked_again = asking
    server.break_at = 2 * WINDOW + 2
    try:
        driver = project.begin("--retries", "0", *FORCED)
        assert driver.wait(600) != 0
    finally:
        server.break_at = 0
    log = project.fetched.with_name("failed")
    project.store.download(log, "results/logs/complete_requests")
    assert list(log.rglob("000-of-002.log")), "the log is in the bucket, too"
    project.submit(*FORCED)
    assert asked_again() <= WINDOW


def test_files_that_git_does_not_track_end_the_run_at_its_start(whole: PodsProject) -> None:
    path = "config/llms/alpha.yaml"
    subprocess.run(["git", "rm", "--quiet", "--cached", path], cwd=whole.folder, check=True)
    try:
        driver = whole.begin(*FORCED)
        assert driver.wait(300) != 0
        assert f"expected `git add {path}`" in driver.output.read_text()
    finally:
        subprocess.run(["git", "add", path], cwd=whole.folder, check=True)
