"""Compare a dataset with an annotator's labels."""

import argparse
from pathlib import Path

from palimpsest.datasets.annotation import report


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sheet", type=Path, help="an annotated copy of results/annotation/<dataset>.csv"
    )
    parser.add_argument(
        "--dataset", type=Path, required=True, help="results/datasets/<dataset>.parquet"
    )


def run(arguments: argparse.Namespace) -> None:
    """Print how far a dataset and a person's labels agree."""
    print(report(arguments.sheet, arguments.dataset))
