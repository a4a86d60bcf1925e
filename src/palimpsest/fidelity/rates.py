"""How often rephrases of an LLM, prompt and context have findings of each type."""

from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa

from palimpsest.facts.model import STATUSES, TYPES, UNFAITHFUL
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import Lowest, passage_key
from palimpsest.stats.agreement import share_interval

ANY = "any"  # of all types
EXAMPLES = 5  # ids a row
SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("llm", pa.string()),
        ("prompt", pa.string()),
        ("context", pa.string()),
        ("type", pa.string()),
        ("rephrases", pa.int64()),
        ("patients", pa.int64()),
        *((status, pa.int64()) for status in STATUSES),  # facts
        ("unread_rate", pa.float64()),  # share of rephrases with a fact that is `unread`
        ("wrong", pa.int64()),  # rephrases with a finding: changed, omitted or added
        ("rate", pa.float64()),  # of these in all
        ("low", pa.float64()),  # 95% interval over patients
        ("high", pa.float64()),
        ("examples", pa.string()),  # of these, by id
    ]
)


class Rates:
    """Counts the findings of one LLM, prompt and context."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rephrases: Counter[str] = Counter()  # by patient
        self.wrong: dict[str, Counter[str]] = defaultdict(Counter)  # by type and patient
        self.unread: Counter[str] = Counter()  # rephrases by type
        self.facts: Counter[tuple[str, str]] = Counter()  # by type and status
        self.examples: dict[str, Lowest[str]] = defaultdict(lambda: Lowest(EXAMPLES))

    def add(self, row: Row) -> None:
        """Count the findings of a rephrase: a row of `findings.SCHEMA`."""
        patient = row["patient_id"]
        self.rephrases[patient] += 1
        wrong, unread = set(), set()
        for finding in row["findings"]:
            self.facts[finding["type"], finding["status"]] += 1
            if finding["type"] != "passage":  # which is no fact of it
                self.facts[ANY, finding["status"]] += 1
            if finding["status"] in UNFAITHFUL:
                wrong.add(finding["type"])
            elif finding["status"] != "kept":
                unread.add(finding["type"])
        if wrong:
            wrong.add(ANY)
        self.unread.update(unread | {ANY} if unread else unread)
        place = passage_key(self.seed, row["note_id"], row["start"])
        where = f"{row['note_id']}:{row['start']}-{row['end']}"
        for kind in wrong:
            self.wrong[kind][patient] += 1
            self.examples[kind].offer(place, where)

    def rows(self) -> list[Row]:
        """A row for all types together, then one for each: columns of SCHEMA from `type` on."""
        patients = sorted(self.rephrases)
        trials = np.array([self.rephrases[patient] for patient in patients])
        total = int(trials.sum())
        found = []
        for kind in (ANY, *TYPES):
            hits = np.array([self.wrong[kind][patient] for patient in patients])
            low, high = share_interval(hits, trials) if total else (np.nan, np.nan)
            found.append(
                {
                    "type": kind,
                    "rephrases": total,
                    "patients": len(patients),
                    **{status: self.facts[kind, status] for status in STATUSES},
                    "unread_rate": self.unread[kind] / total if total else np.nan,
                    "wrong": int(hits.sum()),
                    "rate": hits.sum() / total if total else np.nan,
                    "low": low,
                    "high": high,
                    "examples": "; ".join(where for _, where in self.examples[kind].drawn()),
                }
            )
        return found
