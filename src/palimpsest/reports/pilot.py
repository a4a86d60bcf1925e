"""What a pilot says of each LLM, prompt, context and sampling: yield, cost, and what is wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import nan

import numpy as np

from palimpsest.facts.model import UNFAITHFUL
from palimpsest.runtime.rows import Row
from palimpsest.stats.agreement import share_interval

NAMES = ["llm", "sampling", "source", "prompt", "context"]
COLUMNS = [
    *NAMES, "sampled_by", "requests", "patients", "kept", "rejected", "failed", "yield",
    "yield_low", "yield_high", "tokens_in_per_kept", "tokens_out_per_kept", "study_requests",
    "study_tokens_in", "study_tokens_out", "study_kept_tokens", "study_hours",
]  # fmt: skip
WRONG = ["wrong", "wrong_low", "wrong_high"]  # then `wrong_TYPE`: shares of rephrases


@dataclass
class Shares:
    """Hits and trials by patient, for a share and its interval over patients."""

    hits: Counter[str] = field(default_factory=Counter)
    trials: Counter[str] = field(default_factory=Counter)

    def add(self, patient: str, hit: bool) -> None:
        """Count one trial."""
        self.trials[patient] += 1
        self.hits[patient] += hit

    def share(self) -> float:
        """Of hits in trials; NaN of none."""
        trials = self.trials.total()
        return self.hits.total() / trials if trials else nan

    def interval(self) -> tuple[float, float]:
        """The 95% interval over patients; NaN of fewer than two."""
        patients = sorted(self.trials)
        hits = np.array([self.hits[one] for one in patients])
        trials = np.array([self.trials[one] for one in patients])
        return share_interval(hits, trials) if len(patients) > 1 else (nan, nan)


@dataclass(frozen=True)
class Sample:
    """What was asked of one variant, and what is to be asked in the study.

    account, tokens, tokens_in, tokens_out: of the manifest of what the screens kept.
    passage_tokens: of the sample. study_requests, study_passage_tokens: of all shards, in the first
    round.
    rate: tokens that the LLM writes a second on this machine, or None.
    """

    account: Row
    tokens: int
    tokens_in: int
    tokens_out: int
    passage_tokens: int
    study_requests: int
    study_passage_tokens: int
    rate: float | None


def pilot_row(sample: Sample, kept: Shares) -> Row:
    """The numbers of one variant. kept: a trial for each request, a hit for each that was kept."""
    low, high = kept.interval()
    account = sample.account
    if sample.passage_tokens:
        times = sample.study_passage_tokens / sample.passage_tokens
    else:
        times = sample.study_requests / account["in"] if account["in"] else nan
    study = {
        "study_requests": sample.study_requests,
        "study_tokens_in": sample.tokens_in * times,
        "study_tokens_out": sample.tokens_out * times,
        "study_kept_tokens": sample.tokens * times,
    }
    hours = study["study_tokens_out"] / sample.rate / 3600 if sample.rate else nan
    return {
        "requests": account["in"],
        "patients": len(kept.trials),
        "kept": account["kept"],
        **{name: sum(account[name].values()) for name in ("rejected", "failed")},
        "yield": kept.share(),
        "yield_low": low,
        "yield_high": high,
        "tokens_in_per_kept": _ratio(sample.tokens_in, sample.tokens),
        "tokens_out_per_kept": _ratio(sample.tokens_out, sample.tokens),
        **study,
        "study_hours": hours,
    }


def wrong_shares(rows: Iterable[Row]) -> Row:
    """Shares of rephrases with a finding that is not `kept`: of any type, and of each.

    rows: of a table of findings: `patient_id`, and `findings` with `type` and `status`.
    """
    found: dict[str, Shares] = defaultdict(Shares)
    every = Shares()
    patients = []
    for row in rows:
        wrong = {one["type"] for one in row["findings"] if one["status"] in UNFAITHFUL}
        every.add(row["patient_id"], bool(wrong))
        patients.append((row["patient_id"], wrong))
    types = sorted({kind for _, wrong in patients for kind in wrong})
    for patient, wrong in patients:
        for kind in types:
            found[kind].add(patient, kind in wrong)
    low, high = every.interval()
    told = dict(zip(WRONG, (every.share(), low, high), strict=True))
    return told | {f"wrong_{kind}": found[kind].share() for kind in types}


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else nan
