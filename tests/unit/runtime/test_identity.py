"""Identities: the same for what is the same, and for nothing else."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.runtime.identity import canonical_json, digest, keyed_hash, keyed_share

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS.filter(lambda value: not (isinstance(value, float) and math.isinf(value))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def reversed_keys(value):
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(entry) for entry in value] if isinstance(value, list) else value


@given(VALUES)
def test_the_order_of_keys_does_not_matter(value):
    assert canonical_json(value) == canonical_json(reversed_keys(value))


@given(st.lists(st.integers(), min_size=2, unique=True))
def test_the_order_of_a_list_matters(value):
    assert digest(value) != digest(value[::-1])


def test_canonical_json_is_one_line_without_blanks_and_keeps_letters():
    assert canonical_json({"b": [1, 2], "a": "é\n"}) == '{"a":"é\\n","b":[1,2]}'


@pytest.mark.parametrize("value", [math.nan, math.inf, [-math.inf]])
def test_numbers_that_json_cannot_hold_are_refused(value):
    with pytest.raises(ValueError):
        canonical_json(value)


def test_a_digest_stays_what_it_was():
    # Ledgers and stores of earlier versions are found by these.
    assert digest({"a": [1, "é", None]}) == (
        "e31712bc2533e049331631231b09c7aff1bb1dcde09d73e2e94096816f4844c6"
    )
    assert keyed_hash("shard", "n1") == 11825822352583917392


@given(st.lists(TEXT, min_size=1), st.lists(TEXT, min_size=1))
def test_a_keyed_hash_separates_its_parts(first, second):
    same = keyed_hash("key", *first) == keyed_hash("key", *second)
    assert same == (first == second)


@given(TEXT, TEXT, TEXT)
def test_a_keyed_hash_depends_on_its_key(one, other, part):
    assert (keyed_hash(one, part) == keyed_hash(other, part)) == (one == other)


@given(TEXT, TEXT)
def test_a_share_is_in_zero_to_one(key, part):
    assert 0 <= keyed_share(key, part) < 1


def test_the_largest_share_is_below_one(monkeypatch):
    monkeypatch.setattr("palimpsest.runtime.identity.keyed_hash", lambda *parts: 2**64 - 1)
    assert keyed_share("key", "part") < 1


def test_shares_spread_evenly():
    shares = [keyed_share("key", str(number)) for number in range(10_000)]
    tenths = [sum(at <= share * 10 < at + 1 for share in shares) for at in range(10)]
    assert sum(tenths) == 10_000
    assert all(850 < count < 1150 for count in tenths)  # 5 standard deviations
