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
        judgements = arguments.judgements[0] if arguments.judgements else None
        read = arguments.corpus[0], arguments.requests, arguments.findings, judgements
        items = documents(*read, spec.items, spec.seed)
    else:
        notes = arguments.notes[0] if arguments.notes else None
        items = sentences(arguments.dataset[0], notes, spec.items, spec.seed)
    write_text(arguments.out, render_review(spec, numbered(items)))


if __name__ == "__main__":
    of_corpus = ("--corpus*", "--requests*", "--findings*", "--judgements*")
    run(main, parser(__doc__, *of_corpus, "--dataset*", "--notes*", "--out", spec=ReviewSpec))
