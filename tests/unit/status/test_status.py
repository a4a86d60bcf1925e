"""How far a run is, by the files that it wrote."""

import os
from argparse import Namespace
from collections import Counter
from pathlib import Path

import pytest

from palimpsest.cli.commands import status
from palimpsest.runtime.errors import UserError
from palimpsest.status.driver import last_run
from palimpsest.status.forecast import forecast
from palimpsest.status.jobs import Running, running, still_failed
from palimpsest.status.lines import span

NAME = "2026-11-30T09{}.snakemake.log"
HEAD = """
  Date: 2020-01-01 10:00:00
Job stats:
job                  count
-----------------  -------
mix_corpus               2
complete_requests        3
total                    5

"""
ENDED = "Finished jobid: 4 (Rule: mix_corpus)\n1 of 5 steps (20%) done\n"
ERROR = """[Wed Jan  1 10:00:09 2020]
Error in rule mix_corpus:
    jobid: 3
    output: results/corpora/b.parquet
    log: results/logs/mix_corpus/b.log (check log file(s) for error details)
    shell:
        python x
"""
PROGRESS = "completions: 12 of 40 requests in 30 s, about 70 s left; 38 tokens generated a second\n"
BENCHMARK = "s\th:m:s\n40.0\t0:00:40\n"


@pytest.fixture
def folder(tmp_path) -> Path:
    logs = tmp_path / ".snakemake/log"
    logs.mkdir(parents=True)
    (logs / NAME.format("10")).write_text(HEAD + ENDED + ERROR + ERROR)
    (logs / NAME.format("20")).write_text(HEAD + "This was a dry-run (flag -n).\n")
    return tmp_path


def write(path: Path, text: str, age: float = 0.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (path.stat().st_mtime - age,) * 2)


def test_the_driver_tells_jobs_by_rule_and_a_dry_run_is_none(folder):
    run = last_run(folder)
    assert run.path.name == NAME.format("10")
    assert run.planned == {"mix_corpus": 2, "complete_requests": 3}
    assert run.left() == {"mix_corpus": 1, "complete_requests": 3} and run.steps == (1, 5)
    assert list(run.failed) == ["results/logs/mix_corpus/b.log"]


def test_a_job_that_failed_and_began_again_runs(folder):
    log = folder / "results/logs/mix_corpus/b.log"
    write(log, "again\n")
    failed = last_run(folder).failed
    assert still_failed(folder, failed) == []
    os.utime(log, (min(failed.values()),) * 2)
    assert still_failed(folder, failed) == list(failed)


def test_where_nothing_ran_the_error_says_where_it_looked(tmp_path):
    with pytest.raises(UserError, match="no log of a run"):
        last_run(tmp_path)


def test_a_job_runs_from_its_log_to_its_benchmark(tmp_path):
    logs, seconds = tmp_path / "logs", tmp_path / "benchmarks"
    write(logs / "mix_corpus/a.log", "done\n", age=9)
    write(seconds / "mix_corpus/a.tsv", BENCHMARK, age=8)
    write(logs / "complete_requests/x/ward.p/000-of-002.log", "starting\n" + PROGRESS)
    write(seconds / "complete_requests/x/ward.p/000-of-002.tsv", BENCHMARK, age=99)  # of before
    write(logs / "mix_corpus/b.log", "Error\n")
    write(logs / "train_model/old.log", "killed long ago\n", age=500)
    now = (logs / "mix_corpus/b.log").stat().st_mtime
    found = running(tmp_path, {(logs / "mix_corpus/b.log").resolve()}, now - 100, now)
    assert [job.log for job in found] == ["complete_requests/x/ward.p/000-of-002"]
    assert (found[0].done, found[0].total, found[0].left) == (12, 40, 70.0)
    assert found[0].rate() == pytest.approx(0.4)


def test_a_forecast_goes_by_what_jobs_took_and_names_what_nobody_timed():
    left = Counter(mix_corpus=3, complete_requests=2, figure=1)
    job = Running("complete_requests/x", 0.0, 10, 40, "requests", 30.0, 90.0)
    seconds = {"mix_corpus": [10.0, 20.0], "complete_requests": [100.0]}
    ahead = forecast(left, seconds, [job], spent=170.0, elapsed=100.0)
    assert ahead.work == 90 + 3 * 15 + 100
    assert ahead.side_by_side == 2.0 and ahead.seconds() == ahead.work / 2
    assert ahead.unknown == {"figure": 1}


def test_the_command_says_all_of_it(folder, capsys):
    results = folder / "results"
    write(results / "logs/mix_corpus/a.log", "done\n", age=9)
    write(results / "benchmarks/mix_corpus/a.tsv", BENCHMARK)
    write(results / "logs/mix_corpus/b.log", "Error\n")
    os.utime(results / "logs/mix_corpus/b.log", (min(last_run(folder).failed.values()),) * 2)
    write(results / "logs/complete_requests/x/ward.p/000-of-001.log", PROGRESS)
    status.run(Namespace(folder=folder, results=Path("results"), every=None))
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("1 of 5 jobs done, 1 running, 2 waiting, 1 failed; begun ")
    assert told[1] == (
        "  ######..............  complete_requests/x/ward.p/000-of-001: 12 of 40 requests, 0.40 a "
        "second, 1 min 10 s left"
    )
    assert "  failed: results/logs/mix_corpus/b.log" in told
    assert "answers: 0.40 a second, over 1 running jobs" in told
    assert any("nobody has timed yet: 2 complete_requests" in line for line in told)
    log = folder / ".snakemake/log" / NAME.format("10")
    log.write_text(log.read_text() + "Complete log(s): x\nElapsed time: 0:21:18\n")
    status.run(Namespace(folder=folder, results=Path("results"), every=1.0))  # and returns
    assert "the driver has ended" in capsys.readouterr().out


@pytest.mark.parametrize("seconds, said", [(9, "9 s"), (70, "1 min 10 s"), (7260, "2 h 01 min")])
def test_spans_are_as_people_say_them(seconds, said):
    assert span(seconds) == said
