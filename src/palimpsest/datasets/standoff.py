"""Sentences of a text whose labelled spans stand apart from it, by offsets."""

import re
from collections.abc import Iterator

from palimpsest.runtime.rows import Row
from palimpsest.text.iob2 import Offsets, Span, spans_of, tags_of
from palimpsest.text.sentences import segments

TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")


def labelled_sentences(text: str, spans: list[Span]) -> Iterator[Row]:
    """The sentences: text, start and end in the whole, tokens and spans with offsets in `text`.

    A token belongs to the first span that it overlaps; a span has all of its tokens.
    """
    for start, end in segments(text):
        tokens = [match.span() for match in TOKEN.finditer(text, start, end)]
        if tokens:
            first, last = tokens[0][0], tokens[-1][1]
            stretches = [Offsets(start=a - first, end=b - first) for a, b in tokens]
            inside = [
                Span(start=span["start"] - first, end=span["end"] - first, label=span["label"])
                for span in spans
                if span["start"] < last and first < span["end"]
            ]
            found = spans_of(stretches, tags_of(stretches, inside))
            place = {"text": text[first:last], "start": first, "end": last}
            yield {**place, "tokens": stretches, "spans": found}
