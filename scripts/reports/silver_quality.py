"""Write how silver agrees with the gold of its notes, by category, before and after the check."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from palimpsest.reports.silver_quality import compared, quality, said_yes
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_batches, read_table, write_text

ANSWER = ["sentence_id", "category", "answer"]
ROWS = 4096  # notes held in memory, without their texts


def read_gold(path: Path) -> Iterator[dict[str, Any]]:
    for batch in read_batches(path, ["note_id", "sentences"], ROWS):
        yield from batch.to_pylist()


def main(arguments: argparse.Namespace) -> None:
    names = [category["name"] for category in arguments.taxonomy["categories"]]
    columns = ["sentence_id", "group", "note_id", "start", "end"]
    silver = read_table(arguments.silver, columns).to_pylist()
    labels = read_table(arguments.labels, [*ANSWER, "uncalibrated"]).to_pylist()
    stages = {"labelled": said_yes(labels)}
    if any(label["uncalibrated"] is not None for label in labels):
        stages = {"uncalibrated": said_yes(labels, "uncalibrated"), **stages}
    if arguments.checks:
        stages["checked"] = said_yes(read_table(arguments.checks, ANSWER).to_pylist())
    table = quality(
        silver,
        stages,
        compared(silver, read_gold(arguments.notes)),
        names,
        read_table(arguments.sentences, ["sentence_id"]).num_rows,
        arguments.seed,
    )
    write_text(arguments.out, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


if __name__ == "__main__":
    options = parser(__doc__, "--silver", "--sentences", "--labels", "--notes", "--out")
    options.add_argument("--checks", type=Path, help="decisions of the second look, if any")
    options.add_argument("--taxonomy", type=json_argument, required=True, help="its categories")
    options.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    run(main, options)
