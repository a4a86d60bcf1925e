"""With an LLM that makes errors at known rates, the intervals of the table hold these rates."""

from fidelity import generated
from fidelity_simulation import RATES, coverage, outcomes


def test_intervals_hold_the_rates_of_a_scripted_llm():
    found = outcomes(generated(12, "made"))
    assert {"", *RATES} <= set(found)
    held = coverage(found, studies=200)
    # 95% of 200 studies, less three standard errors.
    assert {kind: share for kind, share in held.items() if share < 0.90} == {}
