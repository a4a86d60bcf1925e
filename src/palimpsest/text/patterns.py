"""Regular expressions whose time grows with the text alone, whatever text and expression (RE2).

Text of notes and of LLMs, and expressions that a study declares, go through these: Python's own
engine takes hours for some texts of a few kilobytes.
"""

from functools import cache
from typing import Any

import re2

_MOST = 1000  # characters of an expression that a study declares

Pattern = Any  # with search, match, fullmatch, finditer, sub and groups, as Python's have them

# What Python's classes are in RE2, whose own are of ASCII alone: outside [] and, second, inside.
_CLASSES = {
    "w": (r"[\p{L}\p{N}_]", r"\p{L}\p{N}_"),
    "W": (r"[^\p{L}\p{N}_]", None),
    "d": (r"\p{Nd}", r"\p{Nd}"),
    "D": (r"\P{Nd}", r"\P{Nd}"),
    "s": (r"[\s\x0b\x1c-\x1f\x{85}\p{Z}]", r"\s\x0b\x1c-\x1f\x{85}\p{Z}"),
    "S": (r"[^\s\x0b\x1c-\x1f\x{85}\p{Z}]", None),
    "Z": (r"\z", None),
}


@cache
def pattern(expression: str, ignore_case: bool = False, captures: bool = True) -> Pattern:
    """An expression, compiled. Classes such as `\\w` are of all scripts, as in Python.

    captures: whether matches have groups; without, matching is faster.
    Raises ValueError where it is no expression that RE2 knows: it has no look-around and no
    back-references, for which no linear time is known.
    """
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    options.never_capture = not captures
    options.max_mem = 64 << 20
    try:
        return re2.compile(_translated(expression), options)
    except re2.error as error:
        reason = error.args[0]
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(
            f"{expression!r} is not a regular expression, as RE2 has them without look-around: "
            f"{reason}"
        ) from error


def check_pattern(expression: str, key: str) -> None:
    """Raise ValueError unless a declared expression is one of RE2 with exactly one group.

    key: under which it is declared, for the message.
    """
    if len(expression) > _MOST:
        raise ValueError(f"'{key}': expected at most {_MOST} characters, found {len(expression)}")
    try:
        groups = pattern(expression).groups
    except ValueError as error:
        raise ValueError(f"'{key}': {error}") from error
    if groups != 1:
        raise ValueError(
            f"'{key}': expected exactly one group, found {groups}; such as '^(\\d+)_' has"
        )


def find(expression: str, text: str) -> str:
    """What the group of a declared expression finds in a text, or nothing."""
    found = pattern(expression).search(text)
    return (found[1] or "") if found else ""


def _translated(expression: str) -> str:
    """Python's spelling of an expression in RE2's."""
    parts, inside, index = [], False, 0
    while index < len(expression):
        sign, following = expression[index], expression[index + 1 : index + 2]
        if sign == "\\" and following:
            alone, member = _CLASSES.get(following, (None, None))
            parts.append((member if inside else alone) or sign + following)
            index += 2
            continue
        if sign == "[" and not inside:
            inside = True
            # A bracket that closes at once is a member.
            if expression[index + 1 : index + 3] == "^]" or following == "]":
                member = expression[index + 1 : index + 3] if following == "^" else "]"
                parts.append(sign + member.replace("]", r"\]"))
                index += 1 + len(member)
                continue
        elif sign == "]":
            inside = False
        parts.append(sign)
        index += 1
    return "".join(parts)
