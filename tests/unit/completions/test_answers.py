"""Every engine's answers become completions in one place, and what leaves it fits into a table."""

import ast
import math
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from odd_responses import check

from palimpsest.completions import engines
from palimpsest.completions.engines.answers import completion_of, scored_completion
from palimpsest.completions.engines.base import Request
from palimpsest.completions.ledger import Completion

REQUEST = Request("Be brief.", "The patient has pain.", 9, 7)
LETTERS = st.characters(categories=None)  # surrogates and control characters, too
NUMBERS = st.integers() | st.integers(0, 99) | st.floats() | st.booleans() | st.none()
ANYTHING = st.recursive(
    NUMBERS | st.text(LETTERS) | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(LETTERS), inner),
    max_leaves=5,
)
REASONS = st.sampled_from(["stop", "length", "eos", "MAX_TOKENS", "error", "pain", ""])


@given(
    st.text(LETTERS) | ANYTHING,
    REASONS | ANYTHING,
    st.tuples(NUMBERS | ANYTHING, NUMBERS | ANYTHING),
    st.text(LETTERS) | ANYTHING,
)
def test_whatever_an_engine_gives_is_a_completion_that_a_table_holds_or_a_failure(
    text, reason, counts, version
):
    result = completion_of(REQUEST, text, reason, counts, ("an engine", version))
    check([result])
    if isinstance(result, Completion) and text.isprintable():
        assert result.text == text


@given(
    st.dictionaries(st.sampled_from(["yes", "no"]), st.floats(), min_size=1),
    NUMBERS | ANYTHING,
)
def test_whatever_the_scores_they_are_finite_or_their_request_fails(scores, tokens_in):
    result = scored_completion(REQUEST, scores, tokens_in, "an engine", "1")
    check([result])
    if all(score < math.inf for score in scores.values()) and tokens_in is None:
        assert isinstance(result, Completion)


def test_no_engine_makes_a_completion_by_itself():
    for path in Path(engines.__file__).parent.glob("*.py"):
        calls = {
            getattr(node.func, "id", None)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
        }
        assert ("Completion" in calls) == (path.name == "answers.py"), path.name
