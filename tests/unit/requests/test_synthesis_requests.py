"""Requests for notes after case reports: each is about a whole report."""

from hypothesis import given
from hypothesis import strategies as st

from palimpsest.requests.config import Prompt, SynthesisSpec
from palimpsest.requests.synthesize import synthesis_requests
from palimpsest.runtime.accounting import Account

PROMPT = Prompt(user="Write the discharge summary.\n\n{passage}")


def report(number, tokens):
    return {"note_id": f"r{number}", "text": f"Report {number}.", "tokens": tokens}


def ask(reports, tokens=50, seed=1):
    account = Account()
    spec = SynthesisSpec(prompt=PROMPT, tokens=tokens, seed=seed, max_tokens=20)
    requests = synthesis_requests(reports, spec, account)
    account.close(len(reports), "reports")  # raises where one is lost
    return requests, account


@given(st.lists(st.integers(1, 40), max_size=20))
def test_a_report_is_asked_about_whole_or_is_rejected(sizes):
    reports = [report(number, tokens) for number, tokens in enumerate(sizes)]
    requests, account = ask(reports)
    whole = {entry["note_id"]: entry for entry in reports}
    for request in requests:
        text = whole[request["note_id"]]["text"]
        assert (request["start"], request["end"], request["passage"]) == (0, len(text), text)
        assert text in request["user"] and request["passage_tokens"] <= 20
    assert account.rejected["too_long"] == sum(tokens > 20 for tokens in sizes)


@given(st.integers(1, 100), st.integers(1, 100))
def test_a_larger_budget_asks_about_the_same_reports_first(budget, more):
    reports = [report(number, 7) for number in range(20)]
    few, many = (ask(reports, tokens)[0] for tokens in (budget, budget + more))
    assert [row["request_key"] for row in many[: len(few)]] == [row["request_key"] for row in few]


def test_the_order_of_the_reports_changes_no_request():
    reports = [report(number, 7) for number in range(20)]
    assert ask(reports)[0] == ask(reports[::-1])[0]
