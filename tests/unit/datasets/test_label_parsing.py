"""Labels: only a well-formed answer gives one, and a bias is taken off."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.datasets.label_parsing import biases, label, log_odds, parse

SCORES = st.floats(-50, 0)
REQUEST = {"sentence_id": "n:0-5", "category": "a", "request_key": "k"}


def free(number, category="a"):
    return {"sentence_id": f"content-free.{number}", "category": category, "request_key": "f"}


@given(SCORES, SCORES)
def test_a_scored_answer_is_the_log_odds_of_yes(no, yes):
    parsed = parse(json.dumps({"No": no, "Yes": yes}))
    assert parsed == {"score": yes - no}


@pytest.mark.parametrize("answer", ["Yes", "No"])
def test_a_written_answer_has_its_rationale(answer):
    parsed = parse(json.dumps({"rationale": "It says so.", "answer": answer}))
    assert parsed == {"answer": answer == "Yes", "rationale": "It says so."}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes",
        "[]",
        '"Yes"',
        "{}",
        '{"No": -1}',
        '{"No": -1, "Yes": "-2"}',
        '{"No": true, "Yes": -2}',
        '{"No": NaN, "Yes": -1}',
        '{"No": -Infinity, "Yes": -Infinity}',
        '{"No": -1, "Yes": ' + "9" * 400 + "}",
        '{"rationale": "It says",',
        '{"rationale": "It", "answer": "maybe"}',
        '{"rationale": "It", "answer": ["Yes"]}',
        '{"rationale": null, "answer": "Yes"}',
        "[" * 100_000,
    ],
)
def test_what_is_no_answer_is_unparseable(text):
    assert parse(text) is None
    assert label(REQUEST, None, parse(text), None, 0.0)["failure"] == "unparseable"


@given(st.text())
def test_no_text_stops_the_parser(text):
    parsed = parse(text)
    assert parsed is None or parsed.keys() <= {"score", "answer", "rationale"}


@given(SCORES, SCORES, st.lists(st.floats(-20, 20), min_size=1, max_size=4), st.floats(-3, 3))
def test_calibration_takes_off_the_mean_about_no_content(no, yes, leaning, threshold):
    pairs = [(free(at), {"score": score}) for at, score in enumerate(leaning)]
    pairs += [(free(9), None), (free(0, "b"), {"score": 1e6}), (REQUEST, {"score": 1e6})]
    found = biases(pairs)
    row = label(REQUEST, None, parse(json.dumps({"No": no, "Yes": yes})), found, threshold)
    expected = yes - no - sum(leaning) / len(leaning)
    assert math.isclose(row["score"], expected, abs_tol=1e-9)
    assert row["answer"] == (row["score"] > threshold)
    assert row["uncalibrated"] == (yes - no > threshold)


def test_an_answer_that_cannot_be_calibrated_decides_nothing():
    assert label(REQUEST, None, {"score": 1.0}, {"b": 0.0}, 0.0)["failure"] == "uncalibrated"
    row = label(REQUEST, None, {"score": 1.0}, None, 0.0)
    assert row["answer"] is True and "uncalibrated" not in row


def test_a_failure_of_the_engine_is_kept():
    row = label(REQUEST, "too_long", None, None, 0.0)
    assert row == REQUEST | {"failure": "too_long"}


def test_a_score_at_the_threshold_is_no():
    assert label(REQUEST, None, {"score": 0.5}, None, 0.5)["answer"] is False
    assert log_odds({"Yes": -1, "No": -1}) == 0
