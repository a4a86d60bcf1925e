"""Arguments that several commands have."""

import argparse
from pathlib import Path


def add_results(made: argparse.ArgumentParser) -> None:
    """Add `--results`."""
    made.add_argument(
        "--results", type=Path, default=Path("results"), help="results folder; default: results"
    )


def add_study(made: argparse.ArgumentParser) -> None:
    """Add `--study`, which names one."""
    made.add_argument(
        "--study", type=Path, default=Path("config/config.yaml"),
        help="the study; default: config/config.yaml",
    )  # fmt: skip


def add_studies(made: argparse.ArgumentParser) -> None:
    """Add `--results`, and `--study` for every study whose results are there."""
    add_results(made)
    made.add_argument(
        "--study", type=Path, action="append", required=True, help="a current study; repeatable"
    )
