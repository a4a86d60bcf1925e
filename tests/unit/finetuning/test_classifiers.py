"""Classifiers learn from labelled sets, repeat themselves, and are scored as scikit-learn does."""

from functools import partial

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import average_precision_score, f1_score

from palimpsest.finetuning.classifier import (
    SentenceClassifier,
    centre,
    collate,
    examples,
    finetune,
    prior,
    probabilities,
)
from palimpsest.finetuning.data import of_split, read_set, training_phases
from palimpsest.finetuning.training import logits_of
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table
from palimpsest.runtime.labels import LABELLED
from palimpsest.scoring.sentences import scored_sentences
from palimpsest.stats.f1 import (
    average_precision,
    choose_thresholds,
    label_columns,
    scores_of,
    valid_micro_f1,
)
from palimpsest.text.tokenizers import load_tokenizer

LABELS = ["memory", "care"]
RECIPE = {
    "epochs": 6,
    "batch_size": 4,
    "learning_rate": 0.005,
    "max_tokens": 16,
    "precision": "float32",
}


def row(number, split="train", categories=(), text="Creatinine was 1.2.", origin="gold"):
    named = {"sentence_id": f"{origin}-{split}-{number}", "group": f"p{number}", "text": text}
    return named | {"split": split, "categories": list(categories), "origin": origin}


def rows_of(split, count, **changes):
    return [row(number, split, **changes) for number in range(count)]


GOLD = rows_of("train", 9) + rows_of("valid", 3) + rows_of("test", 4)
SETS = {
    "gold": GOLD,
    "silver": rows_of("train", 5, origin="silver"),
    "bronze": rows_of("train", 2, origin="bronze"),
}


def part(name, weight=1.0):
    return {"set": name, "weight": weight}


def ids(rows):
    return [one["sentence_id"] for one in rows]


def test_a_smaller_number_of_gold_sentences_is_a_part_of_a_larger_one():
    taken = {
        size: [one for one, _ in training_phases(SETS, "gold", [[part("gold")]], size)[0][0]]
        for size in ("2", "5", "9", "all")
    }
    assert [len(rows) for rows in taken.values()] == [2, 5, 9, 9]
    assert taken["2"] == taken["5"][:2] and taken["5"] == taken["all"][:5]
    assert all(one["split"] == "train" for one in taken["all"])


def test_phases_hold_their_parts_with_their_weights_and_only_gold_is_cut():
    phases = [[part("silver", 0.5), part("bronze")], [part("gold")]]
    (first, second), used = training_phases(SETS, "gold", phases, "3")
    assert [weight for _, weight in first] == [0.5] * 5 + [1.0] * 2
    assert ids(one for one, _ in first) == ids(SETS["silver"] + SETS["bronze"])
    assert len(second) == 3 and used == {"bronze": 2, "gold": 3, "silver": 5}


def test_a_set_in_two_phases_is_counted_once():
    phases, used = training_phases(SETS, "gold", [[part("gold")], [part("gold")]], "all")
    assert [len(phase) for phase in phases] == [9, 9] and used == {"gold": 9}


def test_more_gold_than_there_is_is_an_error_that_says_how_much_there_is():
    with pytest.raises(UserError, match=r"10 train sentences of 'gold' are .* it has 9"):
        training_phases(SETS, "gold", [[part("gold")]], "10")


def test_a_number_of_gold_sentences_without_gold_is_an_error():
    with pytest.raises(UserError, match="2 sentences of 'gold' .* no phase trains on it"):
        training_phases(SETS, "gold", [[part("silver")]], "2")


def test_a_set_without_sentences_is_named():
    with pytest.raises(UserError, match="'bronze' has no train sentences"):
        training_phases(SETS | {"bronze": []}, "gold", [[part("gold"), part("bronze")]], "all")
    with pytest.raises(UserError, match="'gold' has no test sentences"):
        of_split("gold", rows_of("train", 2), "test")


