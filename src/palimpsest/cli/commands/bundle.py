"""Pack what studies need where there is no network."""

import argparse
from pathlib import Path

PROJECT = Path(__file__).parents[4]


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the tar that is written")
    parser.add_argument(
        "--study", type=Path, action="append",
        help="a study whose weights are packed, within the project; repeatable; default: the demo",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> None:
    """Pack the project, the wheels of the lock and the weights of studies into one file."""
    # Imported only here: the other commands need neither pip nor a hub.
    from palimpsest.bundle.gather import write_bundle

    studies = arguments.study or [Path("config/config.yaml")]
    for line in write_bundle(arguments.file, PROJECT, studies):
        print(line)
