"""Lay out sentences of a labelled set for a human annotator, as many of each category."""

import argparse

from palimpsest.datasets.annotation import laid_out, sample
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_table, write_text


def main(arguments: argparse.Namespace) -> None:
    names = [category["name"] for category in arguments.taxonomy["categories"]]
    table = read_table(arguments.labelled, ["sentence_id", "text", "categories"])
    sentences = table.to_pylist()
    chosen = sample(sentences, names, arguments.sentences, arguments.seed)
    write_text(arguments.out, laid_out([sentences[at] for at in chosen], names))


if __name__ == "__main__":
    options = parser(__doc__, "--labelled", "--out")
    options.add_argument("--taxonomy", type=json_argument, required=True, help="its categories")
    options.add_argument("--sentences", type=int, required=True, help="at most so many")
    options.add_argument("--seed", type=int, required=True, help="of the sampling order")
    run(main, options)
