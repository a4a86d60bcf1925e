"""A study with a job of every rule, whose jobs share no disk: its files are in S3 alone."""

import re

import pytest
from every_rule import TARGETS
from forks import Forks
from pods import ObjectStore
from pods_project import PodsProject
from pods_study import built_by_pods, built_here, hashes
from project import REPOSITORY, Project, jobs
from scripted_server import ScriptedServer

pytestmark = pytest.mark.timeout(5400)  # a pod for each job, on as few cores as there are
RULE = re.compile(r"^ *(?:use )?rule (?:\w+ as )?(\w+)(?: with)?:", re.M)
LEDGERS = "results/state/ledger"


@pytest.fixture(scope="module")
def local(
    with_every_rule: Project, annotator: ScriptedServer, tmp_path_factory: pytest.TempPathFactory
) -> Project:
    return built_here(with_every_rule, annotator, tmp_path_factory.mktemp("local"), TARGETS)


@pytest.fixture(scope="module")
def whole(
    local: Project,
    with_every_rule: Project,
    annotator: ScriptedServer,
    store: ObjectStore,
    of_pods: Forks,
    tmp_path_factory: pytest.TempPathFactory,
) -> PodsProject:
    room = tmp_path_factory.mktemp("whole")
    return built_by_pods(with_every_rule, annotator, room, TARGETS, store, of_pods)


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
