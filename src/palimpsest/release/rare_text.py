"""Rare text: words in a row that stand in the notes of few patients, and in what is released.

Notes say the same of many patients, and two writers may find the same words: what the control has
in common with the texts is chance. A patient is one unit, with the number of rare stretches that
stand in the texts.

Two questions, as of identifiers. `anywhere`: does more of the used patients stand in the texts than
of the control? `in own documents`: does it stand in documents that were made of the patient's own
notes, more often than where documents are dealt by a lot? The second one finds a few patients also
where chance finds many.
"""

import numpy as np

from palimpsest.release.check import Given, Result, Test, check
from palimpsest.release.stretches import Found, Hashes, look, shingles, short_sentences
from palimpsest.stats.exchangeable import (
    by_lot,
    detectable_count,
    detectable_rate,
    poisson_test,
    rank_test,
)

LEVEL = 0.005  # of a test among ten, at which it is told what it finds


@check("rare_text")
def check_rare_text(given: Given) -> Result:
    """Look for rare stretches of words, and rare short sentences, in all released texts."""
    result, declared = Result(), given.spec.release.rare_text
    result.needs_control(given.patients, given.spec.release.control)
    looked: list[tuple[str, Hashes, str | None]] = []
    if given.released.corpora:
        looked.append((f"{declared.words} words", shingles(declared.words), "corpus"))
    if given.released.datasets:
        words = declared.sentence_words
        looked.append((f"{words} words of a sentence", shingles(words), "dataset"))
    if looked:
        looked.append(("whole short sentences", short_sentences, None))
    else:
        result.told["no_texts"] = True
    for name, hashes_of, kind in looked:
        found = look(given, hashes_of, kind)
        _anywhere(given, result, name, found)
        _own(given, result, f"{name} in own documents", found)
    return result


def _anywhere(given: Given, result: Result, name: str, found: Found) -> None:
    """Add the test of what stands in any document."""
    patients = given.patients
    judged = patients.exposed | patients.control
    exposed, control = found.counts[patients.exposed], found.counts[patients.control]
    hit, chance = int((exposed > 0).sum()), int((control > 0).sum())
    sizes = patients.exposed_count, patients.control_count
    if not hit:
        p, floor = 1.0, 1.0
    elif not chance:
        p, floor = 0.0, 0.0  # a fact: nothing like it is found of those whom nobody used
    else:
        p, floor = rank_test(found.counts[judged].astype(float), patients.exposed[judged]), 0.0
    detects = "one patient"
    if chance:
        rate = detectable_rate(*sizes, LEVEL)
        detects = f"{rate:.1%} of the used patients, if more stands of them than of the control"
    result.tests[name] = Test(
        p,
        floor,
        f"{hit:,} of {sizes[0]:,} used patients, {chance:,} of {sizes[1]:,} of the control",
        detects,
        {
            "exposed": hit,
            "control": chance,
            "of": list(sizes),
            "stretches": int(found.counts.sum()),
        },
    )
    _add_findings(given, result, name, found, patients.exposed[found.owners])


def _own(given: Given, result: Result, name: str, found: Found) -> None:
    """Add the test of what stands in documents of the patient's own notes."""
    patients, owners = given.patients, found.owners
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
        f"{detectable_count(expected, LEVEL)} patients",
        {"exposed": hits, "expected": round(expected, 4), "documents": total},
    )
    _add_findings(given, result, name, found, own)


def _add_findings(
    given: Given, result: Result, name: str, found: Found, chosen: np.ndarray
) -> None:
    """The documents of some pairs of document and patient, each once with one of its patients."""
    documents, first = np.unique(found.documents[chosen], return_index=True)
    ids: list[str | None] = [
        given.patients.ids[owner] for owner in found.owners[chosen][first].tolist()
    ]
    result.findings.append(given.released.findings(name, documents, ids, [name] * len(ids)))
