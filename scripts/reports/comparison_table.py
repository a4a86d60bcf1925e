"""Write a table of encoders and mixtures against a baseline, and every run's score as tidy rows.

The table is written as CSV, and for people as Markdown and LaTeX beside it.
"""

import argparse

import pandas as pd

from palimpsest.reports.comparison import COLUMNS, compare, metrics_of
from palimpsest.reports.comparison_layout import comparison_layout
from palimpsest.reports.config import ComparisonSpec
from palimpsest.reports.rendering import write_layout
from palimpsest.reports.systems import read_systems, tidy_rows
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_text


def main(arguments: argparse.Namespace) -> None:
    spec: ComparisonSpec = arguments.spec
    systems = read_systems(arguments.scores, spec.systems, bool(spec.by))
    rows = compare(systems, spec)
    listed = [name for name in COLUMNS if name in rows[0]]
    table = pd.DataFrame(rows)[listed]
    tidy = [row for system in systems for row in tidy_rows(system, metrics_of(system, spec))]
    write_text(arguments.out, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))
    write_layout(arguments.out, comparison_layout(rows, systems, spec))
    write_text(arguments.metrics, long_rows(tidy))


if __name__ == "__main__":
    run(main, parser(__doc__, "--scores+", "--out", "--metrics", spec=ComparisonSpec))
