"""An entry with a matrix stands for plain corpora; mistakes are named where they stand."""

import pytest
from pydantic import TypeAdapter

from palimpsest.corpora.config import Corpus
from palimpsest.runtime.errors import UserError
from palimpsest.study.matrices import with_matrices

PART = {"kind": "rephrases", "source": "ward", "llm": "{llm}", "prompt": "{prompt}", "tokens": 9}
PLAIN = {"name": "plain", "parts": [{"kind": "notes", "source": "ward", "tokens": 9}]}


def entry(matrix, name="{llm}-{prompt}", **part):
    return {"name": name, "matrix": matrix, "parts": [PART | part]}


def expanded(*entries):
    return with_matrices({"seed": 1, "corpora": list(entries)}, "study.yaml")["corpora"]


def test_a_matrix_stands_for_every_combination_in_order():
    matrix = {"llm": ["one", "two"], "prompt": {"med": "medical", "wiki": "wikipedia"}}
    first, second, *others, last = expanded(entry(matrix), PLAIN)
    assert [corpus["name"] for corpus in (first, second, *others)] == [
        "one-med", "one-wiki", "two-med", "two-wiki",
    ]  # fmt: skip
    assert second["parts"] == [PART | {"llm": "one", "prompt": "wikipedia"}]
    assert last == PLAIN


def test_a_number_stays_one():
    matrix = {"llm": ["one"], "prompt": ["p"], "size": {"small": 5, "large": 50}}
    small, large = expanded(entry(matrix, "{llm}-{prompt}-{size}", tokens="{size}"))
    assert (small["name"], small["parts"][0]["tokens"]) == ("one-p-small", 5)
    assert large["parts"][0]["tokens"] == 50


def test_a_study_without_a_matrix_is_what_it_was():
    for config in ({"corpora": [PLAIN]}, {"corpora": 7}, [], {}):
        assert with_matrices(config, "study.yaml") is config


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (entry({"llm": ["one"], "prompt": ["p"]}, name="{llm}"), r"corpora.1.name: .* lacks '\{pr"),
        (entry({"llm": ["one"]}, name="{llm}"), r"corpora.1: '\{prompt\}' is no key of its matrix"),
        (entry({"llm": ["one"], "prompt": ["p"]}, tokens="x"), "declares 'one-p': parts.0.*'x'"),
        (entry({}), "corpora.1: matrix: .* at least 1"),
        (entry({"llm": [], "prompt": ["p"]}), "corpora.1.matrix.llm: it has no value"),
        (entry({"llm": {}, "prompt": ["p"]}), "corpora.1.matrix.llm: it has no value"),
        (entry({"llm": ["a/b"], "prompt": ["p"]}), "declares 'a/b-p': name: .*'a/b-p'"),
        (
            entry({"llm": [str(n) for n in range(200)], "prompt": [str(n) for n in range(99)]}),
            "corpora.1: it stands for 19,800 corpora, expected at most 10,000",
        ),
        ({"name": "x", "parts": []}, "corpora.1: parts: .* at least 1"),
    ],
)
def test_a_mistake_is_named_where_it_stands_in_the_file(wrong, said):
    fine = entry({"llm": ["one", "two"], "prompt": ["p"]})
    with pytest.raises(UserError, match=f"study.yaml: .*{said}"):
        expanded(fine, wrong)


def corpus(tokens, *sizes, **more):
    parts = [{"kind": "notes", "source": "ward", **size} for size in sizes]
    return TypeAdapter(Corpus).validate_python(
        {"name": "mixed", "tokens": tokens, "parts": parts, **more}
    )


def test_budgets_by_ratio_add_up_to_the_whole():
    assert corpus(100, {"ratio": 1}, {"ratio": 3}).budgets() == [25, 75]
    assert corpus(100, {"ratio": 1}, {"ratio": 1}, {"ratio": 1}).budgets() == [33, 34, 33]
    assert corpus(None, {"tokens": 7}, {"tokens": 9}).budgets() == [7, 9]


@pytest.mark.parametrize(
    ("tokens", "sizes", "said"),
    [
        (None, [{"ratio": 1}], "need 'tokens' of the corpus"),
        (9, [{"ratio": 1}, {"tokens": 3}], "needs parts with 'ratio'"),
        (9, [{}], "expected either 'tokens', or 'ratio'"),
        (None, [{"tokens": 3, "ratio": 1}], "expected either 'tokens', or 'ratio'"),
        (2, [{"ratio": 1}, {"ratio": 100}], "too few for 2 parts"),
    ],
)
def test_a_corpus_has_budgets_or_ratios(tokens, sizes, said):
    with pytest.raises(ValueError, match=said):
        corpus(tokens, *sizes)
