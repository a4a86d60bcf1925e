"""The two tests of each kind of identifier; `check.py` says what they ask."""

import numpy as np

from palimpsest.release.check import Given, Result, Test, counted
from palimpsest.release.patients import CONTROL, EXPOSED, Patients
from palimpsest.stats.exchangeable import (
    by_lot,
    deal_test,
    detectable_count,
    detectable_dealt,
    poisson_test,
)

LEVEL = 0.005  # of a test among ten, at which it is told what it finds


class Bench:
    """Where the tests of all kinds are made. documents_of: whose each document is, or -1."""

    def __init__(
        self, patients: Patients, documents_of: np.ndarray, result: Result, given: Given
    ) -> None:
        self.patients, self.documents_of = patients, documents_of
        self.result, self.given = result, given
        owned = documents_of[documents_of >= 0]
        self.own_documents = np.bincount(owned, minlength=len(patients.ids))

    def test(
        self,
        kind: str,
        owners: list[set[int]],
        documents: np.ndarray,
        values: np.ndarray,
        chance: np.ndarray | None,
    ) -> None:
        """Test one kind. documents, values: where which value stands. owners: of each value."""
        single = np.array([next(iter(one)) if len(one) == 1 else -1 for one in owners], np.int64)
        self._anywhere(kind, single, documents, values, chance)
        self._own(kind, owners, documents, values)

    def _anywhere(
        self,
        kind: str,
        single: np.ndarray,
        documents: np.ndarray,
        values: np.ndarray,
        chance: np.ndarray | None,
    ) -> None:
        """Identifiers that one patient alone has, wherever they stand."""
        patients, name = self.patients, f"{kind} anywhere"
        hit = np.zeros(len(patients.ids), bool)
        whose = single[values]
        hit[whose[whose >= 0]] = True
        exposed, control = (int((hit & (patients.group == g)).sum()) for g in (EXPOSED, CONTROL))
        sizes = patients.exposed_count, patients.control_count
        p = floor = 1.0
        numbers = {"exposed": exposed, "control": control, "of": list(sizes)}
        leaked: int | None
        if chance is not None:
            missed = np.ones(len(patients.ids))
            known = single >= 0
            np.multiply.at(missed, single[known], 1 - chance[known])
            expected = float((1 - missed)[patients.exposed].sum())
            numbers["expected"] = round(expected, 4)
            p, floor = poisson_test(exposed, expected), poisson_test(exposed + control, expected)
            if control:
                p = max(p, deal_test(exposed, sizes[0], control, sizes[1]))
            leaked = detectable_count(expected, LEVEL)
        else:
            leaked = detectable_dealt(sizes[0], control, sizes[1], LEVEL) if sizes[1] else None
            if exposed:
                p = deal_test(exposed, sizes[0], control, sizes[1])
                floor = deal_test(exposed + control, sizes[0], 0, sizes[1])
        detects = counted(leaked) if leaked else "none"
        found = (
            f"{exposed:,} of {sizes[0]:,} used patients, {control:,} of {sizes[1]:,} of the control"
        )
        self.result.tests[name] = Test(p, floor, found, detects, numbers, able=bool(leaked))
        shown = (whose >= 0) & patients.exposed[np.maximum(whose, 0)]
        self.add_findings(name, documents[shown], whose[shown], kind)

    def _own(
        self, kind: str, owners: list[set[int]], documents: np.ndarray, values: np.ndarray
    ) -> None:
        """Identifiers of the patient of whose note the document was made."""
        name, patients = f"{kind} in own documents", self.patients
        total = int((self.documents_of >= 0).sum())
        if not total:
            return
        inside = self.documents_of[documents] >= 0
        documents, values = documents[inside], values[inside]
        whose = self.documents_of[documents]
        pairs = zip(whose.tolist(), values.tolist(), strict=True)
        own = np.fromiter((one in owners[value] for one, value in pairs), bool, len(values))
        own &= patients.exposed[whose]
        standing = np.zeros(len(patients.ids))  # documents in which something of a patient stands
        counts = np.bincount(values, minlength=len(owners))
        for value in np.flatnonzero(counts).tolist():
            for patient in owners[value]:
                standing[patient] += counts[value]
        expected, possible = by_lot(standing, self.own_documents, patients.exposed)
        hits = len(np.unique(whose[own]))
        self.result.tests[name] = Test(
            poisson_test(hits, expected),
            poisson_test(possible, expected),
            f"{hits:,} used patients; {expected:.3g} where documents are dealt by a lot",
            counted(detectable_count(expected, LEVEL)),
            {"exposed": hits, "expected": round(expected, 4), "documents": total},
        )
        self.add_findings(name, documents[own], whose[own], kind)

    def add_findings(self, test: str, documents: np.ndarray, whose: np.ndarray, kind: str) -> None:
        """Note in which documents what was found stands."""
        ids = [self.patients.ids[one] for one in whose.tolist()]
        table = self.given.released.findings(test, documents, ids, [kind] * len(ids))
        self.result.findings.append(table)
