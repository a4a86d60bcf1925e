"""A study with a job of every rule, whose jobs share no disk: its files are in S3 alone."""

import re

import pytest
from every_rule import TARGETS
from pods_project import PodsProject
from pods_study import hashes
from project import REPOSITORY, Project, jobs

pytestmark = pytest.mark.timeout(5400)  # a pod for each job, on as few cores as there are
RULE = re.compile(r"^ *(?:use )?rule (?:\w+ as )?(\w+)(?: with)?:", re.M)
LEDGERS = "results/state/ledger"


def test_the_study_has_a_job_of_every_rule(here: Project) -> None:
    texts = [path.read_text() for path in (REPOSITORY / "rules").glob("*.smk")]
    rules = {name for text in texts for name in RULE.findall(text)}
    # What says that there is no such target, and what has no program.
    assert rules - {job.split()[0] for job in here.jobs} == {"undeclared"}


def test_every_job_succeeds_at_the_first_try(whole: PodsProject, here: Project) -> None:
    assert jobs(whole.printed) == here.jobs
    assert "Error in rule" not in whole.printed
    codes = [(pod / "code").read_text().strip() for pod in whole.pods.spool.glob("pod-*")]
    assert set(codes) == {"0"} and len(codes) < len(here.jobs)  # a group has one pod


def test_tables_and_all_else_have_the_bytes_of_the_local_run(
    whole: PodsProject, here: Project
) -> None:
    ours, theirs = hashes(whole.fetched / "results"), hashes(here.folder / "results")
    theirs.pop(".gitignore")
    # Of a pack the bucket has the zip, with all its files, and README.md.
    unzipped = {name for name in theirs if name.startswith("evidence/pack/")}
    for name in unzipped - {"evidence/pack/README.md"}:
        del theirs[name]
    assert len(theirs) > 200 and "table1.csv" in theirs and "figure1.csv" in theirs
    assert {name for name in theirs if ours.get(name) != theirs[name]} == set()
    assert set(ours) == set(theirs)


def test_the_same_was_asked_and_each_shard_of_a_prompt_has_one_object(
    whole: PodsProject, here: Project
) -> None:
    assert whole.sent == here.sent
    ledgers = whole.store.names("results/state/ledger")
    ours = [path.relative_to(here.folder) for path in here.folder.glob(f"{LEDGERS}/*/*/*.sqlite")]
    assert sorted(ledgers) == sorted(map(str, ours))


def test_nothing_is_planned_after_it(whole: PodsProject) -> None:
    printed = whole.submit("--dry-run", "--quiet", "rules", "--", *TARGETS[-1])
    assert "Nothing to be done" in printed, printed
