"""What was asked for a part adds up over shards and rounds."""

import pytest

from palimpsest.corpora.mix import add_accounts
from palimpsest.runtime.errors import AccountingError


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
