"""Write how silver agrees with the gold of its notes, by category, before and after the check."""

import argparse

from palimpsest.reports.config import SilverQualitySpec
from palimpsest.reports.silver_quality import compared, quality, said_yes
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_rows, read_table, write_text

LABEL = ["sentence_id", "category", "answer"]


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
        compared(silver, read_rows(arguments.notes, ["note_id", "sentences"])),
        spec.labels,
        read_table(arguments.sentences, ["sentence_id"]).num_rows,
        spec.seed,
    )
    write_text(arguments.out, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


if __name__ == "__main__":
    paths = ("--silver", "--sentences", "--labels", "--checks*", "--notes", "--out")
    run(main, parser(__doc__, *paths, spec=SilverQualitySpec))