def test_a_category_that_is_no_label_is_an_error_without_the_text(tmp_path):
    path = tmp_path / "gold.parquet"
    rows = [row(0, categories=["memory"]), row(1, categories=["gait", "care"])]
    write_table(path, pa.Table.from_pylist(rows, schema=LABELLED))
    with pytest.raises(UserError, match=r"gold\.parquet: sentence 'gold-train-1' .*gait") as raised:
        read_set(path, LABELS)
    assert "Creatinine" not in str(raised.value)
    assert ids(read_set(path, [*LABELS, "gait"])) == ids(rows)


def test_columns_of_labels_end_with_any():
    found = label_columns([["care"], [], ["memory", "care"]], LABELS)
    assert found.tolist() == [[False, True, True], [False] * 3, [True] * 3]
    assert label_columns([], LABELS).shape == (0, 3)


SHARES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])  # few values: many ties
SCORED = st.integers(1, 12).flatmap(
    lambda count: st.tuples(
        arrays.arrays(bool, (count, 3)), arrays.arrays(np.float32, (count, 3), elements=SHARES)
    )
)
WEIGHTED = SCORED.flatmap(
    lambda pair: st.tuples(
        st.just(pair), arrays.arrays(int, len(pair[0]), elements=st.integers(0, 3))
    )
)


@given(WEIGHTED)
def test_scores_with_counts_are_those_of_scikit_learn_on_repeated_sentences(drawn):
    (gold, scores), counts = drawn
    predicted = scores >= 0.5
    found = scores_of(counts[None].astype(float), gold, predicted, scores)
    again = np.repeat(np.arange(len(gold)), counts)
    gold, predicted, scores = gold[again], predicted[again], scores[again]
    held = [at for at in range(2) if gold[:, at].any()]
    zero = {"zero_division": 0}
    wanted = {"micro_f1": 0.0, "macro_f1": 0.0, "binary_f1": 0.0, "auprc": 0.0}
    if len(again):
        wanted["micro_f1"] = f1_score(gold[:, :2].ravel(), predicted[:, :2].ravel(), **zero)
        wanted["binary_f1"] = f1_score(gold[:, 2], predicted[:, 2], **zero)
    if held:
        each = [f1_score(gold[:, at], predicted[:, at], **zero) for at in held]
        areas = [average_precision_score(gold[:, at], scores[:, at]) for at in held]
        wanted |= {"macro_f1": np.mean(each), "auprc": np.mean(areas)}
    assert {name: value[0] for name, value in found.items()} == pytest.approx(wanted)


def test_average_precision_of_a_known_ranking():
    gold, scores = np.array([True, False, True]), np.array([0.9, 0.8, 0.7])
    assert average_precision(np.ones((1, 3)), gold, scores) == pytest.approx([(1 + 2 / 3) / 2])


@given(SCORED)
def test_no_threshold_has_a_better_f1_than_the_chosen_one(drawn):
    gold, scores = drawn
    chosen = choose_thresholds(gold, scores)
    for at in range(3):

        def f1(threshold, at=at):
            return f1_score(gold[:, at], scores[:, at] >= threshold, zero_division=0)

        assert 0 <= chosen[at] <= 1
        assert f1(chosen[at]) == max(f1(other) for other in [*scores[:, at], 2.0])
        assert gold[:, at].any() or chosen[at] == 0.5


def test_a_threshold_lies_between_two_scores_and_is_the_highest_of_equals():
    scores = np.array([[0.8], [0.6], [0.4], [0.2]])
    assert choose_thresholds(np.array([[1], [0], [0], [0]], bool), scores) == pytest.approx([0.7])
    assert choose_thresholds(np.array([[0], [0], [0], [1]], bool), scores) == pytest.approx([0.1])
    # One of one and two of four: both have an F1 of 2/3.
    assert choose_thresholds(np.array([[1], [0], [0], [1]], bool), scores) == pytest.approx([0.7])


