"""Synthetic clinical notes with gold labels that hold by construction.

Facts of a patient and a stay are drawn first. A discharge summary and radiology reports are then
written from them, in a markup that knows what each stretch of text means: problems, treatments and
tests with their assertion, protected health information, signs of dementia by sentence, and pairs
for natural language inference. Of other patients it writes case reports. Nothing is tagged
afterwards, and nobody is meant.
"""

from synthetic_notes.gold import GeneratedNote, LabelledSentence, Pair, PhiSpan
from synthetic_notes.markup import CATEGORIES, Span
from synthetic_notes.noise import MAX_NOISE
from synthetic_notes.notes import generate_case_reports, generate_notes
from synthetic_notes.phi import LABELS as PHI_LABELS
from synthetic_notes.vocabulary import VOCABULARY_PACKAGES

__all__ = [
    "CATEGORIES",
    "MAX_NOISE",
    "PHI_LABELS",
    "VOCABULARY_PACKAGES",
    "GeneratedNote",
    "LabelledSentence",
    "Pair",
    "PhiSpan",
    "Span",
    "generate_case_reports",
    "generate_notes",
]
