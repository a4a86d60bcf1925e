"""What membership loses where the nearest text is chosen by the words that few pieces have.

    python benchmarks/release_nearest.py

Of generated notes of 1,000 patients half are used. Of some of these, one piece of a note is
released: a share of its words, five in a row at a time, shuffled among words of case reports.
Printed: area under the curve, and the share of used patients above all but 1% of the others, with
the highest of all cosines, and with the text that is chosen as the check does, and by still rarer
words, as it would be of more patients.
"""

import random

import numpy as np
import pyarrow as pa
from release import pool, source

from palimpsest.release import likeness
from palimpsest.release.likeness import Nearest, TfIdf, pieces_of
from palimpsest.stats.exchangeable import auc, true_positives

PATIENTS, DOCUMENTS, ROW, BATCH = 1000, 600, 5, 512


def mixed(piece: str, share: float, rng: random.Random) -> str:
    """A share of the words of a piece among words of a report."""
    kept = [word for word in piece.split() if rng.random() < share]
    other = rng.choice(pool("reports")).split()
    parts = [kept[at : at + ROW] for at in range(0, len(kept), ROW)]
    parts += [[word] for word in rng.sample(other, max(0, min(len(other), 100 - len(kept))))]
    rng.shuffle(parts)
    return " ".join(word for part in parts for word in part)


def highest(weights: TfIdf, texts: list[str], telling: tuple[int, float] | None) -> np.ndarray:
    """Of each piece, the cosine of the nearest text; of all texts where `telling` is None."""
    if telling is None:
        every = weights.fitted @ weights.of(pa.array(texts, pa.string())).T
        return every.max(axis=1).toarray().ravel()
    likeness.TELLING = telling
    nearest = Nearest(weights)
    for at in range(0, len(texts), BATCH):
        nearest.look_at(pa.array(texts[at : at + BATCH], pa.string()))
    return nearest.cosines


def main() -> None:
    notes = source(PATIENTS, 5)
    ids = sorted({note["patient_id"] for note in notes})
    place = {patient: at for at, patient in enumerate(ids)}
    pieces, whose = pieces_of([note["text"] for note in notes])
    owners = np.array([place[note["patient_id"]] for note in notes])[whose]
    weights = TfIdf(pa.array(pieces, pa.string()))
    ways = {
        "all": None, "as the check": likeness.TELLING, "rarer": (len(pieces) // 300, 0.0)
    }  # fmt: skip
    print(f"{len(pieces):,} pieces of {len(ids):,} patients")
    for share in (0.95, 0.7, 0.5):
        for leaked in (0.1, 0.3):
            rng = random.Random(f"{share} {leaked}")
            used = np.zeros(len(ids), bool)
            used[rng.sample(range(len(ids)), len(ids) // 2)] = True
            texts = pool("reports")[:DOCUMENTS]
            for patient in rng.sample(np.flatnonzero(used).tolist(), int(leaked * used.sum())):
                mine = np.flatnonzero(owners == patient).tolist()
                texts.append(mixed(pieces[rng.choice(mine)], share, rng))
            said = []
            for name, telling in ways.items():
                values = np.zeros(len(ids))
                np.maximum.at(values, owners, highest(weights, texts, telling))
                true = true_positives(values, used, 0.01)
                said.append(f"{name}: AUC {auc(values, used)[0]:.3f}, {true:.1%}")
            print(f"{share:.0%} of the words of {leaked:.0%}: {'; '.join(said)}", flush=True)


if __name__ == "__main__":
    main()
