"""Scores of a run come from its predictions and the dataset alone."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from palimpsest.runtime.dataset_tables import PREDICTIONS, DatasetTable
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.sampling import within_size
from palimpsest.runtime.schema import Thresholds
from palimpsest.scoring.judged import Choice, judge
from palimpsest.scoring.metrics import METRICS
from palimpsest.scoring.score import Units, score_run
from palimpsest.scoring.thresholds import thresholds
from palimpsest.stats.resampling import RESAMPLES
from palimpsest.text.iob2 import spans_of, tag_names

LABELS = ["memory", "care", "gait"]
GOLD = [["memory"], ["care"], [], ["memory", "care"], [], ["care"]] * 5
SENTENCES = {"answer": "several_labels", "unit": "patient"}
SPANS = {"answer": "spans", "unit": "sentence"}
TAGS = tag_names(["problem", "treatment"])


def sentences(labels=GOLD, group="p{}"):
    rows = [
        {"example_id": f"{split}{number}", "group": group.format(number // 3), "split": split}
        | {"labels": given}
        for split in ("valid", "test")
        for number, given in enumerate(labels)
    ]
    return DatasetTable("gold", "sentences", LABELS, "0" * 64, rows, **SENTENCES)


def predicted(dataset, scores):
    """scores: (test examples, labels + 1); valid ones have the same."""
    rows = [
        {"example_id": row["example_id"], "split": split, "label": label, "score": score}
        for split in ("valid", "test")
        for row, given in zip(dataset.of_split(split), scores.tolist(), strict=True)
        for label, score in zip([*LABELS, "any"], given, strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=PREDICTIONS)


RIGHT = np.array([[name in held for name in LABELS] + [bool(held)] for held in GOLD], float)


def noisy(noise, seed=0):
    """Probabilities of the right answers, from perfect (0) to random (1)."""
    random = np.random.default_rng(seed).uniform(size=RIGHT.shape)
    return ((1 - noise) * RIGHT + noise * random).astype(np.float32)


FIXED = Choice()
PER_LABEL = Choice(Thresholds(policy="per_label", min_positives=1), run=42)


def scored(dataset, predictions, seed=1, choice=FIXED, shared=()):
    """shared: the test examples that overlap with what was trained on."""
    apart = np.array([row["example_id"] not in shared for row in dataset.of_split("test")])
    rows, fields = score_run(dataset, predictions, Units(dataset, seed), 0, 42, choice, apart)
    return {(row["split"], row["label"], row["metric"]): row for row in rows}, fields


def test_a_score_is_also_of_the_examples_that_overlap_with_nothing():
    dataset = sentences()
    wrong = RIGHT.copy()
    wrong[0] = 1 - wrong[0]
    found, _ = scored(dataset, predicted(dataset, wrong.astype(np.float32)), shared={"test0"})
    row = found["test", None, "micro_f1"]
    assert row["value"] < 1 and row["without_overlap"] == 1
    assert "without_overlap" not in found["valid", None, "micro_f1"]
    everything = {row["example_id"] for row in dataset.of_split("test")}
    found, _ = scored(dataset, predicted(dataset, RIGHT.astype(np.float32)), shared=everything)
    assert np.isnan(found["test", None, "micro_f1"]["without_overlap"])


def test_a_perfect_run_has_perfect_scores_and_a_label_without_examples_has_none():
    dataset = sentences()
    found, fields = scored(dataset, predicted(dataset, RIGHT.astype(np.float32)))
    for metric in ("micro_f1", "macro_f1", "binary_f1", "auprc"):
        assert found["test", None, metric]["value"] == found["valid", None, metric]["value"] == 1
    assert found["test", "memory", "f1"]["positives"] == 10
    assert "value" not in found["test", "gait", "f1"]
    assert found["test", "any", "recall"]["value"] == 1
    assert fields["thresholds"] == {"memory": 0.5, "care": 0.5, "gait": 0.5, "any": 0.5}


def test_thresholds_are_chosen_on_valid_and_applied_to_test():
    dataset, scores = sentences(), RIGHT.astype(np.float32) * 0.2
    found, fields = scored(dataset, predicted(dataset, scores), choice=PER_LABEL)
    assert fields["thresholds"]["care"] == pytest.approx(0.1)
    assert found["test", None, "micro_f1"]["value"] == 1
    missed = scores.copy()
    missed[1, 1] = 0
    table = predicted(dataset, scores).to_pylist()
    test = [row for row in predicted(dataset, missed).to_pylist() if row["split"] == "test"]
    mixed = [row for row in table if row["split"] == "valid"] + test
    found, _ = scored(dataset, pa.Table.from_pylist(mixed, schema=PREDICTIONS), choice=PER_LABEL)
    assert found["test", "care", "recall"]["value"] == pytest.approx(14 / 15)


def test_thresholds_of_a_size_are_chosen_on_the_valid_examples_of_its_budget():
    dataset = sentences()
    train = [{"example_id": f"train{number}", "split": "train"} for number in range(30)]
    sized = replace(dataset, rows=[*dataset.rows, *train])
    scores = noisy(0.9)
    policy = PER_LABEL.policy
    found = [
        judge(sized, predicted(dataset, scores), Choice(policy, size, 7))[1]["thresholds"]
        for size in ("6", "all")
    ]
    _, drawn = within_size(train, sized.of_split("valid"), "6", 7)
    assert len(drawn) == 6
    places = [int(row["example_id"].removeprefix("valid")) for row in drawn]
    expected = thresholds(policy, RIGHT[places].astype(bool), scores[places])
    assert list(found[0].values()) == expected.tolist() != list(found[1].values())


def test_units_are_resampled_and_the_same_for_every_run():
    dataset = sentences()
    first, second = (scored(dataset, predicted(dataset, noisy(0.9)))[0] for _ in range(2))
    row = first["test", None, "micro_f1"]
    assert len(row["resampled"]) == RESAMPLES and np.std(row["resampled"]) > 0
    assert np.array_equal(row["resampled"], second["test", None, "micro_f1"]["resampled"])
    assert "resampled" not in first["valid", None, "micro_f1"]
    other, _ = scored(dataset, predicted(dataset, noisy(0.9)), seed=2)
    assert not np.array_equal(row["resampled"], other["test", None, "micro_f1"]["resampled"])


def test_examples_of_one_unit_are_drawn_together():
    dataset = sentences(group="p")
    found, _ = scored(dataset, predicted(dataset, noisy(0.9)))
    assert Units(dataset, 1).count == 1
    for row in found.values():
        assert np.allclose(row.get("resampled", []), row.get("value", 0))


def test_what_the_predictions_lack_or_have_too_much_is_an_error():
    dataset = sentences()
    whole = predicted(dataset, noisy(0.5))
    with pytest.raises(UserError, match=r"predictions lack \('test29', 'any'\) of .* 'gold'"):
        judge(dataset, whole.slice(0, whole.num_rows - 1))
    other = sentences(GOLD[:-1])
    with pytest.raises(UserError, match=r"example 'valid29' of split 'valid'.*'gold' lacks"):
        judge(other, whole)


def tagged_example(number, tags):
    tokens = [{"start": 2 * place, "end": 2 * place + 1} for place in range(len(tags))]
    named = {"example_id": f"e{number}", "group": "n1", "tokens": tokens, "text": "w " * len(tags)}
    return named | {"spans": spans_of(tokens, tags)}


IOB2_PAIRS = st.lists(
    st.integers(1, 9).flatmap(
        lambda size: st.tuples(
            st.lists(st.sampled_from(TAGS), min_size=size, max_size=size),
            st.lists(st.sampled_from(TAGS), min_size=size, max_size=size),
        )
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(deadline=None)
@given(IOB2_PAIRS)
def test_strict_f1_of_spans_is_that_of_seqeval(pairs):
    rows, found = [], []
    for split in ("valid", "test"):
        for number, (gold, said) in enumerate(pairs):
            example = tagged_example(f"{split}{number}", gold) | {"split": split}
            rows.append(example)
            named = {"example_id": example["example_id"], "split": split, "score": 1.0}
            found += [{**named, **span} for span in spans_of(example["tokens"], said)]
    dataset = DatasetTable("entities", "spans", ["problem", "treatment"], "0" * 64, rows, **SPANS)
    if not any(row["spans"] for row in rows):
        with pytest.raises(UserError, match="'entities' have none of the labels"):
            judge(dataset, pa.Table.from_pylist(found, schema=PREDICTIONS))
        return
    judged, _ = judge(dataset, pa.Table.from_pylist(found, schema=PREDICTIONS))
    ones = np.ones((1, len(pairs)))
    value = METRICS["spans"]["strict_f1"](judged["test"], ones)[0]
    gold, said = zip(*pairs, strict=True)
    expected = f1_score(list(gold), list(said), mode="strict", scheme=IOB2, zero_division=0)
    assert value == pytest.approx(expected)


def test_a_gold_span_ends_where_its_tokens_end():
    example = tagged_example(0, ["O", "O"])
    example["spans"] = [{"start": 0, "end": 2, "label": "problem"}]
    rows = [example | {"split": split, "example_id": split} for split in ("valid", "test")]
    dataset = DatasetTable("entities", "spans", ["problem", "treatment"], "0" * 64, rows, **SPANS)
    said = {"example_id": "test", "split": "test", "start": 0, "end": 1, "label": "problem"}
    judged, _ = judge(dataset, pa.Table.from_pylist([said], schema=PREDICTIONS))
    assert judged["test"].counts.sum(axis=(0, 1)).tolist() == [1, 1, 1]


def test_entities_that_no_train_example_has_are_scored_apart():
    def example(split, number, text, *spans):
        words = [0, *(place + 1 for place, letter in enumerate(text) if letter == " ")]
        tokens = [{"start": first, "end": first + len(text[first:].split()[0])} for first in words]
        found = [{"start": start, "end": end, "label": "problem"} for start, end in spans]
        named = {"example_id": f"{split}{number}", "group": f"p{number}", "split": split}
        return {**named, "text": text, "tokens": tokens, "spans": found}

    rows = [
        example("train", 0, "Has Fever now", (4, 9)),
        example("valid", 0, "No fever", (3, 8)),
        example("test", 0, "fever and gout", (0, 5), (10, 14)),
        example("test", 1, "rash", (0, 4)),
    ]
    dataset = DatasetTable("ncbi", "spans", ["problem"], "0" * 64, rows=rows, **SPANS)
    said = [("valid0", "valid", 3, 8), ("test0", "test", 0, 5), ("test1", "test", 0, 4)]
    predictions = pa.Table.from_pylist(
        [
            {"example_id": name, "split": split, "start": start, "end": end, "label": "problem"}
            | {"score": 1.0}
            for name, split, start, end in said
        ],
        schema=PREDICTIONS,
    )
    found, _ = scored(dataset, predictions)
    assert found["test", None, "recall"]["value"] == pytest.approx(2 / 3)
    assert found["test", None, "unseen_recall"]["value"] == pytest.approx(1 / 2)  # gout, rash
    assert "value" not in found["valid", None, "unseen_recall"]
