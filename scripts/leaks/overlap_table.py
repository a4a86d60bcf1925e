"""Write how far each test set overlaps with each corpus and training set it is judged with."""

import argparse

import pandas as pd

from palimpsest.leaks.overlap import COLUMNS
from palimpsest.runtime.cli import WILDCARDS, parser, run
from palimpsest.runtime.files import read_manifest, write_text

COUNTS = ["n", "exact", "any_13gram", "mean_share", "overlapping"]


def main(arguments: argparse.Namespace) -> None:
    rows = []
    for path in arguments.overlaps:
        manifest = read_manifest(path, WILDCARDS, *COUNTS)
        names = manifest[WILDCARDS]
        row = {"judged": names["judged"], "trained_on": names["trained"]}
        row |= {key: manifest[key] for key in COUNTS}
        rows.append(row | {"overlapping_share": round(row["overlapping"] / row["n"], 4)})
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    run(main, parser(__doc__, "--overlaps+", "--out"))
