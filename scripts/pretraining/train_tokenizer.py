"""Train the decoders' tokenizer on a source's original training notes.

--passages is the manifest of the first shard.
"""

import argparse

from palimpsest.pretraining.config import TokenizerSpec
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_table, write_manifest, write_text
from palimpsest.runtime.shards import shard_tables

FILE = "tokenizer.json"


def main(arguments: argparse.Namespace) -> None:
    tables = [table for first in arguments.passages for table in shard_tables(first)]
    texts = (text for table in tables for text in read_table(table, ["text"])["text"].to_pylist())
    tokenizer = train_bpe(texts, arguments.spec.vocab_size)
    folder = arguments.manifest.with_suffix("")
    write_text(folder / FILE, tokenizer.to_str(pretty=True) + "\n")
    write_manifest(arguments.manifest, described(folder, [FILE]))


if __name__ == "__main__":
    run(main, parser(__doc__, "--passages+", "--manifest", spec=TokenizerSpec))
