"""Say what is wrong with a study, before Snakemake reads it."""

import argparse
from pathlib import Path

from palimpsest.study.files import read_study
from palimpsest.study.load import load_study


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, help="the study's file")


def run(arguments: argparse.Namespace) -> None:
    """Say what is wrong with a study, or that nothing is."""
    load_study(read_study(arguments.study), [arguments.study], files_needed=True)
    print(f"{arguments.study}: no mistake found")
