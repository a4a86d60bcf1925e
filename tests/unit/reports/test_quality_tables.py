"""Tables of silver's and bronze's quality, against numbers worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.metrics import cohen_kappa_score

from palimpsest.reports import bronze_quality, silver_quality
from palimpsest.runtime.errors import AccountingError
from palimpsest.text.ngrams import distinct_share, words

NAMES = ["memory", "mood"]
GOLD = [(0, 20, ["memory"]), (20, 40, []), (40, 60, ["mood"])]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((0, 20), {"memory"}),
        ((10, 30), {"memory"}),  # half of each: of the shorter, at least half
        ((11, 31), set()),
        ((0, 60), {"memory", "mood"}),
        ((48, 52), {"mood"}),
        ((60, 80), None),
        ((52, 72), None),  # 8 of 20 characters
        ((20, 40), set()),
    ],
)
def test_gold_of_a_place_is_that_of_the_sentences_it_overlaps_by_half(place, expected):
    assert silver_quality.gold_of(place, GOLD) == expected


@given(st.integers(0, 70), st.integers(1, 30), st.integers(-50, 50))
def test_where_a_note_begins_does_not_matter(start, length, shift):
    moved = [(first + shift, last + shift, names) for first, last, names in GOLD]
    place = (start, start + length)
    assert silver_quality.gold_of(place, GOLD) == silver_quality.gold_of(
        (place[0] + shift, place[1] + shift), moved
    )


def silver(count=12):
    return [
        {"example_id": f"n{at}:0-9", "group": f"p{at // 2}", "note_id": f"n{at}"}
        | {"start": 0, "end": 9}
        for at in range(count)
    ]


def ids(*numbers):
    return {f"n{at}:0-9" for at in numbers}


def labels(**named):
    """Labels by example_id, from the numbers of the sentences that have each category."""
    found = {}
    for name, numbers in named.items():
        for one in ids(*numbers):
            found.setdefault(one, set()).add(name)
    return found


def test_silver_is_compared_with_gold_by_category_and_stage():
    notes = [
        {
            "note_id": f"n{at}",
            "sentences": [
                {"start": 0, "end": 9, "categories": ["memory"] * (at < 4)},
                {"start": 30, "end": 50, "categories": ["mood"]},
            ],
        }
        for at in range(10)
    ]
    gold = silver_quality.gold_of_notes(silver(), notes, NAMES)
    assert set(gold.truth) == ids(*range(10)) and gold.not_compared == 2
    stages = {
        "labelled": labels(memory=[0, 1, 2, 4, 5, 11], mood=[7]),
        "checked": labels(memory=[0, 1, 2, 5, 11]),
    }
    table = silver_quality.quality(silver(), stages, [gold], NAMES, 15)
    assert table.columns.tolist() == silver_quality.COLUMNS
    rows = {(row["stage"], row["category"]): row for row in table.to_dict("records")}
    assert list(rows) == [(s, c) for s in stages for c in (*NAMES, "any")]
    counted = ("asked", "sentences", "gold", "compared", "not_compared", "units")
    assert {tuple(row[name] for name in counted) for row in rows.values()} == {
        (15, 12, "notes", 10, 2, 5)
    }
    first = rows["labelled", "memory"]
    counts = ["silver_positives", "gold_positives", "tp", "fp", "fn", "tn"]
    assert [first[name] for name in counts] == [6, 4, 3, 2, 1, 4]
    truth, found = [at < 4 for at in range(10)], [at in (0, 1, 2, 4, 5) for at in range(10)]
    assert first["kappa"] == pytest.approx(cohen_kappa_score(truth, found)) == pytest.approx(0.4)
    assert first["kappa_low"] < 0.4 < first["kappa_high"]
    assert [rows["checked", "memory"][name] for name in counts] == [5, 4, 3, 1, 1, 5]
    # Gold has no mood among what is compared: no kappa of it where silver agrees, 0 where not.
    assert math.isnan(rows["checked", "mood"]["kappa"])
    assert rows["labelled", "mood"]["kappa"] == 0.0 and rows["labelled", "mood"]["fp"] == 1
    assert [rows["labelled", "any"][name] for name in counts] == [7, 4, 3, 3, 1, 3]


def test_precision_recall_and_f1_come_with_intervals():
    gold = silver_quality.Gold("experts")
    for at in range(12):
        gold.add(f"n{at}:0-9", f"p{at}", {"memory"} if at < 6 else set(), NAMES)
    stages = {"labelled": labels(memory=[0, 1, 2, 3, 6])}
    table = silver_quality.quality(silver(), stages, [gold], NAMES, 12)
    row = table.iloc[0]
    assert [row[name] for name in ("precision", "recall", "f1")] == pytest.approx(
        [4 / 5, 4 / 6, 8 / 11]
    )
    for name in ("kappa", "precision", "recall", "f1"):
        assert -1 < row[f"{name}_low"] < row[name] < row[f"{name}_high"] < 1
    assert table.iloc[1][["precision", "recall", "f1_high"]].isna().all()


def test_the_check_says_how_many_labels_it_confirmed():
    stages = {"labelled": labels(memory=[0, 1, 2, 3, 4], mood=[4, 5])}
    stages["checked"] = labels(memory=[0, 1, 3], mood=[4, 5])
    table = silver_quality.quality(silver(), stages, [], NAMES, 12).set_index(["stage", "category"])
    assert table.loc["labelled"][silver_quality.CONFIRMED].isna().all(axis=None)
    checked = table.loc["checked"]
    assert checked["checked"].tolist() == [5, 2, 6]
    assert checked["confirmed_share"].tolist() == pytest.approx([3 / 5, 1.0, 5 / 6])
    assert (checked["confirmed_low"] < checked["confirmed_share"])[["memory", "any"]].all()


def test_silver_without_gold_says_so_and_has_its_check_alone():
    notes = [{"note_id": f"n{at}", "sentences": []} for at in range(12)]
    assert silver_quality.gold_of_notes(silver(), notes, NAMES) is None
    stages = {"labelled": labels(memory=[0, 1]), "checked": labels(memory=[0])}
    table = silver_quality.quality(silver(), stages, [], NAMES, 12)
    assert table["silver_positives"].tolist() == [2, 0, 2, 1, 0, 1]
    assert set(table["gold"]) == {"none"} and table["compared"].sum() == 0
    without = ["units", "gold_positives", "tp", "fp", "fn", "tn", *silver_quality.MEASURED]
    assert table[without].isna().all(axis=None)
    first = table.to_csv(index=False).splitlines()[4]
    assert first.startswith("checked,memory,12,12,1,2,0.5,") and ",none,0,,,,,,,," in first
    empty = silver_quality.quality([], {"labelled": {}}, [], NAMES, 0)
    assert empty["sentences"].tolist() == [0, 0, 0]


def test_gold_of_a_dataset_is_what_was_asked_about_and_answered():
    examples = [
        {"example_id": f"e{at}", "group": f"p{at}", "labels": ["memory", "gait"][: at % 3]}
        for at in range(9)
    ]
    asked = {f"gold:e{at}" for at in range(6)}
    gold = silver_quality.gold_of_dataset("experts", examples, asked, {"gold:e1", "n1:0-9"}, NAMES)
    assert list(gold.truth) == [f"gold:e{at}" for at in (0, 2, 3, 4, 5)]
    assert (gold.name, gold.not_compared, dict(gold.unknown)) == ("experts", 1, {"gait": 2})
    assert gold.truth["gold:e2"] == {"memory"} and gold.groups["gold:e4"] == "p4"


def test_both_golds_have_rows_of_their_own():
    notes = [{"note_id": "n0", "sentences": [{"start": 0, "end": 9, "categories": ["mood"]}]}]
    of_notes = silver_quality.gold_of_notes(silver(), notes, NAMES)
    other = silver_quality.gold_of_dataset(
        "experts", [{"example_id": "a", "group": "p", "labels": ["mood"]}], {"gold:a"}, set(), NAMES
    )
    stages = {"labelled": labels(mood=[0]) | {"gold:a": {"mood"}}}
    table = silver_quality.quality(silver(), stages, [of_notes, other], NAMES, 12)
    mood = table[table["category"] == "mood"]
    assert mood[["gold", "compared", "tp"]].values.tolist() == [["notes", 1, 1], ["experts", 1, 1]]
    assert set(mood["silver_positives"]) == {1}  # what is compared alone is no silver


def test_an_answer_that_failed_is_no_yes():
    rows = [("s", "memory", True), ("s", "mood", False), ("t", "mood", None)]
    keys = ("sentence_id", "category", "answer")
    labels = [dict(zip(keys, row, strict=True)) for row in rows]
    assert silver_quality.said_yes(labels) == {"s": {"memory"}}
    labels = [{"sentence_id": "s", "category": "mood", "answer": False, "uncalibrated": True}]
    assert silver_quality.said_yes(labels, "uncalibrated") == {"s": {"mood"}}


def unit(rows):
    rows = np.array(rows, float)
    return csr_matrix(rows / np.linalg.norm(rows, axis=1, keepdims=True))


@given(st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=2, max_size=6))
def test_self_similarity_is_the_mean_over_pairs(rows):
    vectors = unit(rows)
    cosines = (vectors @ vectors.T).toarray()
    pairs = cosines[np.triu_indices(len(rows), 1)]
    assert bronze_quality.self_similarity(vectors) == pytest.approx(pairs.mean())


def test_one_text_alone_is_like_nothing():
    assert math.isnan(bronze_quality.self_similarity(unit([[1, 2]])))


def test_the_nearest_gold_sentence_of_many_is_found(monkeypatch):
    monkeypatch.setattr(bronze_quality, "ROWS", 2)
    found = bronze_quality.nearest(unit([[1, 0], [1, 1], [0, 1]]), unit([[1, 0], [3, 4]]))
    assert found == pytest.approx([1.0, 1.4 / math.sqrt(2), 0.8])


BRONZE = [
    {"text": "She forgets the names of her friends.", "labels": ["memory"]},
    {"text": "She forgets the names of her friends and the day.", "labels": ["memory"]},
    {"text": "Left wound is dry.", "labels": []},
]
ACCOUNTS = {
    "memory": {
        "in": 9,
        "kept": 2,
        "rejected": {"empty": 1, "not_confirmed": 2, "beyond_balance": 1, "check_failed": 1},
        "failed": {"too_long": 2},
    },
    "mood": {"in": 9, "kept": 0, "rejected": {"not_confirmed": 9}, "failed": {}},
    "none": {"in": 9, "kept": 1, "rejected": {"too_long": 8}, "failed": {}},
}
GOLD_TEXTS = ["She forgets the names of her friends.", "Slept well and ate breakfast."]


def test_bronze_is_described_by_category_none_and_all():
    table = bronze_quality.quality(BRONZE, ACCOUNTS, True, GOLD_TEXTS, NAMES)
    rows = {row["category"]: row for row in table.to_dict("records")}
    assert list(rows) == ["memory", "mood", "none", "all"]
    assert table["asked"].tolist() == [9, 9, 9, 27] and table["kept"].tolist() == [2, 0, 1, 3]
    assert table["failed"].tolist() == [2, 0, 0, 2]
    assert table["rejected_too_long"].tolist() == [0, 0, 8, 8]
    rejected = [name for name in table.columns if name.startswith("rejected_")]
    sums = table[["kept", "failed", *rejected]].sum(axis=1)
    assert sums.tolist() == table["asked"].tolist()
    # Of five answers of the check two were no; the one without an answer does not count.
    assert table["confirmed_share"].tolist() == [0.6, 0.0, 1.0, pytest.approx(4 / 15)]
    memory = rows["memory"]
    assert memory["distinct_2"] == distinct_share([words(row["text"]) for row in BRONZE[:2]], 2)
    assert memory["distinct_2"] == pytest.approx(9 / 15)
    assert 0.5 < memory["self_similarity"] < 1 and memory["nearest_gold_max"] == pytest.approx(1)
    assert memory["nearest_gold"] == pytest.approx((1 + memory["self_similarity"]) / 2)
    assert math.isnan(rows["mood"]["distinct_2"]) and math.isnan(rows["none"]["self_similarity"])
    assert rows["none"]["nearest_gold"] == 0.0


def test_bronze_without_check_and_gold_leaves_these_empty():
    table = bronze_quality.quality(BRONZE, ACCOUNTS, False, [], NAMES)
    assert table["confirmed_share"].isna().all() and table["nearest_gold"].isna().all()
    nothing = bronze_quality.quality([], ACCOUNTS, True, GOLD_TEXTS, NAMES)
    assert nothing["distinct_2"].isna().all()


def test_an_account_that_does_not_add_up_is_an_error():
    wrong = ACCOUNTS | {"mood": ACCOUNTS["mood"] | {"in": 10}}
    with pytest.raises(AccountingError):
        bronze_quality.quality(BRONZE, wrong, True, [], NAMES)
