"""Jobs that share no disk: what they make, keep and lose, with files in S3 alone.

`test_pods_every_rule.py` has a job of every rule; here are a shard, a training and a fine-tuning.
"""

import subprocess
from collections.abc import Callable, Iterator

import pytest
from every_rule import WINDOW
from pods_project import PodsProject
from pods_study import hashes, sent_to
from project import Project, jobs
from scripted_server import ScriptedServer
from slurm import wait_for

pytestmark = pytest.mark.timeout(1800)  # a pod for each job, on as few cores as there are
LEDGERS = "results/state/ledger"
SHARD = "results/completions/alpha/clinic.formal/000-of-002.json"
CHECKPOINT = "results/checkpoints/small/original/seed0.json"
FINETUNED = "results/predictions/tagging/tiny/original/entities/all/seed0/run1.json"
TARGETS = ((SHARD, CHECKPOINT, FINETUNED),)


def test_results_have_the_bytes_of_the_local_run(whole: PodsProject, here: Project) -> None:
    ours, theirs = hashes(whole.fetched / "results"), hashes(here.folder / "results")
    theirs.pop(".gitignore", None)
    assert jobs(whole.printed) == here.jobs and whole.sent == here.sent
    assert len(theirs) > 20 and ours == theirs


def test_nothing_is_planned_after_it(whole: PodsProject) -> None:
    printed = whole.submit("--dry-run", "--quiet", "rules", "--", *TARGETS[-1])
    assert "Nothing to be done" in printed, printed


def test_a_shard_and_a_training_that_run_again_ask_and_train_nothing(
    whole: PodsProject, annotator: ScriptedServer
) -> None:
    annotator.requests.clear()
    before = hashes(whole.fetched / "results")
    rules = ["complete_requests", "train_model", "finetune"]
    whole.submit("--forcerun", *rules, "--", *TARGETS[-1])
    assert annotator.requests == []
    again = whole.fetched.with_name("again")
    whole.store.download(again)
    after = hashes(again / "results")
    assert after == before
    for log in (again / "results/logs/train_model").rglob("*.log"):
        if "small/original" in str(log):
            assert "steps done" not in log.read_text()


@pytest.fixture
def asking(
    whole: PodsProject, annotator: ScriptedServer
) -> Iterator[tuple[PodsProject, Callable[[], int]]]:
    """The study without the answers for one prompt, and how many requests were sent twice."""
    for name in whole.store.names(LEDGERS):
        whole.store.client.delete_object(**whole.store.where(name))
    annotator.requests.clear()

    def asked_again() -> int:
        sent = sent_to(annotator)
        return len(sent) - len(set(sent))

    yield whole, asked_again
    annotator.pause = 0.0


FORCED = ["--forcerun", "complete_requests", "--", SHARD]


def test_a_pod_that_is_killed_costs_at_most_one_window(
    asking: tuple[PodsProject, Callable[[], int]], annotator: ScriptedServer, here: Project
) -> None:
    project, asked_again = asking
    annotator.pause = 1.0
    driver = project.begin("--retries", "1", *FORCED)
    wait_for("the second window", lambda: len(annotator.requests) > 2 * WINDOW, 300)
    (pod,) = project.pods.running()
    project.pods.kill(pod)
    annotator.pause = 0.0
    assert driver.wait(600) == 0, driver.output.read_text()[-6000:]
    assert "Trying to restart job" in driver.output.read_text()
    assert 0 < asked_again() <= WINDOW
    made = project.fetched.with_name("killed")
    project.store.download(made, "results/completions/alpha/clinic.formal")
    for name in ("000-of-002.parquet", "000-of-002.json"):
        path = f"results/completions/alpha/clinic.formal/{name}"
        assert (made / path).read_bytes() == here.read(path)
    asked = len(annotator.requests)
    project.submit(*FORCED)
    assert len(annotator.requests) == asked, "the second run sends nothing"


def test_a_job_that_fails_keeps_what_was_answered(
    asking: tuple[PodsProject, Callable[[], int]], annotator: ScriptedServer
) -> None:
    project, asked_again = asking
    annotator.break_at = 2 * WINDOW + 2
    try:
        driver = project.begin("--retries", "0", *FORCED)
        assert driver.wait(600) != 0
    finally:
        annotator.break_at = 0
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
