"""Write how silver agrees with the gold of its notes, by category, before and after the check."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from palimpsest.reports.config import SilverQualitySpec
from palimpsest.reports.silver_quality import compared, quality, said_yes
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_batches, read_table, write_text
from palimpsest.runtime.rows import Row

LABEL = ["sentence_id", "category", "answer"]
ROWS = 4096  # notes held in memory, without their texts


def read_gold(path: Path) -> Iterator[Row]:
    for batch in read_batches(path, ["note_id", "sentences"], ROWS):
        yield from batch.to_pylist()


def main(arguments: argparse.Namespace) -> None:
    spec: SilverQualitySpec = arguments.spec
    columns = ["example_id", "group", "note_id", "start", "end"]
    silver = read_table(arguments.silver, columns).to_pylist()
    labels = read_table(arguments.labels, [*LABEL, "uncalibrated"]).to_pylist()
    stages = {"labelled": said_yes(labels)}
    if any(label["uncalibrated"] is not None for label in labels):
        stages = {"uncalibrated": said_yes(labels, "uncalibrated"), **stages}
    if arguments.checks:
        stages["checked"] = said_yes(read_table(arguments.checks[0], LABEL).to_pylist())
    table = quality(
        silver,
        stages,
        compared(silver, read_gold(arguments.notes)),
        spec.labels,
        read_table(arguments.sentences, ["sentence_id"]).num_rows,
        spec.seed,
    )
    write_text(arguments.out, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


if __name__ == "__main__":
    options = parser(
        __doc__, "--silver", "--sentences", "--labels", "--notes", "--out", spec=SilverQualitySpec
    )
    options.add_argument(
        "--checks", type=Path, nargs="*", default=[], help="of the labels, if there are any"
    )
    run(main, options)
