"""A scripted LLM that makes each error at a known rate: do the table's intervals hold these rates?

    python benchmarks/fidelity_simulation.py [--studies 1000] [--draw docs/fidelity.svg]

Each answer is a paraphrase of generated facts, with one error of a type by a rate of that type,
else faithful; rates differ between patients. The rules look at real texts; what they find in each
is kept and drawn again in every simulated study. `--draw` draws one study as the figure of kind
`fidelity`.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from fidelity import Pair, generated

from palimpsest.facts.compare import findings
from palimpsest.fidelity.rates import SCHEMA, Rates
from palimpsest.reports.figures.fidelity import COLUMNS, caption_of, draw_fidelity
from palimpsest.runtime.rows import Row

# Errors whose types have no other type's finding as their consequence.
RATES = {
    "number": 0.08, "frequency": 0.03, "duration": 0.04, "laterality": 0.02, "negation": 0.05,
    "uncertainty": 0.03, "experiencer": 0.02, "allergy": 0.01,
}  # fmt: skip
Found = dict[str, list[list[Row]]]  # what was found in each answer, by the error in it
PATIENTS, EACH = 60, 5  # rephrases of a patient
SPREAD = 8.0  # of the beta distribution of a patient's rates: the higher, the more alike


def outcomes(pairs: list[Pair]) -> Found:
    """What the rules find in the pairs with each planted type, "" where there is none."""
    found: Found = defaultdict(list)
    for kind, passage, rephrase in pairs:
        if not kind or kind in RATES:
            seen = [{"type": f.type, "status": f.status} for f in findings(passage, rephrase)]
            found[kind].append(seen)
    return found


def study(found: Found, rng: np.random.Generator, factor: float = 1.0) -> Rates:
    """One simulated study. factor: of all rates."""
    rates, kinds = Rates(seed=1), list(RATES)
    means = np.array([RATES[kind] * factor for kind in kinds])
    for patient in range(PATIENTS):
        own = rng.beta(means * SPREAD, (1 - means) * SPREAD)
        for each in range(EACH):
            at = int(np.searchsorted(np.cumsum(own), rng.random()))  # at most one error
            kind = kinds[at] if at < len(kinds) else ""
            choice = found[kind][rng.integers(len(found[kind]))]
            place = {"note_id": f"n{patient}-{each}", "start": 0, "end": 1}
            rates.add({**place, "patient_id": f"p{patient}", "findings": choice})
    return rates


def coverage(found: Found, studies: int, seed: int = 1) -> dict[str, float]:
    """How often the interval of each type holds its rate."""
    rng = np.random.default_rng(seed)
    held: dict[str, int] = dict.fromkeys(RATES, 0)
    for _ in range(studies):
        rows = {row["type"]: row for row in study(found, rng).rows()}
        for kind, rate in RATES.items():
            held[kind] += rows[kind]["low"] <= rate <= rows[kind]["high"]
    return {kind: count / studies for kind, count in held.items()}


def drawn(found: Found, path: Path) -> None:
    """One study of two contexts, the second with half the rates, as a figure."""
    rng = np.random.default_rng(1)
    rows = []
    for context, factor in (("none", 1.0), ("header and dates", 0.5)):
        named = {"source": "generated", "llm": "scripted", "prompt": "plain", "context": context}
        rows += [named | row for row in study(found, rng, factor).rows()]
    assert set(COLUMNS) == set(SCHEMA.names)
    draw_fidelity(rows, caption_of("generated facts by a scripted LLM", rows), path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--patients", type=int, default=60)
    parser.add_argument("--draw", type=Path)
    options = parser.parse_args()
    found = outcomes(generated(options.patients, "made"))
    if options.draw:
        drawn(found, options.draw)
        return
    print("| type | rate | intervals that hold it |\n|---|---|---|")
    for kind, share in coverage(found, options.studies).items():
        print(f"| {kind} | {RATES[kind]:.0%} | {share:.1%} |")


if __name__ == "__main__":
    main()
