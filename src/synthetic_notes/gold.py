"""The gold of a generated note: what its text says, by construction and not by a tagger.

All offsets are characters of the note's text, end exclusive.
"""

from dataclasses import dataclass

from synthetic_notes.markup import Span


@dataclass(frozen=True)
class PhiSpan:
    """Protected health information: one of phi.LABELS."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class LabelledSentence:
    """A sentence and the categories of markup.CATEGORIES that it shows, none for most."""

    start: int
    end: int
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Natural language inference: the premise is a stretch of the note.

    label: "entailment", "contradiction" or "neutral".
    """

    start: int
    end: int
    hypothesis: str
    label: str


@dataclass(frozen=True)
class GeneratedNote:
    """One note and its gold.

    note_id: such as N000012-DS, N000012-RR1 or, of a case report, R000012-CR; patient_id: such as
    P000012 or, of a case report, R000012.
    category: "Discharge summary", "Radiology report" or "Case report".
    date: ISO 8601, of the discharge or the examination.
    spans: entities; they are sorted and disjoint, and so are `phi` and `sentences`; no entity
    overlaps protected health information.
    """

    note_id: str
    patient_id: str
    category: str
    date: str
    text: str
    spans: tuple[Span, ...]
    phi: tuple[PhiSpan, ...]
    sentences: tuple[LabelledSentence, ...]
    pairs: tuple[Pair, ...]
