"""Write what became of the sentences asked for, how varied they are and how near to gold."""

import argparse
from pathlib import Path

from palimpsest.reports.bronze_quality import quality
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_manifest, read_table, write_text


def main(arguments: argparse.Namespace) -> None:
    names = [category["name"] for category in arguments.taxonomy["categories"]]
    counted = read_manifest(arguments.bronze, "by_category", "checked")
    table = quality(
        read_table(arguments.bronze, ["text", "categories"]).to_pylist(),
        counted["by_category"],
        counted["checked"],
        read_table(arguments.gold, ["text"])["text"].to_pylist() if arguments.gold else [],
        names,
    )
    write_text(arguments.out, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


if __name__ == "__main__":
    options = parser(__doc__, "--bronze", "--out")
    options.add_argument("--gold", type=Path, help="a gold set of the taxonomy, if there is one")
    options.add_argument("--taxonomy", type=json_argument, required=True, help="its categories")
    run(main, options)
