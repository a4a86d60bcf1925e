"""What a judge says of rephrases, beside its recall and its false alarms on known pairs."""

import json
from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa

from palimpsest.facts.model import TYPES
from palimpsest.facts.planting import ADDITION, KINDS, OMISSION
from palimpsest.runtime.rows import Row
from palimpsest.stats.agreement import CONFUSION, agreements, share_interval
from palimpsest.stats.corrected import Judged, corrected_rate

ANY = "any"  # a claim of any type
SIDES = {"unsupported": "rephrase", "missing": "passage"}  # lists of an answer: what they quote
# What a planted error must be called to be found: its own type, or what is done to a sentence.
NAMED = {kind: kind for kind in KINDS} | {OMISSION: "missing", ADDITION: "unsupported"}
CLAIMS = (ANY, *SIDES, *(kind for kind in TYPES if kind != "passage"), "other")
UNPARSEABLE = "unparseable"
CLAIM = pa.struct(
    [
        ("side", pa.string()),  # unsupported or missing
        ("type", pa.string()),
        ("start", pa.int64()),  # of the quote in the rephrase, or of what is missing in the passage
        ("end", pa.int64()),  # null where the quote does not stand there
    ]
)
JUDGEMENTS = pa.schema(
    [
        ("request_key", pa.string()),
        ("note_id", pa.string()),
        ("start", pa.int64()),  # the passage's character offsets in its note
        ("end", pa.int64()),
        ("patient_id", pa.string()),
        ("origin", pa.string()),  # rephrased, faithful or planted
        ("planted", pa.string()),  # the type of the error, or null
        ("of_llm", pa.string()),
        ("of_prompt", pa.string()),
        ("of_context", pa.string()),
        ("rules", pa.list_(pa.string())),
        ("claims", pa.list_(CLAIM)),  # null where the answer failed
        ("failure", pa.string()),  # an engine's reason or `unparseable`, or null
    ]
)
ASKED = [name for name in JUDGEMENTS.names if name not in ("request_key", "claims", "failure")]
TEXTS = ["passage", "rephrase"]  # in which quotes are looked for
_INTERVAL = ("", "_low", "_high")
RATES = pa.schema(
    [
        ("source", pa.string()),
        ("llm", pa.string()),
        ("prompt", pa.string()),
        ("context", pa.string()),
        ("claim", pa.string()),  # any, unsupported, missing, or a type
        ("rephrases", pa.int64()),
        ("patients", pa.int64()),
        ("judged", pa.int64()),  # rephrases with such a claim
        *((f"rate{end}", pa.float64()) for end in _INTERVAL),  # of these; 95% over patients
        ("planted", pa.int64()),  # known pairs with an error of this type
        ("found", pa.int64()),  # those of them with such a claim
        ("recall", pa.float64()),
        ("noticed", pa.float64()),  # share of them with any claim
        ("faithful", pa.int64()),  # known pairs without an error
        ("alarms", pa.int64()),  # those of them with such a claim
        ("false_alarms", pa.float64()),
        *((f"corrected{end}", pa.float64()) for end in _INTERVAL),
        ("rules", pa.int64()),  # rephrases with a finding of the rules of this type; null: no type
        *((f"kappa{end}", pa.float64()) for end in _INTERVAL),  # of judge and rules
    ]
)


def claims_of(answer: str, texts: Row) -> list[Row] | None:
    """The claims of an answer, with offsets of their quotes; None where it is no such answer.

    texts: the passage and the rephrase.
    """
    try:
        said = json.loads(answer)
        listed = [(side, claim) for side in SIDES for claim in said[side]]
        quoted = [(side, claim["type"], claim["quote"]) for side, claim in listed]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    if any(kind not in CLAIMS or not isinstance(quote, str) for _, kind, quote in quoted):
        return None
    found = []
    for side, kind, quote in quoted:
        start = texts[SIDES[side]].find(quote) if quote else -1
        place = (start, start + len(quote)) if start >= 0 else (None, None)
        found.append({"side": side, "type": kind, "start": place[0], "end": place[1]})
    return found


