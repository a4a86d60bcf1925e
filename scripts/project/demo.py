"""Run the demo study, then print table 2, the most telling numbers, and where the results are.

    python scripts/project/demo.py STARTED

`make demo` runs this inside .venv. STARTED is when make began, in seconds since the epoch: a
set-up that is younger than that belongs to this run.

What the second paper needs takes as long again and is not built: the report is told to leave it
out, and says so. `snakemake results/report.html` builds the rest and shows all.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
STAMP = ROOT / ".venv" / ".installed"
RESULTS = ROOT / "results"
SHOWN = ("results/table1.csv", "results/table2.csv", "results/figure1.svg", "results/report.html")
# Of the study's report: what this run does not build.
LEFT_OUT = ("figure2", "figure3", "table3", "table4", "silver", "bronze", "overlap")


def minutes(seconds: float) -> str:
    """Seconds as a person says them: `48 s`, `9 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"


def report_without(names: Iterable[str], study: dict[str, Any]) -> str:
    """What `--config` is given, so that the report leaves out some names of a study as well."""
    kinds = ("tables", "figures", "datasets")
    declared = {"overlap", *(entry["name"] for kind in kinds for entry in study.get(kind, []))}
    listed = [*study.get("report", {}).get("without", []), *(declared & {*names})]
    return f"report={{without: [{', '.join(sorted({*listed}))}]}}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("started", type=int, help="when make began, in seconds since the epoch")
    make_began = parser.parse_args().started
    began = time.time()
    fresh = STAMP.is_file() and STAMP.stat().st_mtime >= make_began
    set_up = minutes(began - make_began) if fresh else "already installed"
    print(f"set-up: {set_up}", flush=True)
    study = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    shown = report_without(LEFT_OUT, study)
    done = subprocess.run(
        ["snakemake", "--quiet", "rules", "--config", shown, "--", *SHOWN],
        cwd=ROOT,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        check=False,
    )
    if done.returncode:
        sys.exit(done.returncode)
    took = f"set-up: {set_up}; demo: {minutes(time.time() - began)}"
    print("\n" + (RESULTS / "table2.md").read_text(encoding="utf-8"))
    print("\n".join(f"- {line}" for line in told(took, began)))
    print("\n" + "\n".join(SHOWN))
    print(f"\nThe report, one page for a browser: {SHOWN[-1]}")


def told(took: str, began: float) -> list[str]:
    """The five most telling numbers."""
    # What needs the package is imported here: the set-up is told before it is read.
    from palimpsest.status.jobs import seconds_by_rule
    from palimpsest.summary import telling

    return [
        telling.yields(RESULTS / "screens.csv"),
        telling.differences(RESULTS / "table2.csv"),
        telling.against_unigrams(RESULTS / "figure1.csv"),
        telling.errors(RESULTS / "fidelity.csv"),
        telling.time_said(took, seconds_by_rule(RESULTS, began)),
    ]


if __name__ == "__main__":
    main()
