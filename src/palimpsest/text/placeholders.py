"""What stands in notes for what de-identification took out: `[**Hospital1 18**]` and `___`."""

from palimpsest.text.patterns import pattern

MASK = r"\[\*\*[^\[]*?\*\*\]"  # of MIMIC-III
BLANK = "_{3,}"  # of MIMIC-IV


def placeholder_spans(text: str) -> list[tuple[int, int]]:
    """Character offsets of each placeholder in a text, in order."""
    return [found.span() for found in pattern(f"{MASK}|{BLANK}").finditer(text)]
