"""Choose sentences of training notes that an LLM is asked to label.

--gold is a dataset that its labels are compared with: its sentences are asked about as well.
"""

import argparse
from collections import Counter

import pyarrow as pa

from palimpsest.datasets.candidates import Candidates, Found, Keywords, to_compare
from palimpsest.datasets.config import CandidatesSpec, KeywordCandidates
from palimpsest.runtime.cli import WILDCARDS, parser, run
from palimpsest.runtime.files import read_manifest, read_rows, write_table
from palimpsest.runtime.labels import SENTENCES
from palimpsest.runtime.origins import of_another
from palimpsest.runtime.rows import Row

NOTE = ["note_id", "patient_id", "split", "text"]
EXAMPLE = ["example_id", "group", "split", "text", "note_id", "start", "end"]
POOL = 20_000  # sentences that are embedded


def near(candidates: Candidates, arguments: argparse.Namespace) -> dict[str, list[Found]]:
    """The sentences that are embedded, for each category the nearest first."""
    # Imported only here: keywords need no torch.
    from palimpsest.datasets.embedding import Embedder, nearest

    pool = candidates.pool()
    texts = [text for _, _, _, text, _ in pool]
    encoder = Embedder(arguments.encoder[0].with_suffix(""))
    order = nearest(encoder, texts, arguments.spec.categories)
    return {name: [pool[index] for index in indices] for name, indices in order.items()}


def main(arguments: argparse.Namespace) -> None:
    spec: CandidatesSpec = arguments.spec
    by_keywords = isinstance(spec.candidates, KeywordCandidates)
    keywords = Keywords(spec.categories) if by_keywords else None
    candidates = Candidates(spec.seed, spec.sentences, keywords, 0 if by_keywords else POOL)
    for note in read_rows(arguments.notes, NOTE):
        if note["split"] == "train":
            candidates.look_at(note)
    ranked = candidates.with_keywords() if by_keywords else near(candidates, arguments)
    how = "keyword" if by_keywords else "embedding"
    chosen = candidates.choose(ranked, how, spec.candidates.random_share)
    ways = dict.fromkeys([*(f"{how}:{name}" for name in ranked), "random"], 0)
    compared: list[Row] = []
    of_another(arguments.gold, dataset=None)
    for path in arguments.gold:
        dataset = read_manifest(path, WILDCARDS)[WILDCARDS]["dataset"]
        compared += to_compare(read_rows(path, EXAMPLE), dataset, chosen)
    write_table(
        arguments.out,
        # Last, so that windows of requests about the others stay what they are.
        pa.Table.from_pylist(chosen + compared, schema=SENTENCES),
        account=candidates.account.close(candidates.found, "sentences of training notes"),
        compared=len(compared),
        rows_are=["kept", "compared"],
        chosen_by=ways | Counter(row["chosen_by"] for row in chosen + compared),
    )


if __name__ == "__main__":
    run(main, parser(__doc__, "--notes", "--gold*", "--encoder*", "--out", spec=CandidatesSpec))
