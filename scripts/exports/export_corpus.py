"""Write a corpus as a folder that `datasets.load_dataset` opens, with its card.

--completions are the manifests of the first shard of each set that a part is taken from. --verdicts
are those of release checks that the study demands.
"""

import argparse

from palimpsest.completions.ledger import completion_key
from palimpsest.exports.config import ExportSpec
from palimpsest.exports.write import write_export
from palimpsest.release.verdict import demand_passed
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest


def main(arguments: argparse.Namespace) -> None:
    for verdict in arguments.verdicts:
        demand_passed(verdict, arguments.spec.corpus, read_manifest(arguments.corpus)["sha256"])
    tables = arguments.corpus, arguments.completions
    write_export(arguments.spec, tables, completion_key, arguments.out, arguments.card)


if __name__ == "__main__":
    files = ("--corpus", "--completions*", "--verdicts*", "--out", "--card")
    run(main, parser(__doc__, *files, spec=ExportSpec))
