"""Snakemake's default limit on how many jobs may start in a second is lifted, and no other."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.cli import get_argument_parser
from snakemake.settings.types import SchedulingSettings

from palimpsest.runtime.scheduling import without_default_rate


@pytest.mark.parametrize(
    ("wished", "limited"), [(None, False), ("100/1s", False), ("10/1s", True), ("100/1m", True)]
)
def test_only_the_limit_that_snakemake_sets_by_itself_is_lifted(
    wished: str | None, limited: bool
) -> None:
    options = [] if wished is None else ["--max-jobs-per-timespan", wished]
    rate = get_argument_parser().parse_args(options).max_jobs_per_timespan
    scheduler = SimpleNamespace(job_rate_limiter=rate)
    without_default_rate(SchedulingSettings(max_jobs_per_timespan=rate), scheduler)
    assert (scheduler.job_rate_limiter is not None) == limited


SLEEPERS = """
from palimpsest.runtime.scheduling import without_default_rate

onstart:
    if {lift}:
        without_default_rate(workflow.scheduling_settings, workflow.scheduler)

rule all:
    input:
        expand("{{n}}.txt", n=range(6))

rule sleeper:
    output:
        "{{n}}.txt"
    shell:
        "sleep 1; touch {{output}}"
"""


@pytest.mark.slow
def test_snakemake_then_looks_for_jobs_only_when_one_ends(tmp_path: Path) -> None:
    looks = {}
    for lift in (False, True):
        (tmp_path / f"{lift}").mkdir()
        (tmp_path / f"{lift}" / "Snakefile").write_text(SLEEPERS.format(lift=lift))
        command = [sys.executable, "-m", "snakemake", "--cores", "1", "--verbose"]
        done = subprocess.run(
            command, cwd=tmp_path / f"{lift}", capture_output=True, text=True, check=True
        )
        looks[lift] = (done.stdout + done.stderr).count("Ready jobs: ")
    assert looks[True] <= 7 < looks[False], "does Snakemake still need this?"
