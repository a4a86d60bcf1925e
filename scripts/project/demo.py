"""Run the demo study, then print table 2, how long it took, and where the results are.

    python scripts/project/demo.py STARTED

`make demo` runs this inside .venv. STARTED is when make began, in seconds since the epoch: a
set-up that is younger than that belongs to this run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAMP = ROOT / ".venv" / ".installed"
SHOWN = ("results/table1.csv", "results/table2.csv", "results/figure1.svg", "results/fidelity.svg")


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
    print("\n" + (ROOT / "results" / "table2.md").read_text(encoding="utf-8"))
    print(f"set-up: {set_up}; demo: {minutes(time.time() - began)}")
    print("\n".join(SHOWN))


if __name__ == "__main__":
    main()
