"""Train the decoders' tokenizer on a source's original training notes.

--passages is the manifest of the first shard.
"""

import argparse

from palimpsest.pretraining.config import TokenizerSpec
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_table, write_text
from palimpsest.runtime.shards import shard_tables


def main(arguments: argparse.Namespace) -> None:
    tables = [table for first in arguments.passages for table in shard_tables(first)]
    texts = (text for table in tables for text in read_table(table, ["text"])["text"].to_pylist())
    tokenizer = train_bpe(texts, arguments.spec.vocab_size)
    write_text(arguments.out, tokenizer.to_str(pretty=True) + "\n")


if __name__ == "__main__":
    run(main, parser(__doc__, "--passages+", "--out", spec=TokenizerSpec))
