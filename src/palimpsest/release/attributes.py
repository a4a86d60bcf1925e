"""Attributes that a study declares as sensitive: what a release says of whom.

Who knows a patient's notes but for the attribute looks for the released texts that are nearest to
them, and reads there whether the patient has it. Of the control this says what is common; of the
used patients it may say more.
"""

import re

import numpy as np
import pyarrow as pa

from palimpsest.release.check import Given, Result, Test, check
from palimpsest.release.config import Attribute
from palimpsest.release.likeness import TfIdf, pieces_of
from palimpsest.release.losses import drawn_patients, texts_of
from palimpsest.stats.exchangeable import deal_test

LEAST = 10  # patients with the attribute, of each group


@check("attributes")
def check_attributes(given: Given) -> Result:
    """Test each declared attribute on the patients whose notes say it."""
    result, release = Result(), given.spec.release
    result.needs_control(given.patients, release.control)
    drawn = drawn_patients(given.patients, release.membership.patients, given.spec.seed)
    exposed = given.patients.exposed[drawn]
    if not given.released.names:
        result.told["attributes"] = "no texts are given away; checkpoints are not asked"
        return result
    if not exposed.any() or exposed.all():
        return result
    ids = [given.patients.ids[at] for at in drawn]
    notes = texts_of(given.notes, given.patients, drawn)
    for attribute in release.attributes:
        _test(given, result, attribute, notes, ids, exposed)
    return result


def _test(
    given: Given,
    result: Result,
    attribute: Attribute,
    notes: pa.Table,
    ids: list[str],
    exposed: np.ndarray,
) -> None:
    said = pattern(attribute)
    texts = notes["text"].to_pylist()
    place = {patient: at for at, patient in enumerate(ids)}
    owners = np.array([place[patient] for patient in notes["id"].to_pylist()])
    having = np.zeros(len(ids), bool)
    having[owners[[bool(said.search(text)) for text in texts]]] = True
    sizes = int((having & exposed).sum()), int((having & ~exposed).sum())
    if min(sizes) < LEAST:
        result.lacking.append(
            f"attribute '{attribute.name}': {sizes[0]} used patients and {sizes[1]} of the control "
            f"have it, expected {LEAST} of each or more"
        )
        return
    learnt = _learnt(given, said, texts, owners, len(ids))
    hits = int((learnt & having & exposed).sum()), int((learnt & having & ~exposed).sum())
    others = [
        round(float(learnt[~having & group].mean()), 4) if (~having & group).any() else None
        for group in (exposed, ~exposed)
    ]
    p = deal_test(hits[0], sizes[0], hits[1], sizes[1])
    result.tests[f"attribute {attribute.name}"] = Test(
        p,
        deal_test(sum(hits), sizes[0], 0, sizes[1]) if sum(hits) <= sizes[0] else 0.0,
        f"the nearest text says it of {hits[0]:,} of {sizes[0]:,} used patients who have it, and "
        f"of {hits[1]:,} of {sizes[1]:,} of the control",
        f"{_needed(hits[1], sizes)} of the used patients who have it",
        {"exposed": hits[0], "control": hits[1], "of": list(sizes), "of_others": others},
    )


def _needed(chance: int, sizes: tuple[int, int]) -> str:
    """The smallest number of used patients with hits that would be a leak, beside the control's."""
    for hits in range(1, sizes[0] + 1):
        if deal_test(hits, sizes[0], chance, sizes[1]) <= 0.005:
            return f"{hits:,}"
    return "not even all"


def pattern(attribute: Attribute) -> re.Pattern[str]:
    """Any of an attribute's words, whole, with any white space between them."""
    said = [r"\s+".join(map(re.escape, words.split())) for words in attribute.words]
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(said)})(?![^\W_])", re.I)


def _learnt(
    given: Given, said: re.Pattern[str], texts: list[str], owners: np.ndarray, count: int
) -> np.ndarray:
    """Of each patient, whether the released text that is nearest to the notes says it."""
    pieces, whose = pieces_of(said.sub(" ", text) for text in texts)
    weights = TfIdf(pa.array(pieces, pa.string()))
    best, telling = np.zeros(len(pieces)), np.zeros(len(pieces), bool)
    for documents in given.released.batches():
        marked = np.array(
            [bool(said.search(text or "")) for text in documents.texts.to_pylist()], bool
        )
        rest = pa.array([said.sub(" ", text or "") for text in documents.texts.to_pylist()])
        likeness = (weights.fitted @ weights.of(rest).T).tocsr()
        highest = likeness.max(axis=1).toarray().ravel()
        better = highest > best
        if better.any():
            rows = np.flatnonzero(better)
            at = np.asarray(likeness[rows].argmax(axis=1)).ravel()
            best[rows], telling[rows] = highest[rows], marked[at]
    of_pieces = owners[whose]
    order = np.lexsort((best, of_pieces))  # the nearest of each patient comes last
    last = np.flatnonzero(np.append(np.diff(of_pieces[order]) > 0, True))
    learnt = np.zeros(count, bool)
    learnt[of_pieces[order][last]] = telling[order][last]
    return learnt
