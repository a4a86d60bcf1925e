"""Write a corpus as a folder that `datasets.load_dataset` opens, with a card."""

import argparse
from pathlib import Path

from palimpsest.cli.arguments import add_study
from palimpsest.cli.studies import catalogue_of
from palimpsest.completions.ledger import completion_key
from palimpsest.runtime.atomic import atomic_folder
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("corpus", help="a corpus of the study")
    add_study(parser)
    parser.add_argument("--out", type=Path, required=True, help="a folder, which is made")


def run(arguments: argparse.Namespace) -> None:
    """Write a corpus as a folder that `datasets.load_dataset` opens."""
    # Imported only here: the other commands need no graph of jobs.
    from palimpsest.exports.write import CARD, DATA, write_export
    from palimpsest.graph import job_of
    from palimpsest.graph.places import RESULTS
    from palimpsest.release.verdict import demand_passed

    catalogue = catalogue_of(arguments.study)
    catalogue.corpus(arguments.corpus)  # raises UserError where the study declares none
    job = job_of("export_corpus", catalogue, {"corpus": arguments.corpus}.items())
    inputs = job.inputs(lambda path: Path(path.replace(RESULTS, catalogue.study.results)))
    read = inputs["corpus"], *inputs["completions"], *inputs["verdicts"]
    lacking = [path for path in read if not path.exists()]
    if lacking:
        raise UserError(
            f"{lacking[0]}: no such file, so there is nothing to export; run `snakemake "
            f"{lacking[0]}` first"
        )
    for verdict in inputs["verdicts"]:
        sha256 = read_manifest(inputs["corpus"])["sha256"]
        demand_passed(verdict, arguments.corpus, sha256)
    tables = inputs["corpus"], inputs["completions"]
    with atomic_folder(arguments.out) as folder:
        written = write_export(job.spec(), tables, completion_key, folder / DATA, folder / CARD)
    print(f"{arguments.out}: {written:,} documents")
