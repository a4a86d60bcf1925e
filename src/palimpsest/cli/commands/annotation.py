"""Compare a dataset with an annotator's labels, or read the answers that a review saved."""

import argparse
from pathlib import Path

from palimpsest.datasets.annotation import report
from palimpsest.reviews import answers
from palimpsest.runtime.errors import UserError


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sheet", type=Path, nargs="+",
        help="an annotated copy of annotation/<dataset>.csv, or files of a review's answers",
    )  # fmt: skip
    parser.add_argument(
        "--dataset", type=Path, help="of an annotated copy: results/datasets/<dataset>.parquet"
    )


def run(arguments: argparse.Namespace) -> None:
    """Print how far a dataset and a person's labels agree, or what a review's answers say."""
    if arguments.dataset is None:
        if other := [path for path in arguments.sheet if not answers.is_answers(path)]:
            raise UserError(
                f"{other[0]}: no file of answers that a review saved; of an annotated sheet, give "
                "--dataset"
            )
        print(answers.report(arguments.sheet))
        return
    if len(arguments.sheet) > 1:
        raise UserError("--dataset: expected one annotated sheet")
    print(report(arguments.sheet[0], arguments.dataset))
