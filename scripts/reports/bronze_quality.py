"""Write what became of the sentences asked for, how varied they are and how near to gold."""

import argparse

from palimpsest.reports.bronze_quality import quality
from palimpsest.reports.config import BronzeQualitySpec
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest, read_rows, write_text
from palimpsest.runtime.origins import of_another


def main(arguments: argparse.Namespace) -> None:
    of_another(arguments.gold, dataset=None)
    counted = read_manifest(arguments.bronze, "by_category", "checked")
    gold = [row["text"] for path in arguments.gold for row in read_rows(path, ["text"])]
    table = quality(
        list(read_rows(arguments.bronze, ["text", "labels"])),
        counted["by_category"],
        counted["checked"],
        gold,
        arguments.spec.labels,
    )
    write_text(arguments.out, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


if __name__ == "__main__":
    run(main, parser(__doc__, "--bronze", "--gold*", "--out", spec=BronzeQualitySpec))