def judgement(request: Row, completion: Row) -> Row:
    """A row of JUDGEMENTS. request: columns of ASKED and TEXTS."""
    row = {name: request[name] for name in ("request_key", *ASKED)}
    if completion["failure"]:
        return row | {"claims": None, "failure": completion["failure"]}
    claims = claims_of(completion["text"] or "", request)
    return row | {"claims": claims, "failure": UNPARSEABLE if claims is None else None}


def named_by(claims: list[Row]) -> set[str]:
    """What of CLAIMS some claims are."""
    named = {one["type"] for one in claims} | {one["side"] for one in claims}
    return named | {ANY} if claims else named


class JudgedRates:
    """Counts judgements; failed ones count nowhere."""

    def __init__(self) -> None:
        # By LLM, prompt and context: patients, what the judge named, what the rules did.
        self.series: dict[tuple[str, str, str], list[tuple[str, set[str], set[str]]]]
        self.series = defaultdict(list)
        self.planted: Counter[str] = Counter()  # by type of the error
        self.found: Counter[str] = Counter()
        self.noticed: Counter[str] = Counter()
        self.faithful = 0
        self.alarms: Counter[str] = Counter()  # by what was named

    def add(self, row: Row) -> None:
        """Count a row of JUDGEMENTS."""
        if row["failure"]:
            return
        named = named_by(row["claims"])
        if row["origin"] == "faithful":
            self.faithful += 1
            self.alarms.update(named)
        elif row["origin"] == "planted":
            wanted = NAMED[row["planted"]]
            for kind in (wanted, ANY):
                self.planted[kind] += 1
                self.found[kind] += kind in named
                self.noticed[kind] += bool(named)
        else:
            series = row["of_llm"], row["of_prompt"], row["of_context"]
            self.series[series].append((row["patient_id"], named, set(row["rules"])))

    def known(self, claim: str) -> Judged:
        """How the judge did on known pairs, by what it claimed."""
        return Judged(self.planted[claim], self.found[claim], self.faithful, self.alarms[claim])

    def rows(self, source: str) -> list[Row]:
        """Rows of RATES: for each LLM, prompt and context one of each claim."""
        return [
            {"source": source, "llm": llm, "prompt": prompt, "context": context}
            | self._row(claim, judged)
            for (llm, prompt, context), judged in sorted(self.series.items())
            for claim in CLAIMS
        ]

    def _row(self, claim: str, judged: list[tuple[str, set[str], set[str]]]) -> Row:
        patients = sorted({patient for patient, *_ in judged})
        place = {patient: at for at, patient in enumerate(patients)}
        counts = np.zeros((len(patients), 4), int)
        ruled = claim not in (*SIDES, "other")  # what rules have a type for
        for patient, named, wrong in judged:
            by_rules = bool(wrong - {"passage"}) if claim == ANY else claim in wrong
            outcome = (
                ("tp" if by_rules else "fp") if claim in named else ("fn" if by_rules else "tn")
            )
            counts[place[patient], CONFUSION.index(outcome)] += 1
        true, false, missed, _ = counts.T
        hits, trials, known = true + false, counts.sum(axis=1), self.known(claim)
        row: Row = {
            "claim": claim,
            "rephrases": len(judged),
            "patients": len(patients),
            "judged": int(hits.sum()),
            "planted": known.planted,
            "found": known.found,
            "recall": known.recall,
            "noticed": self.noticed[claim] / known.planted if known.planted else np.nan,
            "faithful": known.faithful,
            "alarms": known.alarms,
            "false_alarms": known.false_alarms,
            "rules": int((true + missed).sum()) if ruled else None,
        }
        measured = {
            "rate": (hits.sum() / trials.sum(), *share_interval(hits, trials)),
            "corrected": corrected_rate(hits, trials, known),
        }
        if ruled:
            (agreed,) = agreements(counts[:, None, :])
            measured["kappa"] = tuple(agreed[f"kappa{end}"] for end in _INTERVAL)
        for name, numbers in measured.items():
            row |= {f"{name}{end}": float(v) for end, v in zip(_INTERVAL, numbers, strict=True)}
        return row
