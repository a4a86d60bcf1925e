"""Seal results, cards, checklists, software and hashes in one pack, as a folder and a zip.

Manifests stand for what they are of: --notes, --corpora, --datasets, --weights, --checkpoints, and
--completions, of the first shard of each set. --exports are the manifests of exported corpora,
beside their data and below their cards. --readme lies in the folder.
"""

import argparse
from pathlib import Path
from typing import Any

from palimpsest.evidence.config import EvidenceSpec
from palimpsest.evidence.facts import gather
from palimpsest.evidence.write import Given, write_pack
from palimpsest.exports.card import render_card
from palimpsest.exports.config import ExportSpec
from palimpsest.exports.records import COLUMNS
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.rows import Manifest

PROJECT = Path(__file__).resolve().parents[2]


def card_of(declared: dict[str, Any], corpus: Manifest, weights: dict[str, str]) -> str:
    """The card of a corpus whose documents are not in the pack."""
    return render_card(ExportSpec.model_validate(declared), corpus, weights, {})


def main(arguments: argparse.Namespace) -> None:
    manifests = {
        "source": arguments.notes,
        "corpus": arguments.corpora,
        "dataset": arguments.datasets,
        "weights": arguments.weights,
        "model": arguments.checkpoints,
    }
    names = [path.name for path in arguments.results]
    facts = gather(arguments.spec, manifests, arguments.completions, names)
    given = Given(
        report=arguments.report,
        results=arguments.results,
        exports=arguments.exports,
        key=next(iter(arguments.key), None),
        project=PROJECT,
        card_of=card_of,
        columns=COLUMNS,
    )
    write_pack(facts, given, arguments.readme.parent, arguments.out)


if __name__ == "__main__":
    lists = ("results", "notes", "corpora", "datasets", "weights", "checkpoints", "completions")
    files = ["--report", *(f"--{name}*" for name in lists), "--exports*", "--key*"]
    run(main, parser(__doc__, *files, "--readme", "--out", spec=EvidenceSpec))
