"""Draw a figure, and write what is drawn, the numbers behind it, and its caption.

--scores: tables of what the figure shows. --out: its SVG; the PNG is written beside it.
"""

import argparse

from palimpsest.reports.figures import AnySpec
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_text


def main(arguments: argparse.Namespace) -> None:
    drawn = arguments.spec.draw(arguments.scores, arguments.out)
    write_text(arguments.table, drawn.csv())
    write_text(arguments.caption, drawn.caption + "\n")
    write_text(arguments.metrics, long_rows(drawn.metrics))


if __name__ == "__main__":
    files = ("--scores+", "--out", "--table", "--caption", "--metrics")
    run(main, parser(__doc__, *files, spec=AnySpec))
