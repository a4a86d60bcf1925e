"""Lay out sentences of a dataset for an annotator, as many of each category."""

import argparse

from palimpsest.datasets.annotation import sample, sheet
from palimpsest.datasets.config import AnnotationSpec
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_table, write_text


def main(arguments: argparse.Namespace) -> None:
    spec: AnnotationSpec = arguments.spec
    examples = read_table(arguments.dataset, ["example_id", "text", "labels"]).to_pylist()
    chosen = sample(examples, spec.labels, spec.sentences, spec.seed)
    write_text(arguments.out, sheet(chosen, spec.labels))


if __name__ == "__main__":
    run(main, parser(__doc__, "--dataset", "--out", spec=AnnotationSpec))
