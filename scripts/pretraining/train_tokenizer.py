"""Train a tokenizer on a source's original training notes, or on a corpus.

--passages: the manifest of the first shard. --corpus: a corpus, instead of these.
"""

import argparse

from palimpsest.pretraining.config import TokenizerSpec
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_rows, write_manifest, write_text
from palimpsest.runtime.shards import shard_tables

FILE = "tokenizer.json"


def main(arguments: argparse.Namespace) -> None:
    spec: TokenizerSpec = arguments.spec
    tables = [table for first in arguments.passages for table in shard_tables(first)]
    tables += arguments.corpus
    texts = (row["text"] for table in tables for row in read_rows(table, ["text"]))
    tokenizer = train_bpe(texts, spec.vocab_size, spec.marks)
    folder = arguments.manifest.with_suffix("")
    write_text(folder / FILE, tokenizer.to_str(pretty=True) + "\n")
    write_manifest(arguments.manifest, described(folder, [FILE]))


if __name__ == "__main__":
    run(main, parser(__doc__, "--passages*", "--corpus*", "--manifest", spec=TokenizerSpec))