def test_the_table_of_test_sentences_says_what_was_decided():
    test = [row(0, "test", ["care"]), row(1, "test"), row(2, "test", ["care", "memory"])]
    scores = np.array([[0.1, 0.9, 0.9], [0.6, 0.2, 0.3], [0.7, 0.1, 0.8]], np.float32)
    table, metrics = scored_sentences(test, scores, np.array([0.5, 0.5, 0.85]), LABELS)
    assert table["predicted"].to_pylist() == [["care"], ["memory"], ["memory"]]
    assert table["any_predicted"].to_pylist() == [True, False, False]
    assert table["gold"].to_pylist() == [["care"], [], ["care", "memory"]]
    assert table["scores"].to_pylist() == scores.tolist()
    values = {one["metric"]: one["value"] for one in metrics}
    assert values["micro_f1"] == pytest.approx(2 * 2 / (3 + 3))
    assert values["binary_f1"] == pytest.approx(2 / 3)
    assert values["categories_scored"] == 2


def test_a_category_that_no_test_sentence_has_does_not_count():
    test = [row(0, "test", ["care"]), row(1, "test")]
    scores = np.array([[0.9, 0.9, 0.9], [0.1, 0.1, 0.1]], np.float32)
    _, metrics = scored_sentences(test, scores, np.full(3, 0.5), LABELS)
    values = {one["metric"]: one["value"] for one in metrics}
    assert values["categories_scored"] == values["macro_f1"] == values["auprc"] == 1
    assert values["micro_f1"] == pytest.approx(2 / 3)


def test_valid_f1_is_that_of_the_best_thresholds():
    gold = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1]], bool)
    scores = np.array([[0.3, 0.1, 0], [0.2, 0.4, 0], [0.3, 0.4, 0]])
    assert valid_micro_f1(gold, scores) == pytest.approx(2 * 3 / (4 + 3))


@pytest.fixture(scope="module")
def tokenizer(encoder):
    return load_tokenizer(encoder / "tokenizer.json")


WORDS = {"memory": "aspirin", "care": "dyspnea"}
TEXTS = [
    (["memory"], "Treatment with aspirin."),
    (["care"], "No dyspnea today."),
    (["memory", "care"], "Aspirin, dyspnea."),
    ([], "Creatinine was stable."),
]


def labelled(split, times=6):
    return [
        row(4 * turn + at, split, categories, text)
        for turn in range(times)
        for at, (categories, text) in enumerate(TEXTS)
    ]


def weighted(rows, weight=1.0):
    return [(one, weight) for one in rows]


def test_an_example_fits_and_marks_in_a_sentence_are_text(tokenizer):
    texts = ["the patient " * 30, "[SEP] [MASK]", ""]
    rows = [row(at, text=text, categories=["care"]) for at, text in enumerate(texts)]
    long, marked, empty = examples(weighted(rows, 0.5), tokenizer, LABELS, 16)
    assert len(long["input_ids"]) == 16 and long["input_ids"][0] == 2
    assert long["input_ids"][-1] == 3 and not {3, 4} & set(marked["input_ids"][1:-1])
    assert empty["input_ids"] == [2, 3]
    assert long["labels"] == [0, 1, 1] and long["weight"] == 0.5


def test_a_batch_is_padded_and_holds_labels_and_weights(tokenizer):
    made = examples(weighted(labelled("train", 1), 0.25), tokenizer, LABELS, 16)
    batch = collate(made, padding=0)
    longest = max(len(one["input_ids"]) for one in made)
    assert batch["input_ids"].shape == batch["attention_mask"].shape == (4, longest)
    assert batch["labels"].tolist() == [[1, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 0]]
    assert batch["weights"].tolist() == [0.25] * 4


def test_the_prior_is_weighted_and_never_0_or_1(tokenizer):
    rows = weighted([row(0, categories=["care"])]) + weighted([row(1), row(2)], 0.5)
    shares = prior(examples(rows, tokenizer, LABELS, 16))
    assert shares == pytest.approx([0.5 / 3, 0.5, 0.5])


