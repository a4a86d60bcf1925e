"""How sentences name several things."""

from collections.abc import Iterable


def listed(names: Iterable[str]) -> str:
    """Names as a sentence has them: `a, b and c`; nothing where there are none."""
    *others, last = [*names] or [""]
    return f"{', '.join(others)} and {last}" if others else last
