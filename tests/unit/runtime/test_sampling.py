"""Sampling orders: more is the same and then more; splits and shards never move."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import SPLITS
from palimpsest.runtime.sampling import (
    Lowest,
    draw_examples,
    in_turn,
    passage_key,
    passage_keys,
    sampling_key,
    split_of,
    within_budget,
    within_size,
)
from palimpsest.runtime.schema import ExampleBudget, Splits
from palimpsest.runtime.shards import shard_of

PASSAGES = st.lists(
    st.tuples(st.sampled_from(["n1", "n2", "n3", "ñ"]), st.integers(0, 30), st.integers(1, 300)),
    unique_by=lambda row: row[:2],
).map(lambda rows: [{"note_id": note, "start": at, "tokens": tokens} for note, at, tokens in rows])
BUDGETS = st.integers(1, 3000)
IDS = st.lists(st.integers(0, 500), min_size=20, max_size=80, unique=True)


def test_keys_are_what_they_were():
    # Every split, order and answer of an earlier results folder hangs on these.
    assert sampling_key("gold", 2411, "n1:0-5") == 9255993645794684697
    assert passage_key(2411, "n1", 30) == sampling_key("passages", 2411, "n1", "30")


@given(PASSAGES, BUDGETS, BUDGETS)
def test_a_larger_budget_takes_the_same_passages_first(passages, one, other):
    small, large = (list(within_budget(passages, n, 0)) for n in sorted((one, other)))
    assert large[: len(small)] == small


@given(PASSAGES, BUDGETS)
def test_a_budget_is_reached_and_not_overrun_by_more_than_one_passage(passages, budget):
    tokens = [row["tokens"] for row in within_budget(passages, budget, 0)]
    assert sum(tokens[:-1]) < budget
    assert sum(tokens) >= min(budget, sum(row["tokens"] for row in passages))


def chosen(passages, tokens, seed=0):
    return list(within_budget(passages, tokens, seed))


@given(PASSAGES, BUDGETS, st.randoms())
def test_the_order_of_the_table_does_not_matter(passages, budget, random):
    before = chosen(passages, budget)
    random.shuffle(passages)
    assert chosen(passages, budget) == before


@given(PASSAGES, st.integers(1, 300), BUDGETS)
def test_a_new_note_changes_no_other_passages_place(passages, tokens, budget):
    new = {"note_id": "new", "start": 0, "tokens": tokens}
    before, after = chosen(passages, budget), chosen([*passages, new], budget)
    others = [row for row in after if row is not new]
    assert before[: len(others)] == others
    assert others == before or new in after


def test_another_seed_gives_another_order():
    passages = [{"note_id": f"n{at}", "start": 0, "tokens": 1} for at in range(50)]
    assert chosen(passages, 10, seed=1) != chosen(passages, 10, seed=2)


def test_a_further_round_comes_after_the_first():
    rows = [{"note_id": f"n{n}", "start": 0, "tokens": 1, "round": n % 2} for n in range(20)]
    assert [row["round"] for row in within_budget(rows, 20, 0)] == [0] * 10 + [1] * 10


def rows_of(numbers):
    return [{"example_id": f"s{number}", "split": SPLITS[number % 3]} for number in numbers]


def budget(size):
    return ExampleBudget(**dict.fromkeys(SPLITS, size))


@given(IDS, st.integers(1, 30), st.integers(1, 30), st.randoms())
def test_a_larger_budget_keeps_the_same_examples_first(numbers, one, other, random):
    rows = rows_of([*range(600, 603), *numbers])
    small, found = draw_examples(rows, budget(min(one, other)), 3, "gold")
    random.shuffle(rows)
    large, again = draw_examples(rows, budget(max(one, other)), 3, "gold")
    assert (
        found == again == {split: Counter(row["split"] for row in rows)[split] for split in SPLITS}
    )
    for split in SPLITS:
        first = [row["example_id"] for row in small if row["split"] == split]
        more = [row["example_id"] for row in large if row["split"] == split]
        assert more[: len(first)] == first
        assert len(first) == min(min(one, other), found[split])


def test_a_split_without_examples_is_an_error():
    with pytest.raises(UserError, match=r"gold\.csv.*'valid'"):
        draw_examples(rows_of([0, 2]), budget(5), 1, "gold.csv")


def test_names_take_turns_and_no_item_is_given_twice():
    ranked = {"one": ["a", "b", "c"], "two": ["a", "c"]}
    assert list(in_turn(ranked, 9)) == [("a", "one"), ("c", "two"), ("b", "one")]
    assert list(in_turn(ranked, 2)) == [("a", "one"), ("c", "two")]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9))), st.integers(0, 20))
def test_the_lowest_keys_are_held_and_counted(offers, size):
    sample, dropped = Lowest(size), []
    for key, item in offers:
        dropped.append(sample.offer(key, item))
    keys = sorted({key for key, _ in offers})[:size]
    assert sample.drawn() == [(key, min(i for k, i in offers if k == key)) for key in keys]
    assert sample.times == {key: sum(k == key for k, _ in offers) for key in keys}
    held = Counter(item for _, item in sample.drawn())
    gone = Counter(item for item in dropped if item is not None)
    assert held + gone == Counter(item for _, item in offers)


IDS_OF = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
SHARES = Splits(train=0.7, valid=0.1, test=0.2)


@given(IDS_OF, st.integers())
def test_a_patient_has_one_split(patient, seed):
    assert split_of(patient, SHARES, seed) == split_of(patient, SHARES, seed)
    for split in SPLITS:
        only = Splits(**{**dict.fromkeys(SPLITS, 0.0), split: 1.0})
        assert split_of(patient, only, seed) == split


def test_splits_have_their_shares_and_another_seed_deals_anew():
    first, second = ([split_of(str(n), SHARES, seed) for n in range(5000)] for seed in (1, 2))
    for split, share in SHARES:
        assert abs(first.count(split) / 5000 - share) < 0.02
    assert first != second


@given(IDS_OF, st.integers(1, 64))
def test_a_note_has_one_shard(note, shards):
    assert 0 <= shard_of(note, shards) < shards
    assert shard_of(note, shards) == shard_of(note, shards)


def test_shards_are_even():
    found = [shard_of(str(n), 8) for n in range(4000)]
    assert all(400 < found.count(shard) < 600 for shard in range(8))


def of_split(split, count):
    return [{"example_id": f"{split}-{number}"} for number in range(count)]


@given(st.integers(1, 60), st.integers(1, 30), st.integers(0, 9), st.data())
def test_a_size_draws_train_and_valid_in_proportion_and_nested(train, valid, seed, data):
    rows = of_split("train", train), of_split("valid", valid)
    small = data.draw(st.integers(1, train))
    large = data.draw(st.integers(small, train))
    drawn = {size: within_size(*rows, str(size), seed) for size in (small, large)}
    for size, (trained, choosing) in drawn.items():
        assert len(trained) == size
        assert len(choosing) == min(valid, max(1, round(size * valid / train)))
    for smaller, larger in zip(drawn[small], drawn[large], strict=True):
        assert larger[: len(smaller)] == smaller
    assert within_size(*rows, "all", seed) == rows


def test_each_seed_draws_its_own_examples():
    rows = of_split("train", 50), of_split("valid", 20)
    drawn = [within_size(*rows, "10", seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] and drawn[0] != drawn[2]
    with pytest.raises(UserError, match="51 train examples are asked for, and there are 50"):
        within_size(*rows, "51", 1)


@given(st.lists(st.tuples(IDS_OF, st.integers(0, 2**40))), st.integers(0, 9))
def test_keys_of_many_passages_are_those_of_each(places, seed):
    notes, starts = [note for note, _ in places], [start for _, start in places]
    assert passage_keys(seed, notes, starts).tolist() == [
        passage_key(seed, note, start) for note, start in places
    ]
