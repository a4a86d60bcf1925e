"""Cut notes into passages at section, paragraph and sentence ends.

The passages of a note tile it: they have exact character offsets and rejoin to it byte for byte.
"""

import re
from bisect import bisect_right
from pathlib import Path

import pyarrow as pa

from palimpsest.core.tokenizers import count_tokens, load_tokenizer

SCHEMA = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("category", pa.string()),
        ("start", pa.int64()),  # character offsets in the note, end exclusive
        ("end", pa.int64()),
        ("text", pa.string()),
        ("tokens", pa.int32()),  # by the study's tokenizer
    ]
)

# Where a note may be cut, the best places first; a match's end is the cut.
BREAKS = (
    re.compile(
        r"\n\s*\n(?=[^\n]{1,60}:[ \t]*(?:\n|$))|\n(?=[A-Z][^\n:]{1,58}:[ \t]*\n)"
    ),  # section
    re.compile(r"\n[ \t]*\n\s*"),  # paragraph
    re.compile(r"\n+|(?<=[.!?])[ \t]+(?=[A-Z0-9(\[*_-])"),  # line or sentence
    re.compile(r"[ \t]+"),  # word
)


class PassageCutter:
    """Cuts notes into passages of at most so many tokens."""

    def __init__(self, tokenizer: Path, max_tokens: int) -> None:
        """tokenizer: a `tokenizer.json`. Raises UserError when it cannot be read."""
        self.tokenizer = load_tokenizer(tokenizer)
        self.max_tokens = max_tokens

    def cut(self, text: str) -> list[tuple[int, int, int]]:
        """(start, end, tokens) of the passages of a text, in order; none for an empty text."""
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        starts = [start for start, _ in encoding.offsets]
        breaks = [sorted({match.end() for match in pattern.finditer(text)}) for pattern in BREAKS]
        spans = _tile(text, starts, breaks, self.max_tokens)
        return self._fit(text, starts, breaks, spans)

    def _fit(
        self,
        text: str,
        starts: list[int],
        breaks: list[list[int]],
        spans: list[tuple[int, int]],
    ) -> list[tuple[int, int, int]]:
        """Count each passage on its own; cut again where it has more tokens than it had in place.

        A tokenizer may merge across a cut, so a passage can have a few tokens more alone.
        """
        fitted = []
        counts = count_tokens(self.tokenizer, [text[start:end] for start, end in spans])
        for (start, end), tokens in zip(spans, counts, strict=True):
            if tokens <= self.max_tokens or end - start == 1:
                fitted.append((start, end, tokens))
                continue
            inside = [[at - start for at in level if start < at < end] for level in breaks]
            local = [at - start for at in starts if start <= at < end]
            room = max(1, min(len(local) - 1, self.max_tokens - (tokens - self.max_tokens)))
            again = _tile(text[start:end], local, inside, room)
            if len(again) == 1:
                middle = (end - start) // 2
                again = [(0, middle), (middle, end - start)]
            fitted += self._fit(
                text, starts, breaks, [(start + first, start + last) for first, last in again]
            )
        return fitted


def _tile(
    text: str, starts: list[int], breaks: list[list[int]], max_tokens: int
) -> list[tuple[int, int]]:
    """Spans of at most `max_tokens` of the given token starts, that tile the text.

    The best kind of break in the second half of the room wins; else the best anywhere in it.
    """
    spans = []
    at, token = 0, 0
    while at < len(text):
        if len(starts) - token <= max_tokens:
            spans.append((at, len(text)))
            break
        limit = starts[token + max_tokens]
        half = starts[token + max_tokens // 2]
        end = (
            _last_break(breaks[:3], max(at, half), limit)
            or _last_break(breaks[:3], at, limit)
            or _last_break(breaks[3:], at, limit)
            or max(limit, at + 1)
        )
        if not text[end:].strip():  # trailing blanks stay with the last passage
            end = len(text)
        spans.append((at, end))
        at = end
        while token < len(starts) and starts[token] < at:
            token += 1
    return spans


def _last_break(levels: list[list[int]], after: int, until: int) -> int | None:
    """The last break in (after, until] of the first level that has one."""
    for level in levels:
        at = bisect_right(level, until) - 1
        if at >= 0 and level[at] > after:
            return level[at]
    return None
