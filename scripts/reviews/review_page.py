"""Write a page on which people judge a sample of a corpus or dataset in a browser."""

import argparse

from palimpsest.reviews.config import ReviewSpec
from palimpsest.reviews.items import documents, numbered, sentences
from palimpsest.reviews.page import render_review
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_text


def main(arguments: argparse.Namespace) -> None:
    spec = arguments.spec
    if arguments.corpus:
        read = arguments.corpus[0], arguments.requests, arguments.findings
        items = documents(*read, spec.items, spec.seed)
    else:
        notes = arguments.notes[0] if arguments.notes else None
        items = sentences(arguments.dataset[0], notes, spec.items, spec.seed)
    write_text(arguments.out, render_review(spec, numbered(items), bool(arguments.findings)))


if __name__ == "__main__":
    options = ("--corpus*", "--requests*", "--findings*", "--dataset*", "--notes*", "--out")
    run(main, parser(__doc__, *options, spec=ReviewSpec))
