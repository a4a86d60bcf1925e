"""Corpora take documents in one order, and know how much they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.corpora.mix import add_accounts, describe, take
from palimpsest.runtime.errors import AccountingError, UserError
from palimpsest.runtime.sampling import within_budget

DOCUMENTS = st.lists(
    st.tuples(st.sampled_from(["n1", "n2", "n3", "ñ"]), st.integers(0, 30), st.integers(1, 300)),
    unique_by=lambda row: row[:2],
    min_size=1,
).map(lambda rows: [{"note_id": note, "start": at, "tokens": tokens} for note, at, tokens in rows])


def total(documents):
    return sum(row["tokens"] for row in documents)


@given(DOCUMENTS, st.data())
def test_a_larger_budget_keeps_what_a_smaller_one_took(documents, data):
    large = data.draw(st.integers(1, total(documents)))
    small = data.draw(st.integers(1, large))
    more, less = take(documents, large, 0, "part"), take(documents, small, 0, "part")
    assert more[: len(less)] == less
    assert total(less[:-1]) < small <= total(less)


@given(DOCUMENTS, st.randoms(), st.data())
def test_the_order_of_the_tables_does_not_matter(documents, random, data):
    budget = data.draw(st.integers(1, total(documents)))
    before = take(documents, budget, 0, "part")
    random.shuffle(documents)
    assert take(documents, budget, 0, "part") == before


@given(DOCUMENTS, st.data())
def test_notes_are_taken_in_the_order_in_which_they_are_asked_about(documents, data):
    budget = data.draw(st.integers(1, total(documents)))
    assert take(documents, budget, 3, "part") == list(within_budget(documents, budget, 3))


@given(DOCUMENTS, DOCUMENTS, st.data())
def test_a_further_round_changes_nothing_of_a_budget_that_was_reached(first, second, data):
    budget = data.draw(st.integers(1, total(first)))
    again = [{**row, "round": 1} for row in second]
    before = take(first, budget, 0, "part")
    assert take(again + [{**row, "round": 0} for row in first], budget, 0, "part") == [
        {**row, "round": 0} for row in before
    ]


@given(DOCUMENTS, DOCUMENTS)
def test_budgets_count_over_rounds_the_first_round_first(first, second):
    rows = [{**row, "round": 1} for row in second] + [{**row, "round": 0} for row in first]
    taken = take(rows, total(rows), 0, "part")
    assert [row["round"] for row in taken] == [0] * len(first) + [1] * len(second)


@given(DOCUMENTS, st.integers(1, 100))
def test_a_shortfall_is_an_error_that_names_the_part(documents, lacking):
    budget = total(documents) + lacking
    with pytest.raises(
        UserError, match=f"corpus 'plain', part 0: {total(documents):,} tokens"
    ) as raised:
        take(documents, budget, 0, "corpus 'plain', part 0")
    assert f"the budget is {budget:,}" in str(raised.value)


def test_no_document_is_a_shortfall():
    with pytest.raises(UserError, match="0 tokens are there, the budget is 1"):
        take([], 1, 0, "part")


def document(text, note="n1", tokens=3):
    return {"note_id": note, "start": 0, "text": text, "tokens": tokens}


def test_a_corpus_is_described_by_its_size_and_diversity():
    documents = [
        document("Pain pain é pain."),
        document("No pain.", "n2", 4),
        document("", "n2", 0),
    ]
    assert describe(documents) == {
        "notes": 2,
        "documents": 3,
        "tokens": 7,
        "bytes": len("Pain pain é pain.No pain.".encode()),
        "distinct_1": 0.5,  # pain, é, no of six
        "distinct_2": 1.0,  # pain pain, pain é, é pain, no pain
        "distinct_3": 1.0,
    }


def test_a_corpus_of_nothing_is_described_too():
    assert describe([]) == {
        "notes": 0, "documents": 0, "tokens": 0, "bytes": 0,
        "distinct_1": 0.0, "distinct_2": 0.0, "distinct_3": 0.0,
    }  # fmt: skip


def account(entered, kept, rejected=None, failed=None):
    return {"in": entered, "kept": kept, "rejected": rejected or {}, "failed": failed or {}}


def test_accounts_are_added_by_reason():
    shards = [account(5, 3, {"copy": 1, "refusal": 1}), account(4, 1, {"copy": 2}, {"too_long": 1})]
    assert add_accounts(shards, "part") == account(9, 4, {"copy": 3, "refusal": 1}, {"too_long": 1})
    assert add_accounts([], "part") == account(0, 0)


def test_what_was_asked_again_is_counted_by_how_it_ended():
    first = account(10, 6, {"copy": 2, "refusal": 1}, {"too_long": 1})
    second = account(5, 3, {"copy": 1, "thinking": 1})  # two again, and three pieces of one
    again = {"rejected": {"copy": 2}, "failed": {"too_long": 1}}
    assert add_accounts([first, second], "part", [again]) == account(
        12, 9, {"copy": 1, "refusal": 1, "thinking": 1}
    )


def test_more_asked_again_than_rejected_is_an_error():
    again = {"rejected": {"copy": 2}, "failed": {}}
    with pytest.raises(AccountingError, match="1 more requests were asked again than rejected as"):
        add_accounts([account(3, 2, {"copy": 1}), account(2, 2)], "part", [again])


def test_an_account_that_does_not_balance_is_an_error_that_names_the_part():
    with pytest.raises(AccountingError, match="corpus 'plain': 6 records went in, but 4 kept"):
        add_accounts([account(1, 1), account(5, 3, {"copy": 1})], "corpus 'plain'")
