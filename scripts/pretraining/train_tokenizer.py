"""Train the decoders' tokenizer on a source's original training notes."""

import argparse
from pathlib import Path

from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_table, write_text


def main(arguments: argparse.Namespace) -> None:
    texts = (
        text
        for table in arguments.passages
        for text in read_table(table, ["text"])["text"].to_pylist()
    )
    tokenizer = train_bpe(texts, arguments.vocab_size)
    write_text(arguments.out, tokenizer.to_str(pretty=True) + "\n")


if __name__ == "__main__":
    options = parser(__doc__, "--out")
    options.add_argument("--passages", type=Path, nargs="+", required=True, help="one a shard")
    options.add_argument("--vocab-size", type=int, required=True)
    run(main, options)
