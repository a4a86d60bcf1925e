"""Write a table of encoders and mixtures against a baseline, and every run's score as tidy rows."""

import argparse

import pandas as pd

from palimpsest.reports.comparison import compare, metrics_of
from palimpsest.reports.config import ComparisonSpec
from palimpsest.reports.systems import read_systems, tidy_rows
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_text


def main(arguments: argparse.Namespace) -> None:
    spec: ComparisonSpec = arguments.spec
    systems = read_systems(arguments.scores, spec.systems, bool(spec.by))
    table = pd.DataFrame(compare(systems, spec))
    tidy = [row for system in systems for row in tidy_rows(system, metrics_of(system, spec))]
    write_text(arguments.out, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))
    write_text(arguments.metrics, long_rows(tidy))


if __name__ == "__main__":
    run(main, parser(__doc__, "--scores+", "--out", "--metrics", spec=ComparisonSpec))
