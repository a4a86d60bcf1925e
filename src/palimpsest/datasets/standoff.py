"""Sentences of a text whose labelled spans stand apart from it, by offsets."""

from collections import Counter
from collections.abc import Iterator, Sequence

from palimpsest.datasets.annotated import Document, Stretch
from palimpsest.runtime.rows import Row
from palimpsest.text.iob2 import TOKEN, Offsets, Span
from palimpsest.text.sentences import segments


def sentences_in(document: Document) -> list[Stretch]:
    """The sentences of a document: those that it names, or those of its paragraphs."""
    if document.sentences is not None:
        return document.sentences
    paragraphs = document.paragraphs or [(0, len(document.text))]
    return [
        (first + start, first + end)
        for first, last in paragraphs
        for start, end in segments(document.text[first:last])
    ]


def whole(bounds: Sequence[Stretch], spans: Sequence[Span]) -> tuple[list[Stretch], int]:
    """Sentences, those that a span crosses as one; and how many ends of sentences that took away.

    bounds, spans: in order; spans do not overlap.
    """
    found: list[Stretch] = []
    waiting = 0  # the first span that may reach behind the end of what was found
    for start, end in bounds:
        while waiting < len(spans) and spans[waiting]["end"] <= start:
            waiting += 1
        crossed = found and waiting < len(spans) and spans[waiting]["start"] < found[-1][1]
        if crossed:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found, len(bounds) - len(found)


def labelled_sentences(
    text: str,
    spans: list[Span],
    bounds: Sequence[Stretch] | None = None,
    tokens: Sequence[Offsets] | None = None,
    changes: Counter[str] | None = None,
) -> Iterator[Row]:
    """The sentences: text, start and end in the whole, tokens and spans with offsets in `text`.

    A span begins and ends where tokens do: a token that reaches over its end is cut there. Every
    span is whole: sentences that it crosses are one.
    spans: without blanks at their ends; they do not overlap. bounds: the sentences; absent: they
    are found. tokens: of the text; absent: words and marks. changes: counts `cut_tokens` and
    `joined_sentences`.
    """
    changes = Counter() if changes is None else changes
    spans = sorted(spans, key=lambda span: span["start"])
    given, joined = whole(segments(text) if bounds is None else bounds, spans)
    changes["joined_sentences"] += joined
    borders = sorted({border for span in spans for border in (span["start"], span["end"])})
    next_border = next_span = next_token = 0
    for start, end in given:
        pieces: list[Stretch] = []
        if tokens is None:
            words = [match.span() for match in TOKEN.finditer(text, start, end)]
        else:
            words = []
            while next_token < len(tokens) and tokens[next_token]["start"] < end:
                words.append((tokens[next_token]["start"], tokens[next_token]["end"]))
                next_token += 1
        for first, last in words:
            while next_border < len(borders) and borders[next_border] <= first:
                next_border += 1
            cut = first
            while next_border < len(borders) and borders[next_border] < last:
                pieces.append((cut, borders[next_border]))
                cut = borders[next_border]
                changes["cut_tokens"] += 1
                next_border += 1
            pieces.append((cut, last))
        if not pieces:
            continue
        inside: list[Span] = []
        while next_span < len(spans) and spans[next_span]["start"] < end:
            inside.append(spans[next_span])
            next_span += 1
        first, last = pieces[0][0], pieces[-1][1]
        stretches = [Offsets(start=a - first, end=b - first) for a, b in pieces]
        found = [
            Span(start=span["start"] - first, end=span["end"] - first, label=span["label"])
            for span in inside
        ]
        place = {"text": text[first:last], "start": first, "end": last}
        yield {**place, "tokens": stretches, "spans": found}
