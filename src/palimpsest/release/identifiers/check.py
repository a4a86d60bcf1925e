"""Identifiers in released texts, held against those whom nobody used and against nobody's.

Two questions of each kind. `anywhere`: do more of the used patients have an identifier of their own
in the texts than chance gives, which is known from the control and from recombined identifiers?
`own`: does it stand in documents that were made of the patient's own notes, more often than where
documents are dealt to patients by a lot? The second one finds a common name, too.
"""

import numpy as np

from palimpsest.release.check import Given, Result, check
from palimpsest.release.config import FileRoster
from palimpsest.release.identifiers.bench import Bench
from palimpsest.release.identifiers.roster import Roster, roster_of_file, roster_of_notes
from palimpsest.release.identifiers.shifts import shifted_dates
from palimpsest.release.identifiers.sought import Search


def read_roster(given: Given) -> Roster:
    """The roster that a release declares."""
    declared = given.spec.release.roster
    assert declared is not None, "the schema asks for it"
    if isinstance(declared, FileRoster):
        return roster_of_file(declared, given.roster, given.patients)
    return roster_of_notes(given.notes, given.patients, declared.by)


@check("identifiers")
def check_identifiers(given: Given) -> Result:
    """Look for the identifiers of the roster in all released texts."""
    result, patients = Result(), given.patients
    result.needs_control(patients, given.spec.release.control)
    roster = read_roster(given)
    kinds = sorted(kind for kind, values in roster.values.items() if values)
    if not kinds:
        result.lacking.append("the roster has no identifier of any patient")
        return result
    values = {kind: sorted(roster.values[kind]) for kind in kinds}
    search = Search(values, given.spec.seed)
    owners_of_documents = np.full(given.released.count, -1, np.int64)
    for documents in given.released.batches():
        owners = patients.of_notes(documents.note_ids)
        owners_of_documents[documents.first : documents.first + len(owners)] = owners
        search.look_at(documents)
    found = search.hits()
    made = Bench(patients, owners_of_documents, result, given)
    for kind, start, end in zip(kinds, search.starts, search.starts[1:], strict=False):
        rows = (found.values >= start) & (found.values < end)
        listed = values[kind]
        made.test(
            kind,
            [roster.values[kind][value] for value in listed],
            found.documents[rows],
            found.values[rows] - start,
            search.by_chance(kind, listed),
        )
    shifted_dates(made, roster)
    known = roster.known(len(patients.ids))
    result.told |= {
        "values": {kind: len(listed) for kind, listed in values.items()},
        "unread": dict(roster.unread),
        "patients": int(known.sum()),
        "documents": given.released.count,
        "with_known_note": int((owners_of_documents >= 0).sum()),
    }
    judged = patients.exposed | patients.control
    if nothing := int((judged & ~known).sum()):
        result.told["patients_without_any"] = nothing
        if isinstance(given.spec.release.roster, FileRoster):
            result.lacking.append(
                f"the roster has nothing of {nothing:,} of {int(judged.sum()):,} used patients and "
                "of the control: their identifiers were not looked for"
            )
    return result