def test_a_centred_untrained_classifier_gives_the_prior_whatever_the_sentence(encoder, tokenizer):
    model = SentenceClassifier(encoder, 3)
    made = examples(weighted(labelled("test", 1)), tokenizer, LABELS, 16)
    centre(model, made)
    assert probabilities(model, made) == pytest.approx(np.tile(prior(made), (4, 1)), abs=1e-6)


def test_centring_gives_the_priors_of_other_sentences_and_keeps_what_was_learnt(encoder, tokenizer):
    model = SentenceClassifier(encoder, 3)
    torch.nn.init.normal_(model.head.weight)
    learnt = model.head.weight.detach().clone()
    rows = [row(0, categories=["care"], text="No pain."), row(1, text="Creatinine was 1.2.")]
    made = examples(weighted(rows), tokenizer, LABELS, 16)
    centre(model, made)
    odds = [logits.numpy() for _, logits in logits_of(model, made)]
    shares = prior(made)
    assert np.mean(odds, axis=0) == pytest.approx(np.log(shares / (1 - shares)), abs=1e-5)
    assert torch.equal(model.head.weight, learnt)


def test_padding_does_not_change_what_a_sentence_gets(encoder, tokenizer):
    model = SentenceClassifier(encoder, 3)
    torch.nn.init.normal_(model.head.weight)
    rows = [row(0, text="No pain."), row(1, text="The patient was admitted with chest pain.")]
    made = examples(weighted(rows), tokenizer, LABELS, 32)
    alone = np.concatenate([probabilities(model, [one]) for one in made])
    assert len(made[0]["input_ids"]) < len(made[1]["input_ids"])
    assert probabilities(model, made) == pytest.approx(alone, abs=1e-5)


@pytest.fixture(scope="module")
def train(encoder):
    """Fine-tune on phases, with the same sentences as valid and test."""
    return partial(trained, encoder)


def trained(encoder, phases, seed=1, recipe=RECIPE):
    valid, test = labelled("valid", 2), labelled("test", 2)
    return finetune("run", encoder, phases, valid, test, LABELS, recipe, seed, 1)


def test_training_learns_and_repeats_itself_to_the_bit(train):
    phases = [weighted(labelled("train"))]
    first, second, other = train(phases), train(phases), train(phases, seed=2)
    assert all(np.array_equal(one, two) for one, two in zip(first, second, strict=True))
    assert not np.array_equal(first[0], other[0])
    scores, thresholds, valid_f1 = first
    _, metrics = scored_sentences(labelled("test", 2), scores, thresholds, LABELS)
    assert valid_f1 == metrics[0]["value"] == 1.0


def test_a_later_phase_starts_from_the_earlier_one_and_decides(train):
    right, short = weighted(labelled("train")), RECIPE | {"epochs": 2}
    wrong = [({**one, "categories": []}, weight) for one, weight in right]
    alone, _, _ = train([wrong], recipe=short)
    after, _, _ = train([right, wrong], recipe=short)
    assert not np.array_equal(alone, after)
    assert after[:, 0].std() > 5 * alone[:, 0].std()  # what the first phase taught is still there


def test_weights_decide_between_parts_that_contradict_each_other(train):
    right = labelled("train")
    swapped = {"memory": ["care"], "care": ["memory"]}
    wrong = [
        {**one, "categories": swapped.get("".join(one["categories"]), one["categories"])}
        for one in right
    ]

    def lead(right_weight, wrong_weight):
        """How much likelier `memory` is than `care` in a sentence of memory."""
        mixed = weighted(right, right_weight) + weighted(wrong, wrong_weight)
        scores, _, _ = train([mixed])
        return scores[0, 0] - scores[0, 1]

    assert lead(1.0, 0.02) > 0.1 > -0.1 > lead(0.02, 1.0)
