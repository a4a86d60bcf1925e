"""Trivial predictors know the train examples alone, and predict as a run does."""

import numpy as np
import pyarrow as pa
import pytest
from tiny_datasets import EVERY, LABELS, of_kind, sentences_dataset, table, tagged, text_row

from palimpsest.finetuning.trivial import OF_KIND, PREDICTORS, predict_trivially
from palimpsest.runtime.dataset_tables import PREDICTIONS
from palimpsest.runtime.errors import UserError
from palimpsest.scoring.judged import judge
from palimpsest.scoring.metrics import metrics_of


def value(dataset, predictor, metric, split="test"):
    rows = predict_trivially(predictor, dataset)
    judged, _ = judge(dataset, pa.Table.from_pylist(rows, schema=PREDICTIONS))
    ones = np.ones((1, len(dataset.of_split(split))))
    return metrics_of(dataset)[metric](judged[split], ones)[0]


def spans_of(rows):
    return {(row["example_id"], row["start"], row["end"], row["label"]) for row in rows}


def tagger(*train, text=("Chest", "Pain", "and", "pain")):
    rows = [tagged(list(words), spans, "train", number) for number, (words, spans) in
            enumerate(train)]  # fmt: skip
    rows += [tagged(list(text), [(0, 2, "problem")], split) for split in ("valid", "test")]
    return table(rows, ["problem", "treatment"], "spans")


def test_the_dictionary_finds_the_longest_entity_whatever_its_case():
    dataset = tagger(
        (["chest", "PAIN"], [(0, 2, "problem")]), (["no", "pain"], [(1, 2, "treatment")])
    )
    rows = predict_trivially("dictionary", dataset)
    found = {("test-0", 0, 10, "problem"), ("test-0", 15, 19, "treatment")}
    assert spans_of(row for row in rows if row["split"] == "test") == found
    assert {row["split"] for row in rows} == {"valid", "test"}


def test_of_an_ambiguous_entity_the_dictionary_knows_the_commonest_label():
    pain = ["pain"]
    dataset = tagger(
        (pain, [(0, 1, "treatment")]), (pain, [(0, 1, "problem")]), (pain, [(0, 1, "problem")])
    )
    rows = predict_trivially("dictionary", dataset)
    assert {row["label"] for row in rows} == {"problem"}
    assert {row["score"] for row in rows} == {2 / 3}


def test_the_majority_gives_each_example_the_share_of_each_label():
    rows = predict_trivially("majority", sentences_dataset())
    assert [(row["label"], row["score"]) for row in rows[:3]] == [
        ("memory", 0.5), ("care", 0.5), ("any", 0.75),
    ]  # fmt: skip
    assert LABELS == ["memory", "care"] and len(rows) == 3 * 16


@pytest.mark.parametrize(("kind", "answer"), EVERY)
def test_every_trivial_prediction_can_be_judged(kind, answer):
    dataset = of_kind(kind, answer)
    for predictor in OF_KIND[kind]:
        for metric in metrics_of(dataset):
            found = value(dataset, predictor, metric)
            # What says one number of all correlates with nothing.
            assert np.isnan(found) == (answer == "number" and predictor == "majority")


def test_the_second_text_alone_gives_away_what_it_decides_and_nothing_else():
    given_away = of_kind("pairs", "one_label", times=20)
    assert value(given_away, "second_text", "accuracy") == 1
    random = np.random.default_rng(0)
    rows = [
        text_row(split, number, "A.", ["yes" if random.random() < 0.5 else "no"], "The same.")
        for split in ("train", "valid", "test")
        for number in range(200)
    ]
    fair = table(rows, ["yes", "no"], "pairs")
    assert abs(value(fair, "second_text", "accuracy") - 0.5) < 0.15
    assert value(of_kind("pairs", "number", times=20), "second_text", "pearson") > 0.9


def test_a_predictor_of_another_kind_is_refused():
    assert set(PREDICTORS) == {name for names in OF_KIND.values() for name in names}
    with pytest.raises(UserError, match="'dictionary' does not know pairs"):
        predict_trivially("dictionary", of_kind("pairs", "one_label"))


def test_pairs_that_cannot_be_learnt_from_are_an_error():
    rows = [
        text_row(split, 0, "A.", ["yes"], "!") for split in ("train", "valid", "test")
    ]  # no word, and one label
    with pytest.raises(UserError, match="expected words, and two labels"):
        predict_trivially("second_text", table(rows, ["yes", "no"], "pairs"))
