"""Linkage: whether a released document leads back to the note that it was made of.

Rephrases keep the content of a note, so that who has both finds the one from the other. This is
told and never judged: it says what a recipient could do who knows notes of the source.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.release.check import Given, Result, check
from palimpsest.release.likeness import TfIdf, latent
from palimpsest.release.patients import note_batches
from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.sampling import Lowest
from palimpsest.stats.agreement import wilson

DIMENSIONS = 100
LEAST = 20  # documents, for a share to be told


@check("linkage")
def check_linkage(given: Given) -> Result:
    """Look up a sample of documents among notes, by their words and by a latent embedding."""
    result, declared = Result(), given.spec.release.linkage
    documents = _drawn_documents(given, declared.documents)
    result.units = {"documents": len(documents)}
    if len(documents) < LEAST:
        result.told["linkage"] = (
            f"{len(documents)} documents name the note of a patient that they were made of; fewer "
            f"than {LEAST} are not looked up"
        )
        return result
    ids, texts = _drawn_notes(given, {note for note, _ in documents}, declared.among)
    weights = TfIdf(pa.array(texts, pa.string()), common=1.0)
    asked = weights.of(pa.array([text for _, text in documents], pa.string()))
    place = {note: at for at, note in enumerate(ids)}
    sought = np.array([place[note] for note, _ in documents])
    directions = latent(weights.fitted, DIMENSIONS, given.spec.seed)
    dense = [_unit(matrix @ directions) for matrix in (asked, weights.fitted)]
    result.told["linkage"] = {
        "documents": len(documents),
        "among": len(ids),
        "by_words": _found((asked @ weights.fitted.T).toarray(), sought),
        "by_embedding": _found(dense[0] @ dense[1].T, sought),
        "by_chance": round(1 / len(ids), 5),
    }
    return result


def _unit(rows: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return scaled


def _found(likeness: np.ndarray, sought: np.ndarray) -> dict[str, float]:
    """How often the note is the first, or among the first ten, of those that are alike."""
    own = likeness[np.arange(len(sought)), sought]
    ranks = (likeness > own[:, None]).sum(axis=1) + 1
    first = int((ranks == 1).sum())
    low, high = wilson(first, len(ranks))
    return {
        "first": round(first / len(ranks), 4),
        "first_low": round(low, 4),
        "first_high": round(high, 4),
        "among_ten": round(float((ranks <= 10).mean()), 4),
    }


def _drawn_documents(given: Given, most: int) -> list[tuple[str, str]]:
    """A sample of the documents that were made of a note: its id and their text."""
    drawn, known = Lowest[tuple[str, str]](most), set(given.patients.notes.to_pylist())
    for batch in given.released.batches():
        for at, (note, text) in enumerate(
            zip(batch.note_ids.to_pylist(), batch.texts.to_pylist(), strict=True)
        ):
            if note in known:  # documents may be of other sources, too
                key = keyed_hash(f"linkage-{given.spec.seed}", batch.released, str(batch.row + at))
                drawn.offer(key, (note, text))
    return [item for _, item in drawn.drawn()]


def _drawn_notes(given: Given, wanted: set[str], most: int) -> tuple[list[str], list[str]]:
    """The notes that documents were made of, and others up to so many: ids and texts."""
    drawn = Lowest[str](max(most - len(wanted), 0))
    for note in given.patients.notes.to_pylist():
        if note not in wanted:
            drawn.offer(keyed_hash(f"among-{given.spec.seed}", note), note)
    chosen = pa.array(sorted(wanted | {note for _, note in drawn.drawn()}), pa.string())
    ids, texts = [], []
    for batch in note_batches(given.notes, "text"):
        kept = batch.filter(pc.is_in(batch["note_id"], value_set=chosen))
        ids += kept["note_id"].to_pylist()
        texts += kept["text"].to_pylist()
    return ids, texts
