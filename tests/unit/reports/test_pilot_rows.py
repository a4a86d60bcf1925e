"""What a pilot's sample says of a study: its yield, its cost, and what is wrong in it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.completions.config import DECLARED, Pilot, Sampling
from palimpsest.reports.figures.pilot import draw_pilot
from palimpsest.reports.pilot import Sample, Shares, pilot_row, wrong_shares

ACCOUNT = {"in": 10, "kept": 6, "rejected": {"copy": 3}, "failed": {"too_long": 1}}


def sample(**changes):
    usual = {"account": ACCOUNT, "tokens": 300, "tokens_in": 2000, "tokens_out": 900}
    usual |= {"passage_tokens": 500, "study_requests": 1000, "study_passage_tokens": 50_000}
    return Sample(**usual | {"rate": None} | changes)


def shares(*outcomes):
    made = Shares()
    for patient, hit in outcomes:
        made.add(patient, hit)
    return made


KEPT = shares(*((f"p{number}", number < 6) for number in range(10)))


def test_the_study_costs_what_the_sample_costs_for_each_token_of_passages():
    row = pilot_row(sample(), KEPT)
    assert (row["requests"], row["kept"], row["rejected"], row["failed"]) == (10, 6, 3, 1)
    assert row["yield"] == 0.6 and row["yield_low"] < 0.6 < row["yield_high"]
    assert row["tokens_out_per_kept"] == 3 and row["tokens_in_per_kept"] == pytest.approx(20 / 3)
    assert row["study_requests"] == 1000 and row["study_tokens_out"] == 90_000
    assert row["study_tokens_in"] == 200_000 and row["study_kept_tokens"] == 30_000
    assert math.isnan(row["study_hours"])
    assert pilot_row(sample(rate=25.0), KEPT)["study_hours"] == pytest.approx(1)


def test_without_passages_requests_count():
    row = pilot_row(sample(passage_tokens=0, study_passage_tokens=0), KEPT)
    assert row["study_tokens_out"] == 90_000


def test_a_sample_without_a_kept_token_has_no_cost_of_one():
    row = pilot_row(sample(tokens=0, account=ACCOUNT | {"kept": 0}), shares(("p1", False)))
    assert row["yield"] == 0 and math.isnan(row["tokens_out_per_kept"])
    assert math.isnan(row["yield_low"])  # one patient tells nothing of others


def test_an_empty_sample_is_no_zero():
    account = {"in": 0, "kept": 0, "rejected": {}, "failed": {}}
    row = pilot_row(sample(account=account, passage_tokens=0), Shares())
    assert math.isnan(row["yield"]) and math.isnan(row["study_tokens_out"])


def finding(kind, status="changed"):
    return {"type": kind, "status": status}


def test_findings_are_shares_of_rephrases_by_type():
    rows = [
        {
            "patient_id": "p1",
            "findings": [finding("dose"), finding("dose"), finding("date", "kept")],
        },
        {"patient_id": "p2", "findings": [finding("date", "kept")]},
        {"patient_id": "p3", "findings": [finding("date", "added"), finding("dose", "omitted")]},
        {"patient_id": "p3", "findings": []},
    ]
    told = wrong_shares(rows)
    assert told["wrong"] == 0.5 and told["wrong_dose"] == 0.5 and told["wrong_date"] == 0.25
    assert told["wrong_low"] < 0.5 < told["wrong_high"]
    assert math.isnan(wrong_shares([])["wrong"])


FIELDS = {
    "temperature": st.floats(0, 2),
    "top_p": st.floats(0.1, 1),
    "min_p": st.floats(0, 1),
    "top_k": st.integers(0, 50),
}
SAID = st.fixed_dictionaries({}, optional=FIELDS)


@given(SAID, st.lists(SAID, max_size=4))
def test_samplings_are_the_own_one_and_what_differs_from_it(own, said):
    sampling = Sampling(**own)
    named = [{"name": f"v{number}", **one} for number, one in enumerate(said)]
    found = Pilot(samplings=named).variants(sampling)
    assert next(iter(found.items())) == (DECLARED, sampling)
    identities = [repr(sorted(one.identity().items())) for one in found.values()]
    assert len(set(identities)) == len(identities)
    for number, one in enumerate(said):
        expected = Sampling(**{**own, **one})
        assert expected in found.values()
        if f"v{number}" in found:
            assert found[f"v{number}"] == expected


def test_names_of_samplings_are_free_and_stand_once():
    with pytest.raises(ValueError, match="declared"):
        Pilot(samplings=[{"name": "declared"}])
    with pytest.raises(ValueError, match="each name once"):
        Pilot(samplings=[{"name": "a"}, {"name": "a", "top_p": 0.5}])


def test_the_figure_has_a_panel_for_each_measure_that_there_is(tmp_path):
    named = {"source": "ward", "prompt": "plain", "llm": "alpha", "sampling": "declared"}
    rows = [
        {**named, "context": context, **pilot_row(sample(), KEPT)} for context in ("none", "stay")
    ]
    draw_pilot(rows, tmp_path / "pilot.svg")
    text = (tmp_path / "pilot.svg").read_text()
    assert "share kept" in text and "stay" in text and "finding" not in text
    wrong = {"wrong": 0.2, "wrong_low": 0.1, "wrong_high": 0.4}
    draw_pilot([row | wrong for row in rows], tmp_path / "two.svg")
    assert "finding" in (tmp_path / "two.svg").read_text() and (tmp_path / "two.png").exists()
    draw_pilot(rows, tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text() == text
