"""Rare text: words in a row that stand in the notes of few patients, and in what is released.

Notes say the same of many patients, and two writers may find the same words: what the control has
in common with the texts is chance. A patient is one unit, with the number of rare stretches that
stand in the texts. Three questions:

`anywhere`: does more of the used patients stand in the texts than of the control? It finds leaks of
many patients.
`of one patient`: one patient alone is told from chance by no test of a deal. It is taken as a fact
where chance is far away: nobody of the control has such words, and none even fewer of them in a
row; or chance gives few, and what was found holds far more of the patient's own (`own_words.py`).
`in own documents`: does it stand in documents that were made of the patient's own notes, more often
than where documents are dealt by a lot? It finds some patients also where chance finds many.
"""

import math
from dataclasses import dataclass

import numpy as np

from palimpsest.release.check import Given, Result, Test, check, counted
from palimpsest.release.own_words import odd_runs, paired
from palimpsest.release.stretches import Found, Hashes, look, shingles, short_sentences
from palimpsest.runtime.rows import Row
from palimpsest.stats.exchangeable import (
    by_lot,
    deal_test,
    detectable_count,
    detectable_rate,
    poisson_test,
    rank_test,
)

LEVEL = 0.005  # of a test among ten, at which it is told what it finds
NEAR = 0.6  # of the words in a row: if none of the control has so many, chance is far away


@dataclass(frozen=True)
class Looked:
    """What is looked for. kind: of the texts. size: words of a stretch; None of whole sentences."""

    name: str
    hashes_of: Hashes
    kind: str | None
    size: int | None = None


@check("rare_text")
def check_rare_text(given: Given) -> Result:
    """Look for rare stretches of words, and rare short sentences, in all released texts."""
    result, declared = Result(), given.spec.release.rare_text
    result.needs_control(given.patients, given.spec.release.control)
    looked = []
    if given.released.corpora:
        size = declared.words
        looked.append(Looked(f"{size} words", shingles(size), "corpus", size))
    if given.released.datasets:
        size = declared.sentence_words
        looked.append(Looked(f"{size} words of a sentence", shingles(size), "dataset", size))
    if looked:
        looked.append(Looked("whole short sentences", short_sentences, None))
    else:
        result.told["no_texts"] = True
    for one in looked:
        found = look(given, one.hashes_of, one.kind)
        _anywhere(given, result, one, found)
        _own(given, result, one.name, found)
    return result


def _anywhere(given: Given, result: Result, looked: Looked, found: Found) -> None:
    """Add the test of what stands in any document."""
    name, patients = f"{looked.name} anywhere", given.patients
    judged = patients.exposed | patients.control
    counts = np.bincount(found.whose, minlength=len(patients.ids)).astype(float)
    hit, chance = _hits(given, found.whose)
    sizes = patients.exposed_count, patients.control_count
    numbers = {"exposed": hit, "control": chance, "of": list(sizes), "stretches": int(counts.sum())}
    p = floor = 1.0
    if hit and min(sizes):
        p = rank_test(counts[judged], patients.exposed[judged])
        floor = deal_test(hit + chance, sizes[0], 0, sizes[1]) if hit + chance <= sizes[0] else 0.0
    rate = detectable_rate(*sizes, LEVEL)
    detects = f"{rate:.1%} of the used patients, if more stands of them than of the control"
    result.tests[name] = Test(
        p,
        floor,
        f"{hit:,} of {sizes[0]:,} used patients, {chance:,} of {sizes[1]:,} of the control",
        detects,
        numbers,
    )
    _add_findings(given, result, (name, looked.name), found, patients.exposed[found.owners])
    if looked.size and min(sizes):
        _of_one(given, result, looked, found, (hit, chance))


