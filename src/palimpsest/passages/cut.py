"""Cut notes into passages where a reader would pause.

The passages of a note and the stretches that are skipped tile it: they have exact character offsets
and rejoin to it byte for byte.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.tiling import fitting_spans
from palimpsest.passages.token_counts import MeasuredText, TokenCounter
from palimpsest.text.layout import MEDICATIONS, TABLE, read_layout
from palimpsest.text.tokenizers import load_tokenizer

SCHEMA = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("category", pa.string()),
        ("start", pa.int64()),  # character offsets in the note, end exclusive
        ("end", pa.int64()),
        ("text", pa.string()),
        ("tokens", pa.int32()),  # by the study's tokenizer
        ("section", pa.string()),  # the header under which it starts; empty where there is none
    ]
)
REJECTS = pa.schema(
    [
        ("note_id", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("reason", pa.string()),  # blank, near_empty, table or medication_list
    ]
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a note: a passage, or what is skipped for a reason.

    start, end: character offsets in the note, end exclusive. tokens: of a passage, counted alone.
    section: the header under which it starts, or nothing.
    """

    start: int
    end: int
    tokens: int
    section: str = ""
    reason: str | None = None


class PassageCutter:
    """Cuts notes into passages of at most so many tokens."""

    def __init__(self, tokenizer: Path, spec: PassagesSpec) -> None:
        """tokenizer: a `tokenizer.json`. Raises UserError when it cannot be read."""
        self.counter = TokenCounter(load_tokenizer(tokenizer))
        self.max_tokens, self.min_tokens = spec.max_tokens, spec.min_tokens
        policies = {TABLE: spec.tables, MEDICATIONS: spec.medication_lists}
        self.skipped = {kind for kind, policy in policies.items() if policy == "skip"}

    def stretches(self, texts: list[str]) -> list[list[Stretch]]:
        """The stretches of each text, in order and without gaps; none for an empty text.

        A passage has at most `max_tokens` tokens, or is a single character that has more.
        """
        return [self._cut(note) for note in self.counter.measure(texts)]

    def _cut(self, note: MeasuredText) -> list[Stretch]:
        """Skipped blocks aside, fit spans into the room, join crumbs, and name the sections."""
        layout = read_layout(note.text)
        parts: list[Stretch] = []
        for start, end, skipped in layout.segments(len(note.text), self.skipped):
            if skipped:
                parts.append(Stretch(start, end, 0, reason=skipped))
                continue
            spans = fitting_spans(note, layout, start, end, self.max_tokens, self.min_tokens)
            parts += self._merge(note, [Stretch(*span) for span in spans])
        # The first line of a part with text starts there or later: its header is at or before it.
        bodies = [min(note.body(note.word_at(part.start)), part.end - 1) for part in parts]
        return [
            replace(part, section=layout.section_at(body))
            for part, body in zip(parts, bodies, strict=True)
        ]

    def _merge(self, note: MeasuredText, parts: list[Stretch]) -> list[Stretch]:
        """Join parts that hold next to nothing to a neighbour, or give the reason to skip them."""
        merged: list[Stretch] = []
        for part in parts:
            if merged and (part.tokens < self.min_tokens or merged[-1].tokens < self.min_tokens):
                start = merged[-1].start
                (tokens,) = note.count_alone([(start, part.end)])
                if tokens <= self.max_tokens:
                    merged[-1] = Stretch(start, part.end, tokens)
                    continue
            merged.append(part)
        return [replace(part, reason=self._skip_reason(note, part)) for part in merged]

    def _skip_reason(self, note: MeasuredText, part: Stretch) -> str | None:
        if note.text[part.start : part.end].isspace():
            return "blank"
        return "near_empty" if part.tokens < self.min_tokens else None
