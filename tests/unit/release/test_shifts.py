"""Dates that were all moved by one number of days are found, however they are written."""

from datetime import date, timedelta

import numpy as np
import pytest
from tiny_release import Tiny

from palimpsest.release.identifiers.shifts import NAME, _fits, dates_of

DAYS = [date(2011, 3, 9), date(2011, 4, 2), date(2011, 6, 30), date(2012, 1, 12)]
WAYS = ["%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%d.%m.%Y", "%B %d, %Y", "%d %b %Y", "%d%b%Y", "%Y%m%d"]


def numbers(days):
    return np.array([day.toordinal() for day in days])


@pytest.mark.parametrize("way", WAYS)
def test_moved_dates_fit_those_that_are_known_in_every_way_to_write_them(way):
    text = ", then ".join(f"{day + timedelta(-777):{way}}" for day in DAYS)
    assert _fits(sorted(dates_of(f"Seen {text}. BP 120/80, pH 7.35.")), numbers(DAYS))


def test_a_date_that_may_mean_two_days_has_both():
    assert dates_of("on 3/4/2010") == {(date(2010, 3, 4).toordinal(), date(2010, 4, 3).toordinal())}
    assert dates_of("on 13/04/2010") == {(date(2010, 4, 13).toordinal(),)}
    assert not dates_of("pH 7.35/40/85, version 12.8.33.2, on the 45/45/2010")


def test_dates_that_were_not_moved_or_not_together_or_too_few_do_not_fit():
    known = numbers(DAYS)
    for days in (
        DAYS,  # as they are: another test finds them
        [day + timedelta(100 + 7 * at) for at, day in enumerate(DAYS)],
        [day + timedelta(100) for day in DAYS[:2]],
    ):
        assert not _fits([(day.toordinal(),) for day in days], known)
    near = [DAYS[0] + timedelta(at) for at in range(4)]  # in less than a month
    assert not _fits([(day.toordinal() + 100,) for day in near], numbers(near))


def test_a_document_of_the_patients_own_note_with_moved_dates_is_found(tmp_path):
    tiny = Tiny(tmp_path)
    for note in tiny.notes:
        first = date(2010, 1, 1) + timedelta(tiny.draws.randrange(2000))
        days = [first, *(first + timedelta(tiny.draws.randrange(31, 900)) for _ in range(3))]
        for day in days:
            start = len(note["text"]) + 1
            note["text"] += f" {day.isoformat()}"
            note["phi"].append({"start": start, "end": start + 10, "label": "DATE"})
        if note is tiny.trained[9]:
            leaked = [day + timedelta(500) for day in days]
    own = next(
        at
        for at, document in enumerate(tiny.documents)
        if document["note_id"] == tiny.trained[9]["note_id"]
    )
    tiny.documents[own]["text"] += f" seen {', '.join(f'{day:%d.%m.%Y}' for day in leaked)}"
    result = tiny.run("identifiers")
    assert result.tests[NAME].p < 0.002
    rows = [row for row in result.table().to_pylist() if row["test"] == NAME]
    assert [(row["row"], row["patient_id"]) for row in rows] == [
        (own, tiny.trained[9]["patient_id"])
    ]
