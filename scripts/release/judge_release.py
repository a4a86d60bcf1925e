"""Write the verdict on a release: all its checks together, as JSON and as a page.

--given and --repaired are results of checks, on the corpora as mixed and after the repair;
--corpora and --repaired-corpora are the tables that they must be of.
"""

import argparse
from pathlib import Path

from palimpsest.release.check import Released
from palimpsest.release.config import Release
from palimpsest.release.inputs import named, what_was_read
from palimpsest.release.page import render_page
from palimpsest.release.verdict import read_results, verdict
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest, write_json, write_text


def main(arguments: argparse.Namespace) -> None:
    release: Release = arguments.spec
    datasets = named(arguments.datasets, "dataset", release.datasets, "--datasets")

    def stage(results: list[Path], corpora: list[Path]) -> tuple:
        texts = Released(named(corpora, "corpus", release.corpora, "--corpora"), datasets)
        read = what_was_read(arguments.notes, texts, arguments.checkpoints)
        return read_results(results), read

    stages = {"given": stage(arguments.given, arguments.corpora)}
    repaired = None
    if release.repair:
        stages["repaired"] = stage(arguments.repaired, arguments.repaired_corpora)
        tables = named(arguments.repaired_corpora, "corpus", release.corpora, "--repaired-corpora")
        repaired = {
            name: read_manifest(path, "repaired")["repaired"] for name, path in tables.items()
        }
    said = verdict(release, stages, repaired)
    write_text(arguments.page, render_page(said))
    write_json(arguments.out, said)


if __name__ == "__main__":
    files = ("--notes", "--corpora*", "--datasets*", "--checkpoints*", "--given*", "--repaired*")
    more = ("--repaired-corpora*", "--out", "--page")
    run(main, parser(__doc__, *files, *more, spec=Release))
