"""Write what became of the sentences asked for, how varied they are and how near to gold."""

import argparse
from pathlib import Path

from palimpsest.reports.bronze_quality import quality
from palimpsest.reports.config import BronzeQualitySpec
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest, read_table, write_text


def main(arguments: argparse.Namespace) -> None:
    counted = read_manifest(arguments.bronze, "by_category", "checked")
    gold = [
        text for path in arguments.gold for text in read_table(path, ["text"])["text"].to_pylist()
    ]
    table = quality(
        read_table(arguments.bronze, ["text", "labels"]).to_pylist(),
        counted["by_category"],
        counted["checked"],
        gold,
        arguments.spec.labels,
    )
    write_text(arguments.out, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


if __name__ == "__main__":
    options = parser(__doc__, "--bronze", "--out", spec=BronzeQualitySpec)
    options.add_argument(
        "--gold", type=Path, nargs="*", default=[], help="a dataset of experts, if there is one"
    )
    run(main, options)
