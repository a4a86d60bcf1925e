"""Silver labels: what was answered yes and upheld; a failed answer costs the sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.datasets.silver import Silver, by_sentence
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import by_label

NAMES = ["a", "b", "c"]
ANSWERS = st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in NAMES})


def rows(answers, sentence="s"):
    return by_sentence(
        {
            "sentence_id": sentence,
            "category": name,
            "answer": answer,
            "failure": "unparseable" if answer is None else None,
        }
        for name, answer in answers.items()
    )


@given(ANSWERS, ANSWERS, st.booleans())
def test_a_label_stands_where_both_answers_are_yes(first, second, checked):
    asked = {name: second[name] for name in NAMES if first[name]}
    silver = Silver(NAMES, rows(first), rows(asked) if checked else None)
    found = silver.labels_of("s")
    if None in first.values():
        assert found == "unparseable"
    elif checked and None in asked.values():
        assert found == "check_failed" and not silver.removed
    else:
        upheld = [name for name in NAMES if first[name] and (second[name] or not checked)]
        assert found == upheld
        assert silver.removed.total() == sum(map(bool, first.values())) - len(upheld)


def test_labels_are_in_the_order_of_the_taxonomy():
    given_last = rows({"c": True, "b": False, "a": True})
    assert Silver(NAMES, given_last, None).labels_of("s") == ["a", "c"]


def test_an_answer_that_is_missing_is_an_error():
    with pytest.raises(UserError, match="label: .* s and category 'c'"):
        Silver(NAMES, rows({"a": True, "b": False}), None).labels_of("s")
    with pytest.raises(UserError, match="check: .* s and category 'a'"):
        Silver(["a"], rows({"a": True}), rows({})).labels_of("s")


def test_sentences_are_counted_by_label():
    assert by_label([["c", "a"], [], ["a"]], NAMES) == {"a": 2, "b": 0, "c": 1, "none": 1}
