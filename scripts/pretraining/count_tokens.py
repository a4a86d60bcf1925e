"""Count a corpus as the training of one model sees it: by its tokenizer, in its sequences."""

import argparse

from palimpsest.pretraining.config import PackingSpec
from palimpsest.pretraining.counts import packed
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_batches, write_manifest
from palimpsest.text.tokenizers import BATCH, count_tokens, load_tokenizer


def main(arguments: argparse.Namespace) -> None:
    tokenizer = load_tokenizer(arguments.tokenizer)
    tokens = documents = 0
    for batch in read_batches(arguments.corpus, ["text"], BATCH):
        tokens += sum(count_tokens(tokenizer, batch["text"].to_pylist()))
        documents += batch.num_rows
    write_manifest(arguments.out, packed(tokens, documents, arguments.spec))


if __name__ == "__main__":
    run(main, parser(__doc__, "--corpus", "--tokenizer", "--out", spec=PackingSpec))
