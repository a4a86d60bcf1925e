"""Say, or remove, what is left of notes that were taken out and of earlier requests."""

import argparse

from palimpsest.cli.arguments import add_studies
from palimpsest.cli.studies import catalogues, prune_ledgers, requests
from palimpsest.completions import forget
from palimpsest.runtime.errors import UserError
from palimpsest.study.names import declares


def declare(parser: argparse.ArgumentParser) -> None:
    add_studies(parser)
    parser.add_argument("--remove", action="store_true", help="remove it; else it is said only")


def run(arguments: argparse.Namespace) -> None:
    """Say what the results hold that the studies do not ask for, and remove it if that is asked."""
    results, remove, studies = arguments.results, arguments.remove, catalogues(arguments)
    asked = {path.with_suffix("") for study in studies for path in requests(study, results)}
    lacking = forget.withdrawn(results)
    if late := [held for held in lacking if held.place in asked]:
        raise UserError(
            f"{late[0].place}.parquet: {late[0].why}, and the study makes it: run `snakemake` "
            "first, and then this again"
        )
    gone = forget.undeclared(results, lambda names: any(declares(s, names) for s in studies))
    gone += lacking
    for held in gone:
        print(f"{held.place}: {held.why}")
        if remove:
            held.remove()
    unused = forget.unused_work(results, gone)
    for work in unused:
        print(f"{work.finished}: a training that no result is taken from")
        if remove and not work.drop():
            raise UserError(f"{work.working}: another process is at it; end it first")
    left = forget.left_over(results, remove)
    for path in left:
        print(f"{path}: left by a killed job or a repair")
    paths = sorted(results.glob("state/ledger/*/*/*.sqlite"))
    pruned = prune_ledgers(paths, studies, results, not remove)
    count = len(gone) + len(unused) + len(left) + pruned
    if count and not remove:
        print("nothing was removed: add --remove; an undone edit then asks and trains anew")
