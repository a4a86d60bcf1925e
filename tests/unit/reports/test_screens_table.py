"""What the screens did is counted by round and reason, and sameness over many answers is seen."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.reports.screens import EXAMPLES, SAMPLE, Monitor, Outcomes, self_bleu
from palimpsest.text.ngrams import distinct_share, ngrams


def row(number, **more):
    return {"note_id": f"n{number}", "start": number, "end": number + 9, **more}


def counted(retried=None):
    outcomes = Outcomes(seed=1)
    for number in range(12):
        outcomes.add(row(number), "kept")
    for number in range(12, 15):
        outcomes.add(row(number), "rejected", "copy")
    outcomes.add(row(15), "failed", "too_long")
    return outcomes.rows(retried or {})


def test_outcomes_are_counted_with_shares_of_the_round():
    rows = counted({"rejected": {"copy": 2}, "failed": {}})
    named = {(one["outcome"], one["reason"]): one for one in rows}
    assert [(one["outcome"], one["count"]) for one in rows] == [
        ("kept", 12), ("rejected", 3), ("failed", 1),
    ]  # fmt: skip
    assert sum(one["share"] for one in rows) == pytest.approx(1, abs=1e-3)
    assert named["rejected", "copy"]["retried"] == 2
    assert named["failed", "too_long"]["retried"] == named["kept", ""]["retried"] == 0


def test_examples_are_ids_and_offsets_and_few():
    kept, copied, failed = counted()
    assert len(kept["examples"].split("; ")) == EXAMPLES
    assert set(copied["examples"].split("; ")) == {"n12:12-21", "n13:13-22", "n14:14-23"}
    assert failed["examples"] == "n15:15-24"


@given(st.permutations(range(12)), st.integers(0, 5))
def test_examples_do_not_depend_on_the_order_of_the_tables(order, seed):
    first, second = Outcomes(seed), Outcomes(seed)
    for number in range(12):
        first.add(row(number), "kept")
    for number in order:
        second.add(row(number), "kept")
    assert first.rows({}) == second.rows({})


def monitored(texts):
    monitor = Monitor(seed=0)
    for number, text in enumerate(texts):
        monitor.add(row(number, text=text))
    return monitor.row()


def test_answers_that_begin_alike_are_seen():
    texts = ["The patient was ill.", "The patient WAS well.", "The patient was 64.", "He slept."]
    assert monitored(texts)["same_start"] == 0.75
    assert monitored(["One two three.", "Four five six."])["same_start"] == 0.5


def test_a_collapsed_llm_differs_from_a_diverse_one():
    same = monitored(["the patient was admitted with chest pain and did well"] * 30)
    other = monitored([" ".join(f"w{number}x{at}" for at in range(10)) for number in range(30)])
    assert same["self_bleu"] == 1 and same["same_start"] == 1
    assert other["self_bleu"] < 0.01 and other["distinct_2"] == 1
    assert same["distinct_1"] == round(10 / 300, 4)


def test_the_sample_is_fixed_in_size():
    assert monitored(["a b c"] * (SAMPLE + 3)) | {"rephrases": 0, "sample": 0} == monitored(
        ["a b c"] * SAMPLE
    ) | {"rephrases": 0, "sample": 0}


def test_nothing_kept_gives_no_shares():
    assert monitored([]) == {"rephrases": 0, "sample": 0}
    assert "self_bleu" not in monitored(["a b c"])


TEXTS = st.lists(st.lists(st.sampled_from("abcd"), max_size=9), min_size=2, max_size=6)


def plain_self_bleu(texts):
    """The definition, text by text against all others."""
    scores = []
    for at, text in enumerate(texts):
        others = texts[:at] + texts[at + 1 :]
        logs = []
        for size in range(1, 5):
            mine = Counter(ngrams(text, size))
            most = Counter()
            for other in others:
                most |= Counter(ngrams(other, size))
            more = int(size > 1)
            precision = ((mine & most).total() + more) / max(mine.total() + more, 1)
            logs.append(math.log(precision) if precision else -math.inf)
        closest = min(map(len, others), key=lambda length: (abs(length - len(text)), length))
        brevity = min(0.0, 1 - closest / len(text)) if text else -math.inf
        scores.append(math.exp(sum(logs) / 4 + brevity))
    return sum(scores) / len(scores)


@given(TEXTS)
def test_self_bleu_is_the_mean_bleu_of_each_text_against_all_others(texts):
    assert self_bleu(texts) == pytest.approx(plain_self_bleu(texts))
    assert 0 <= self_bleu(texts) <= 1


def test_known_distinct_shares():
    assert distinct_share(["a b a b".split(), "a b".split()], 1) == 2 / 6
    assert distinct_share(["a b a b".split(), "a b".split()], 2) == 2 / 4
    assert distinct_share([["a"]], 2) == 0
