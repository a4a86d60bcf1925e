"""Expressions of a study and of ours mean what they mean in Python, in linear time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.text.patterns import pattern

EXPRESSIONS = [
    r"^(\w+)_", r"[\w.-]+@", r"[^]a]\d", r"[]a]+", r"\[x\]\w", r"^(\d+)-", r"(?:^|/)p(\d{1,8})/",
    r"\s+(\S)",
    r"(\D+)$", r"a|b\Z", r"[^\w\s]", r"(?i)é\w", r"x\\w", r"[\\d]", r"(?P<id>\d+)_n",
]  # fmt: skip
TEXT = st.text(st.sampled_from("aAbéü日_-./\\ \t\n\x0b\u00a00123٣x[]w@pnd"), max_size=12)


@pytest.mark.parametrize("expression", EXPRESSIONS)
@given(text=TEXT)
def test_an_expression_finds_what_it_finds_in_python(expression, text):
    wanted, found = re.search(expression, text), pattern(expression).search(text)
    if "$" in expression and text.endswith("\n"):
        return  # Python also takes the place before the last line feed for the end
    assert (found and (found.span(), found.groups())) == (
        wanted and (wanted.span(), wanted.groups())
    )


@pytest.mark.parametrize("expression", ["(", "a(?=b)", "(?<!a)b", r"(a)\1", "*", "[a"])
def test_what_has_no_linear_time_or_no_meaning_is_refused(expression):
    with pytest.raises(ValueError, match="is not a regular expression, as RE2 has"):
        pattern(expression)


def test_groups_are_counted_unless_none_is_wanted():
    assert pattern(r"(a)(?:b)(c)").groups == 2
    assert pattern(r"(a)(b)", captures=False).groups == 0


def test_case_is_passed_over_on_demand():
    assert pattern("straße", ignore_case=True).search("STRAßE")
    assert not pattern("a").search("A")
