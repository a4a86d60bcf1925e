"""Regular expressions that a study declares, whose time is linear whatever they are matched with.

RE2 has neither backreferences nor look-around, and so no text on which it hangs.
"""

from functools import lru_cache
from typing import Any

_MOST = 1000  # characters of an expression


def check_pattern(pattern: str, key: str) -> None:
    """Raise ValueError unless a pattern is an expression of RE2 with exactly one group.

    key: under which it is declared, for the message.
    """
    import re2  # few studies declare one

    if len(pattern) > _MOST:
        raise ValueError(f"'{key}': expected at most {_MOST} characters, found {len(pattern)}")
    try:
        groups = _compiled(pattern).groups
    except re2.error as error:
        said = error.args[0].decode() if isinstance(error.args[0], bytes) else error.args[0]
        raise ValueError(
            f"'{key}' is not a regular expression of RE2, which has no look-around and no "
            f"backreferences: {said}"
        ) from error
    if groups != 1:
        raise ValueError(
            f"'{key}': expected exactly one group, found {groups}; such as '^(\\d+)_' has"
        )


def find(pattern: str, text: str) -> str:
    """What the group of a pattern finds in a text, or nothing."""
    found = _compiled(pattern).search(text)
    return (found[1] or "") if found else ""


@lru_cache
def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)
