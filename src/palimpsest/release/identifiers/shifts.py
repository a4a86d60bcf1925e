"""Dates that were all moved by one number of days, as de-identified notes have them.

The days between them stay: where three or more dates in documents of a patient's own notes lie as
those of the notes do, over a month or more, they tell the patient to who knows the notes' dates.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import numpy as np

from palimpsest.release.check import Test, counted
from palimpsest.release.identifiers.bench import LEVEL, Bench
from palimpsest.release.identifiers.roster import Roster
from palimpsest.release.identifiers.variants import read_date
from palimpsest.stats.exchangeable import detectable_count, poisson_test

LEAST, SPAN = 3, 30  # dates, and days from the first to the last
MOST = 0.8  # of what is said must fit; the rest may be dates of something else
DEALS = 1000  # other patients that each one's documents are held against
NAME = "dates shifted in own documents"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_SAID = re.compile(
    r"(?<![\w/.-])(?:"
    r"(?P<iso>\d{4}([-/.])\d{1,2}\2\d{1,2})"
    r"|(?P<digits>(?:19|20)\d{6})"
    r"|(?P<numbers>\d{1,2}([-/.])\d{1,2}\5(?:\d{4}|\d\d))"
    rf"|(?P<words>\d{{1,2}}(?:st|nd|rd|th)?[- ]?{_MONTH}\.?[- ,]*\d{{4}}"
    rf"|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
    r")(?![\w/-]|\.\d)",
    re.I,
)
_NUMBERS = re.compile(r"(\d+)\W(\d+)\W(\d+)")
_SEAM = re.compile(r"(?<=\d)(?=[a-z]{3,})|(?<=[a-z.])(?=\d)", re.I)
Readings = tuple[int, ...]  # the days that one date may mean


def shifted_dates(bench: Bench, roster: Roster) -> None:
    """Add the test, where documents name their notes."""
    known: dict[int, set[int]] = defaultdict(set)
    for (day,), owners in roster.values.get("date", {}).items():
        for owner in owners:
            known[owner].add(date.fromisoformat(day).toordinal())
    told: dict[int, set[Readings]] = defaultdict(set)
    places: dict[int, list[int]] = defaultdict(list)
    for document, owner, dates in _dated(bench):
        told[owner] |= dates
        places[owner].append(document)
    said = {owner: sorted(dates) for owner, dates in sorted(told.items()) if len(dates) >= LEAST}
    arrays = {owner: np.array(sorted(days)) for owner, days in known.items() if len(days) >= LEAST}
    exposed = bench.patients.exposed
    asked = [owner for owner in said if exposed[owner] and owner in arrays]
    if not asked:
        return
    found = [owner for owner in asked if _fits(said[owner], arrays[owner])]
    expected = len(asked) / DEALS
    if found:  # otherwise nothing depends on it
        others, rng = sorted(arrays), np.random.default_rng(0)
        fitting = tried = 0
        for owner in asked[:200]:
            for at in rng.integers(0, len(others), DEALS).tolist():
                if others[at] != owner:
                    tried += 1
                    fitting += _fits(said[owner], arrays[others[at]])
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


def _dated(bench: Bench) -> Iterator[tuple[int, int, set[Readings]]]:
    """The documents of patients with the dates in them."""
    for documents in bench.given.released.batches():
        owners = bench.patients.of_notes(documents.note_ids)
        for at in np.flatnonzero(owners >= 0).tolist():
            dates = dates_of(documents.texts[at].as_py() or "")
            if dates:
                yield documents.first + at, int(owners[at]), dates


def dates_of(text: str) -> set[Readings]:
    """The dates that a text says, each with the days that it may mean: 3/4 is in March or April."""
    return {found for match in _SAID.finditer(text) if (found := _readings(match))}


def _readings(match: re.Match[str]) -> Readings:
    written = match[0]
    if match["digits"]:
        written = f"{written[:4]}-{written[4:6]}-{written[6:]}"
    elif match["words"]:
        written = _SEAM.sub(" ", written)
    ways = [written]
    if match["numbers"]:
        ways.append(_NUMBERS.sub(r"\2/\1/\3", written))
    days = {day.toordinal() for way in ways if (day := read_date(way))}
    return tuple(sorted(days))


def _fits(said: list[Readings], known: np.ndarray) -> bool:
    """Whether most of some dates are known days, all moved by one number of days that is not 0."""
    days = np.array([day for readings in said for day in readings])
    whose = np.repeat(np.arange(len(said)), [len(readings) for readings in said])
    moves = days[:, None] - known[None, :]
    values, counts = np.unique(moves[moves != 0], return_counts=True)
    for move in values[counts >= max(LEAST, MOST * len(said))]:
        fitting = np.isin(days - move, known)
        if len(np.unique(whose[fitting])) < MOST * len(said):
            continue
        matched = np.unique(days[fitting])
        if len(matched) >= LEAST and matched[-1] - matched[0] >= SPAN:
            return True
    return False
