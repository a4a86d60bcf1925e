"""Run the demo study, then print table 2, how long it took, and where the results are.

    python scripts/project/demo.py STARTED

`make demo` runs this inside .venv. STARTED is when make began, in seconds since the epoch: a
set-up that is younger than that belongs to this run.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAMP = ROOT / ".venv" / ".installed"
SHOWN = ("results/table1.csv", "results/table2.csv", "results/figure1.svg")


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """A table for a terminal: columns two spaces apart, numbers to the right.

    rows: all of the same length, the first one is the header.
    """

    def is_number(cell: str) -> bool:
        return cell.lstrip("+-").replace(".", "", 1).replace("e-", "", 1).isdigit() or not cell

    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [all(map(is_number, column[1:])) for column in columns]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    )


def shortened(cell: str) -> str:
    """A number with at most four decimals, for reading; any other cell as it is."""
    whole, point, decimals = cell.partition(".")
    return f"{float(cell):.4f}" if point and decimals.isdigit() and len(decimals) > 4 else cell


def minutes(seconds: float) -> str:
    """Seconds as a person says them: `48 s`, `9 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"


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
    done = subprocess.run(
        ["snakemake", "--quiet", "rules", "--", *SHOWN],
        cwd=ROOT,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        check=False,
    )
    if done.returncode:
        sys.exit(done.returncode)
    with (ROOT / "results" / "table2.csv").open(encoding="utf-8", newline="") as table:
        rows = [[shortened(cell) for cell in row] for row in csv.reader(table)]
    print(f"\n{aligned(rows)}\n")
    print(f"set-up: {set_up}; demo: {minutes(time.time() - began)}")
    print("\n".join(SHOWN))


if __name__ == "__main__":
    main()
