"""Count who is in which split, and refuse patients who are train and held out elsewhere."""

import argparse

import pandas as pd

from palimpsest.leaks.config import SplitsSpec
from palimpsest.leaks.splits import COLUMNS, places_of, refuse_leaks
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_json, write_text

CHECKED = {"checked": "no patient is train in one place and valid or test in another"}


def main(arguments: argparse.Namespace) -> None:
    places = places_of(arguments.notes, arguments.datasets, arguments.spec)
    refuse_leaks(places)
    rows = [row for place in places for row in place.rows()]
    table = pd.DataFrame(rows, columns=COLUMNS)
    whole = table.columns[table.columns.str.endswith("_in_train")]
    table = table.astype(dict.fromkeys(whole, "Int64"))
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n"))
    write_json(arguments.marker, CHECKED)


if __name__ == "__main__":
    run(main, parser(__doc__, "--notes*", "--datasets*", "--out", "--marker", spec=SplitsSpec))
