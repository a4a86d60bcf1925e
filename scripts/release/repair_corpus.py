"""Write a corpus without the documents in which a failed test found something."""

import argparse

from palimpsest.release.config import RepairSpec
from palimpsest.release.repair import repair
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.progress import announce


def main(arguments: argparse.Namespace) -> None:
    taken = repair(arguments.corpus, arguments.spec.corpus, arguments.results, arguments.out)
    announce(f"{arguments.out}: {taken['dropped']:,} of {taken['documents']:,} documents dropped")


if __name__ == "__main__":
    run(main, parser(__doc__, "--corpus", "--results+", "--out", spec=RepairSpec))
