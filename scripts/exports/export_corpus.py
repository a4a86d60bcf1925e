"""Write a corpus as a folder that `datasets.load_dataset` opens, with its card.

--completions are the manifests of the first shard of each set that a part is taken from.
"""

import argparse

from palimpsest.completions.ledger import completion_key
from palimpsest.exports.config import ExportSpec
from palimpsest.exports.write import write_export
from palimpsest.runtime.cli import parser, run


def main(arguments: argparse.Namespace) -> None:
    tables = arguments.corpus, arguments.completions
    write_export(arguments.spec, tables, completion_key, arguments.out, arguments.card)


if __name__ == "__main__":
    files = ("--corpus", "--completions*", "--out", "--card")
    run(main, parser(__doc__, *files, spec=ExportSpec))
