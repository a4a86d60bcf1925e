"""Draw a figure, and write its numbers as tidy rows.

--scores: tables of what the figure shows.
"""

import argparse

from palimpsest.reports.figures import AnySpec
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_text


def main(arguments: argparse.Namespace) -> None:
    write_text(arguments.metrics, long_rows(arguments.spec.draw(arguments.scores, arguments.out)))


if __name__ == "__main__":
    run(main, parser(__doc__, "--scores+", "--out", "--metrics", spec=AnySpec))
