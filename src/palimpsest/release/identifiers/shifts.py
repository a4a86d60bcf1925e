"""Dates that were all moved by one number of days, as de-identified notes have them.

The days between them stay: where three or more dates in documents of a patient's own notes lie as
those of the notes do, over a month or more, they tell the patient to who knows the notes' dates.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import numpy as np

from palimpsest.release.check import Test, counted
from palimpsest.release.identifiers.bench import LEVEL, Bench
from palimpsest.release.identifiers.roster import Roster
from palimpsest.release.identifiers.rules import DATE
from palimpsest.release.identifiers.variants import read_date
from palimpsest.stats.exchangeable import detectable_count, poisson_test

LEAST, SPAN = 3, 30  # dates, and days from the first to the last
DEALS = 1000  # other patients that each one's documents are held against
NAME = "dates shifted in own documents"


def shifted_dates(bench: Bench, roster: Roster) -> None:
    """Add the test, where documents name their notes."""
    known: dict[int, set[int]] = defaultdict(set)
    for (day,), owners in roster.values.get("date", {}).items():
        for owner in owners:
            known[owner].add(date.fromisoformat(day).toordinal())
    said: dict[int, set[int]] = defaultdict(set)
    places: dict[int, list[int]] = defaultdict(list)
    for document, owner, days in _dated(bench):
        said[owner] |= days
        places[owner].append(document)
    exposed = bench.patients.exposed
    asked = [
        owner
        for owner, days in sorted(said.items())
        if len(days) >= LEAST and exposed[owner] and len(known[owner]) >= LEAST
    ]
    if not asked:
        return
    arrays = {owner: np.array(sorted(days)) for owner, days in known.items() if len(days) >= LEAST}
    found = [owner for owner in asked if _fits(np.array(sorted(said[owner])), arrays[owner])]
    expected = len(asked) / DEALS
    if found:  # otherwise nothing depends on it
        others, rng = sorted(arrays), np.random.default_rng(0)
        fitting = tried = 0
        for owner in asked[:200]:
            days_said = np.array(sorted(said[owner]))
            for at in rng.integers(0, len(others), DEALS).tolist():
                if others[at] != owner:
                    tried += 1
                    fitting += _fits(days_said, arrays[others[at]])
        expected = len(asked) * (fitting + 1) / (tried + 1)
    bench.result.tests[NAME] = _test(len(found), len(asked), expected)
    documents = np.array([one for owner in found for one in places[owner]], np.int64)
    whose = np.array([owner for owner in found for _ in places[owner]], np.int64)
    bench.add_findings(NAME, documents, whose, "date")


def _test(found: int, asked: int, expected: float) -> Test:
    return Test(
        poisson_test(found, expected),
        poisson_test(asked if found else 0, expected),
        f"{found:,} of {asked:,} used patients with {LEAST} dates or more in their documents",
        counted(detectable_count(expected, LEVEL)),
        {"exposed": found, "of": asked, "expected": round(expected, 4)},
    )


def _dated(bench: Bench) -> Iterator[tuple[int, int, set[int]]]:
    """The documents of patients with the days in them."""
    for documents in bench.given.released.batches():
        owners = bench.patients.of_notes(documents.note_ids)
        for at in np.flatnonzero(owners >= 0).tolist():
            text = documents.texts[at].as_py()
            days = {
                day.toordinal() for match in DATE.finditer(text) if (day := read_date(match[0]))
            }
            if days:
                yield documents.first + at, int(owners[at]), days


def _fits(said: np.ndarray, known: np.ndarray) -> bool:
    """Whether most of some days are others, all moved by one number of days that is not 0."""
    moves = said[:, None] - known[None, :]
    values, counts = np.unique(moves[moves != 0], return_counts=True)
    for move in values[counts >= max(LEAST, 0.8 * len(said))]:
        matched = said[np.isin(said - move, known)]
        if matched[-1] - matched[0] >= SPAN:
            return True
    return False
