"""Sum the losses of held-out notes to perplexity and bits per byte, beside the corpus's unigram."""

import argparse

import pyarrow as pa

from palimpsest.perplexity.config import PerplexitySpec
from palimpsest.perplexity.score import perplexity_metrics, perplexity_row, unigram_losses
from palimpsest.perplexity.tables import LOSSES, PERPLEXITIES
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.evaluation_notes import evaluation_notes
from palimpsest.runtime.files import read_manifest, read_rows, read_table, write_table
from palimpsest.text.tokenizers import encode_with_offsets, load_tokenizer


def main(arguments: argparse.Namespace) -> None:
    spec: PerplexitySpec = arguments.spec
    manifest = read_manifest(arguments.losses, "available", "pseudo")
    losses = read_table(arguments.losses, LOSSES.names).to_pylist()
    chosen, _ = evaluation_notes(arguments.notes, spec.evaluation, spec.seed)
    if [row["note_id"] for row in losses] != [note["note_id"] for note in chosen]:
        raise UserError(
            f"{arguments.losses}: of other notes than evaluation '{spec.evaluation.name}' has; "
            "delete it to make it again"
        )
    corpus = (document["text"] for document in read_rows(arguments.corpus, ["text"]))
    unigram = unigram_losses(corpus, arguments.tokenizer)
    encoded = encode_with_offsets(
        load_tokenizer(arguments.tokenizer), [note["text"] for note in chosen]
    )
    rows = [
        {name: note[name] for name in ("note_id", "patient_id")}
        | perplexity_row(note["text"], ids, offsets, row, unigram)
        for note, (ids, offsets), row in zip(chosen, encoded, losses, strict=True)
    ]
    table = pa.Table.from_pylist(rows, schema=PERPLEXITIES)
    told = {name: manifest[name] for name in ("available", "pseudo")}
    metrics = perplexity_metrics(rows, manifest["pseudo"])
    write_table(arguments.out, table, **told, metrics=metrics)


if __name__ == "__main__":
    files = ("--losses", "--tokenizer", "--corpus", "--notes", "--out")
    run(main, parser(__doc__, *files, spec=PerplexitySpec))
