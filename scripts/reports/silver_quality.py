"""Write how an LLM's labels agree with gold, by category, before and after the check.

--gold is the dataset whose sentences it was asked about as well, where one is declared.
"""

import argparse

from palimpsest.reports.config import SilverQualitySpec
from palimpsest.reports.silver_quality import (
    CHECKED,
    FEWEST,
    LABELLED,
    Gold,
    gold_of_dataset,
    gold_of_notes,
    quality,
    said_yes,
)
from palimpsest.runtime.cli import WILDCARDS, parser, run
from palimpsest.runtime.files import read_manifest, read_rows, read_table, write_text
from palimpsest.runtime.labels import COMPARED
from palimpsest.runtime.origins import of_another
from palimpsest.runtime.progress import announce

LABEL = ["sentence_id", "category", "answer"]
EXAMPLE = ["example_id", "group", "note_id", "start", "end"]


def tell(golds: list[Gold], out: object) -> None:
    """Say what the table cannot have, and which labels of gold are passed over."""
    if not golds:
        announce(
            f"{out}: there is no gold, so nothing says how often the labels are right; declare "
            "'compare' with a dataset by experts, or annotate the sheet that 'annotation' writes"
        )
    for gold in golds:
        units = len(set(gold.groups.values()))
        if units < FEWEST:
            announce(f"{out}: gold '{gold.name}' is of {units} patients; intervals are wide")
        if gold.unknown:
            counts = dict(sorted(gold.unknown.items()))
            announce(f"{out}: gold '{gold.name}' has labels that the taxonomy lacks: {counts}")


def main(arguments: argparse.Namespace) -> None:
    of_another(arguments.gold, dataset=None)
    spec: SilverQualitySpec = arguments.spec
    silver = read_table(arguments.silver, EXAMPLE).to_pylist()
    sentences = read_table(arguments.sentences, ["sentence_id", "chosen_by"]).to_pylist()
    of_gold = {row["sentence_id"] for row in sentences if row["chosen_by"].startswith(COMPARED)}
    labels = read_table(arguments.labels, [*LABEL, "uncalibrated"]).to_pylist()
    stages = {LABELLED: said_yes(labels)}
    if any(label["uncalibrated"] is not None for label in labels):
        stages = {"uncalibrated": said_yes(labels, "uncalibrated"), **stages}
    if arguments.checks:
        checks = read_table(arguments.checks[0], LABEL).to_pylist()
        stages[CHECKED] = said_yes(checks)
        labels += checks
    notes = read_rows(arguments.notes, ["note_id", "sentences"])
    found = gold_of_notes(silver, notes, spec.labels)
    golds = [found] if found else []
    unanswered = {row["sentence_id"] for row in labels if row["answer"] is None}
    for path in arguments.gold:
        dataset = read_manifest(path, WILDCARDS)[WILDCARDS]["dataset"]
        examples = read_rows(path, ["example_id", "group", "labels"])
        golds.append(gold_of_dataset(dataset, examples, of_gold, unanswered, spec.labels))
    tell(golds, arguments.out)
    table = quality(silver, stages, golds, spec.labels, len(sentences) - len(of_gold))
    write_text(arguments.out, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


if __name__ == "__main__":
    paths = ("--silver", "--sentences", "--labels", "--checks*", "--notes", "--gold*", "--out")
    run(main, parser(__doc__, *paths, spec=SilverQualitySpec))
