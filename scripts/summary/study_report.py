"""Write the report of a study: one page with what came out and how sure it is."""

import argparse

from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_text
from palimpsest.summary.config import SummarySpec
from palimpsest.summary.draw import render_summary


def main(arguments: argparse.Namespace) -> None:
    write_text(arguments.out, render_summary(arguments.spec, arguments.shown))


if __name__ == "__main__":
    run(main, parser(__doc__, "--shown+", "--out", spec=SummarySpec))
