"""What a run is trained on: parts of datasets with weights, in nested sizes."""

import pytest
from tiny_datasets import sentence, table

from palimpsest.finetuning.config import DatasetPart
from palimpsest.finetuning.data import training_phases
from palimpsest.runtime.errors import UserError


def rows_of(split, count):
    return [sentence(number, split) for number in range(count)]


def dataset(name, rows, labels=("memory", "care"), kind="sentences"):
    return table(rows, list(labels), kind, name)


DATASETS = {
    "gold": dataset("gold", rows_of("train", 9) + rows_of("valid", 3) + rows_of("test", 4)),
    "silver": dataset("silver", rows_of("train", 5)),
    "bronze": dataset("bronze", rows_of("train", 2)),
}


def part(name, weight=1.0):
    return DatasetPart(dataset=name, weight=weight)


def ids(rows):
    return [row["example_id"] for row in rows]


def test_a_smaller_size_is_a_part_of_a_larger_one():
    phases = [[part("gold")]]
    taken = {
        size: [row for row, _ in training_phases(DATASETS, "gold", phases, size, 1).phases[0]]
        for size in ("2", "5", "9", "all")
    }
    assert [len(rows) for rows in taken.values()] == [2, 5, 9, 9]
    assert taken["2"] == taken["5"][:2] and taken["5"] == taken["9"][:5]
    assert ids(taken["all"]) == ids(DATASETS["gold"].of_split("train"))
    assert all(row["split"] == "train" for row in taken["all"])


def test_phases_hold_their_parts_with_their_weights_and_only_one_dataset_is_cut():
    phases = [[part("silver", 0.5), part("bronze")], [part("gold")]]
    taken = training_phases(DATASETS, "gold", phases, "3", 1)
    first, second = taken.phases
    assert [weight for _, weight in first] == [0.5] * 5 + [1.0] * 2
    assert ids(row for row, _ in first) == ids(DATASETS["silver"].rows + DATASETS["bronze"].rows)
    assert len(second) == 3 and taken.trained_on == {"bronze": 2, "gold": 3, "silver": 5}


def test_a_dataset_in_two_phases_is_counted_once():
    taken = training_phases(DATASETS, "gold", [[part("gold")], [part("gold")]], "all", 1)
    assert [len(phase) for phase in taken.phases] == [9, 9] and taken.trained_on == {"gold": 9}


def test_the_valid_examples_that_choose_cost_labels_too_and_are_drawn_per_seed():
    def choosing(size, seed=1):
        return ids(training_phases(DATASETS, "gold", [[part("gold")]], size, seed).choosing)

    assert [len(choosing(size)) for size in ("1", "3", "6", "9", "all")] == [1, 1, 2, 3, 3]
    assert choosing("6")[:1] == choosing("3")
    assert len({tuple(choosing("6", seed)) for seed in range(9)}) > 1


def test_a_larger_size_than_there_is_is_an_error_that_says_how_much_there_is():
    with pytest.raises(UserError, match="'gold': 10 train examples are .* there are 9"):
        training_phases(DATASETS, "gold", [[part("gold")]], "10", 1)


def test_a_size_without_the_dataset_is_an_error():
    with pytest.raises(UserError, match="2 examples of 'gold' .* no phase trains on it"):
        training_phases(DATASETS, "gold", [[part("silver")]], "2", 1)


def test_a_dataset_without_examples_is_named():
    empty = DATASETS | {"bronze": dataset("bronze", [])}
    with pytest.raises(UserError, match="'bronze' has no train examples"):
        training_phases(empty, "gold", [[part("gold"), part("bronze")]], "all", 1)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (dataset("silver", rows_of("train", 2), labels=["gait"]), r"'silver' has the labels \['ga"),
        (dataset("silver", rows_of("train", 2), kind="spans"), "'silver' has the kind spans"),
    ],
)
def test_a_dataset_of_another_kind_or_labels_is_an_error(other, message):
    with pytest.raises(UserError, match=message):
        training_phases(DATASETS | {"silver": other}, "gold", [[part("silver")]], "all", 1)