def _of_one(
    given: Given, result: Result, looked: Looked, found: Found, hits: tuple[int, int]
) -> None:
    """Add the test of one patient. hits: how many used ones and how many of the control are hit."""
    assert looked.size and looked.kind, "of stretches alone"
    patients, name = given.patients, f"{looked.name} of one patient"
    hit, chance = hits
    numbers: Row = {}
    near = math.ceil(NEAR * looked.size)
    told, able = np.zeros(len(found.owners), bool), True
    detects, more = f"one patient, where nobody of the control has {near} such words in a row", ""
    fewer = None
    if not chance and hit:
        fewer = look(given, shingles(near), looked.kind)
        numbers["near"] = _near(given, fewer, found)
        if not numbers["near"]:
            told = patients.exposed[found.owners]
    if chance or numbers.get("near"):
        odd = odd_runs(given, found, fewer, (looked.size, near), looked.kind)
        numbers["expected"] = round(odd.expected, 2)
        detects = f"none: chance gives such words of {odd.expected:.0f} used patients alone"
        able = bool(odd.shares)
        told = np.isin(paired(found.documents, found.owners), paired(odd.documents, odd.owners))
        if odd.shares:
            numbers |= {
                "bits": round(odd.bits, 2),
                "bits_of_control": round(odd.of_control, 2),
                "bits_needed": round(odd.needed, 2),
            }
            shares = " and ".join(
                f"{share:.0%} of {length} words" for length, share in odd.shares.items()
            )
            detects = (
                f"one patient, by {odd.needed:.0f} bits of their own: of all stretches in the "
                f"notes, {shares} hold so many"
            )
            more = (
                f"; at most {odd.bits:.0f} bits of their own, of the control {odd.of_control:.0f}"
            )
    count = len(np.unique(found.owners[told]))
    result.tests[name] = Test(
        0.0 if count else 1.0,
        0.0 if count else 1.0,
        f"{count:,} of {patients.exposed_count:,} used patients beyond chance{more}",
        detects,
        numbers,
        able,
    )
    _add_findings(given, result, (name, looked.name), found, told)


def _near(given: Given, fewer: Found, found: Found) -> int:
    """How many of the control have rare stretches of fewer words in other documents than found.

    Parts of what was copied from a used patient may be another one's, too.
    """
    exposed, control = given.patients.exposed, given.patients.control
    others = ~np.isin(fewer.documents, found.documents[exposed[found.owners]])
    return len(np.unique(fewer.owners[others & control[fewer.owners]]))


def _hits(given: Given, whose: np.ndarray) -> tuple[int, int]:
    """How many used patients, and how many of the control, are among some."""
    hit = np.zeros(len(given.patients.ids), bool)
    hit[whose] = True
    return int((hit & given.patients.exposed).sum()), int((hit & given.patients.control).sum())


def _own(given: Given, result: Result, what: str, found: Found) -> None:
    """Add the test of what stands in documents of the patient's own notes."""
    name, patients, owners = f"{what} in own documents", given.patients, found.owners
    total = int((found.documents_of >= 0).sum())
    if not total:
        return
    named = found.documents_of[found.documents]  # whose note a document was made of
    own = (named == owners) & patients.exposed[owners]
    hits = len(np.unique(owners[own]))
    expected, possible = by_lot(
        np.bincount(owners[named >= 0], minlength=len(patients.ids)),
        np.bincount(found.documents_of[found.documents_of >= 0], minlength=len(patients.ids)),
        patients.exposed,
    )
    result.tests[name] = Test(
        poisson_test(hits, expected),
        poisson_test(possible, expected),
        f"{hits:,} used patients; {expected:.3g} where documents are dealt by a lot",
        counted(detectable_count(expected, LEVEL)),
        {"exposed": hits, "expected": round(expected, 4), "documents": total},
    )
    _add_findings(given, result, (name, what), found, own)


def _add_findings(
    given: Given, result: Result, names: tuple[str, str], found: Found, chosen: np.ndarray
) -> None:
    """The documents of some pairs of document and patient, each once with one of its patients.

    names: of the test, and of what was found.
    """
    documents, first = np.unique(found.documents[chosen], return_index=True)
    owners = found.owners[chosen][first].tolist()
    ids: list[str | None] = [given.patients.ids[owner] for owner in owners]
    test, what = names
    result.findings.append(given.released.findings(test, documents, ids, [what] * len(ids)))
