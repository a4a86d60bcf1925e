"""Choose sentences of training notes that an LLM is asked to label."""

import argparse
from pathlib import Path

import pyarrow as pa

from palimpsest.datasets.candidates import Candidates, Found, Keywords
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_batches, write_table
from palimpsest.runtime.labels import SENTENCES

NOTE = ["note_id", "patient_id", "split", "text"]
ROWS = 1024  # notes held in memory
POOL = 20_000  # sentences that are embedded


def near(candidates: Candidates, arguments: argparse.Namespace) -> dict[str, list[Found]]:
    """The sentences that are embedded, for each category the nearest first."""
    # Imported only here: keywords need no torch.
    from palimpsest.datasets.embedding import Embedder, nearest

    pool = candidates.pool()
    texts = [text for _, _, _, text, _ in pool]
    places = nearest(Embedder(arguments.encoder), texts, arguments.taxonomy["categories"])
    return {name: [pool[at] for at in order] for name, order in places.items()}


def main(arguments: argparse.Namespace) -> None:
    declared, categories = arguments.set["candidates"], arguments.taxonomy["categories"]
    by_keywords = declared["by"] == "keywords"
    keywords = Keywords(categories) if by_keywords else None
    candidates = Candidates(
        arguments.seed, arguments.set["sentences"], keywords, 0 if by_keywords else POOL
    )
    for batch in read_batches(arguments.notes, NOTE, ROWS):
        for note in batch.to_pylist():
            if note["split"] == "train":
                candidates.look_at(note)
    ranked = candidates.with_keywords() if by_keywords else near(candidates, arguments)
    how = "keyword" if by_keywords else "embedding"
    chosen = candidates.choose(ranked, how, declared["random_share"])
    ways = [*(f"{how}:{name}" for name in ranked), "random"]
    write_table(
        arguments.out,
        pa.Table.from_pylist(chosen, schema=SENTENCES),
        account=candidates.account.close(candidates.found, "sentences of training notes"),
        chosen_by={way: sum(row["chosen_by"] == way for row in chosen) for way in ways},
    )


if __name__ == "__main__":
    options = parser(__doc__, "--notes", "--out")
    options.add_argument("--set", type=json_argument, required=True, help="as declared")
    options.add_argument("--taxonomy", type=json_argument, required=True, help="its categories")
    options.add_argument("--encoder", type=Path, help="weights, where candidates are by embedding")
    options.add_argument("--seed", type=int, required=True, help="of the sampling order")
    run(main, options)
