"""Build the requests that ask an LLM to write a note after a whole case report.

So that notes are made without any patient's notes (Kweon et al. 2023, arXiv 2309.00237, write
discharge summaries after published case reports).
"""

from collections.abc import Iterable

from palimpsest.requests.config import SynthesisSpec
from palimpsest.requests.rephrase import rephrase_request
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import within_budget


def synthesis_requests(reports: Iterable[Row], spec: SynthesisSpec, account: Account) -> list[Row]:
    """The requests for the first reports in sampling order that reach the budget.

    reports: note_id, text and tokens. A report is asked about whole or not at all. account: is told
    what becomes of each.
    """
    places: list[Row] = []
    for report in reports:
        if report["tokens"] > spec.max_tokens:
            account.reject("too_long")
            continue
        places.append({**report, "start": 0, "end": len(report["text"])})
    chosen = list(within_budget(places, spec.tokens, spec.seed))
    account.keep(len(chosen))
    account.reject("beyond_budget", len(places) - len(chosen))
    return [rephrase_request(report, spec.prompt) for report in chosen]
