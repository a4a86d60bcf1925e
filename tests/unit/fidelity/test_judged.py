"""What a judge answers is read with offsets; its rates are corrected for what is known of it."""

import json
import math

import numpy as np
import pytest

from palimpsest.fidelity.judged import CLAIMS, JudgedRates, claims_of, judgement

TEXTS = {"passage": "He has no fever.", "rephrase": "He has a fever."}
NAMES = {
    "note_id": "n",
    "start": 0,
    "end": 9,
    "of_llm": "a",
    "of_prompt": "p",
    "of_context": "none",
}


def answer(unsupported=(), missing=()) -> str:
    listed = {"unsupported": unsupported, "missing": missing}
    return json.dumps(
        {side: [{"type": k, "quote": q} for k, q in told] for side, told in listed.items()}
    )


def test_quotes_are_looked_for_where_they_must_stand():
    said = answer([("negation", "a fever"), ("other", "not there")], [("negation", "no fever")])
    assert claims_of(said, TEXTS) == [
        {"side": "unsupported", "type": "negation", "start": 7, "end": 14},
        {"side": "unsupported", "type": "other", "start": None, "end": None},
        {"side": "missing", "type": "negation", "start": 7, "end": 15},
    ]


@pytest.mark.parametrize(
    "text",
    ["", "no errors", "[]", '{"unsupported": []}', '{"unsupported": 1, "missing": []}']
    + ['{"unsupported": ["fever"], "missing": []}', answer([("fever", "a")]), "[" * 100_000]
    + [json.dumps({"unsupported": [{"type": "dose", "quote": 1}], "missing": []})]
    + [json.dumps({"unsupported": [{"type": ["dose"], "quote": "a"}], "missing": []})],
)
def test_what_is_no_such_answer_has_failed(text):
    request = {**NAMES, **TEXTS, "request_key": "k", "patient_id": "p", "origin": "rephrased"}
    request |= {"planted": None, "rules": []}
    row = judgement(request, {"text": text, "failure": None})
    assert row["failure"] == "unparseable" and row["claims"] is None
    failed = judgement(request, {"text": None, "failure": "too_long"})
    assert failed["failure"] == "too_long"
    rates = JudgedRates()
    rates.add(row)
    assert rates.rows("s") == []


def row(origin, claims, patient="p", planted=None, rules=()):
    said = [{"side": side, "type": kind} for side, kind in claims]
    known = {"origin": origin, "planted": planted, "rules": list(rules), "patient_id": patient}
    return {**NAMES, **known, "claims": said, "failure": None}


def test_recall_and_false_alarms_stand_beside_every_rate():
    rates = JudgedRates()
    for claims in ([("unsupported", "dose")], [("unsupported", "unit")], []):
        rates.add(row("planted", claims, planted="dose"))
    rates.add(row("planted", [("missing", "problem")], planted="omission"))
    for claims in ([("missing", "other")], [], [], []):
        rates.add(row("faithful", claims))
    for patient in "abcd":
        rates.add(row("rephrased", [("unsupported", "dose")] * (patient == "a"), patient))
    rows = {one["claim"]: one for one in rates.rows("ward")}
    assert list(rows) == list(CLAIMS)
    dose = rows["dose"]
    assert (dose["planted"], dose["found"], dose["recall"]) == (3, 1, pytest.approx(1 / 3))
    assert dose["noticed"] == pytest.approx(2 / 3)  # by a claim of any type
    assert (dose["faithful"], dose["alarms"]) == (4, 0)
    assert (dose["judged"], dose["rate"], dose["corrected"]) == (1, 0.25, pytest.approx(0.75))
    assert (rows["missing"]["planted"], rows["missing"]["found"]) == (1, 1)
    assert (rows["any"]["planted"], rows["any"]["found"], rows["any"]["alarms"]) == (4, 3, 1)
    assert math.isnan(rows["date"]["recall"]) and math.isnan(rows["date"]["corrected"])
    assert rows["missing"]["rules"] is None and rows["dose"]["rules"] == 0


def test_agreement_with_the_rules_is_measured():
    rates = JudgedRates()
    for at in range(20):
        claims = [("unsupported", "dose")] * (at % 2)
        rates.add(row("rephrased", claims, f"p{at}", rules=["dose"] * (at % 2)))
    rows = {one["claim"]: one for one in rates.rows("ward")}
    assert rows["dose"]["rules"] == 10 and rows["dose"]["kappa"] == 1
    assert 0 < rows["dose"]["kappa_low"] < 1
    assert rows["any"]["kappa"] == 1


def simulated(rng, rate, recall, alarms, patients=60, each=3):
    """A study with a judge of known errors: of dose errors at a rate that differs by patient."""
    rates = JudgedRates()

    def claims(is_wrong):
        return [("unsupported", "dose")] * (rng.random() < (recall if is_wrong else alarms))

    for _ in range(100):
        rates.add(row("planted", claims(True), planted="dose"))
        rates.add(row("faithful", claims(False)))
    for patient in range(patients):
        own = rng.beta(rate * 8, (1 - rate) * 8)
        for _ in range(each):
            rates.add(row("rephrased", claims(rng.random() < own), f"p{patient}"))
    (judged,) = rates.series.values()
    return rates._row("dose", judged)  # one claim's alone: 120 studies are to be cheap


def test_with_a_judge_of_known_errors_the_corrected_rate_is_unbiased_within_its_interval():
    rng, studies, rate = np.random.default_rng(1), 120, 0.15
    rows = [simulated(rng, rate, recall=0.8, alarms=0.1) for _ in range(studies)]
    values = np.array([one["corrected"] for one in rows])
    error = values.std() / math.sqrt(studies)
    assert abs(values.mean() - rate) < 3 * error
    raw = np.array([one["rate"] for one in rows])
    assert abs(raw.mean() - rate) > 10 * error  # what it corrects
    held = np.mean([one["corrected_low"] <= rate <= one["corrected_high"] for one in rows])
    assert held >= 0.89  # 95% less three standard errors
