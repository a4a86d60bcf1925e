"""The tables of labelled examples, and what lies on the way to them."""

from collections import Counter
from collections.abc import Iterable

import pyarrow as pa

from palimpsest.runtime.progress import announce
from palimpsest.runtime.rows import Row

NONE = "none"  # what a sentence without any category is called
ANY = "any"  # the row of a table that asks whether a sentence has a category at all
CONTENT_FREE = "content-free."  # what the ids of sentences begin with that calibrate an LLM
# What ids and `chosen_by` begin with of gold sentences that an LLM labels to be compared alone.
COMPARED = "gold:"
SPLITS = ("train", "valid", "test")
AUDIT = "audit"  # patients whom nothing trains on or is judged by: the release check's control
NOTE_SPLITS = (*SPLITS, AUDIT)


def _examples(*columns: tuple[str, pa.DataType]) -> pa.Schema:
    """What the examples of every kind of dataset have, and what those of one kind have."""
    common = [
        ("example_id", pa.string()),
        ("group", pa.string()),  # the unit of resampling; the manifest's `unit` says what it is
        ("split", pa.string()),  # train, valid or test
        ("text", pa.string()),
        ("note_id", pa.string()),  # null where the example stands in no note
        ("start", pa.int64()),  # the text's character offsets in its note
        ("end", pa.int64()),
        ("made_by", pa.string()),  # generator, experts, llm_labels or llm_writes
    ]
    return pa.schema([*common, *columns])


def _stretches(*columns: tuple[str, pa.DataType]) -> pa.ListType:
    """Character offsets within the text, end exclusive."""
    return pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), *columns]))


SENTENCE_EXAMPLES = _examples(("labels", pa.list_(pa.string())))
"""Sentences with their labels, in the order of the taxonomy; an empty list says that none holds."""

SPAN_EXAMPLES = _examples(("tokens", _stretches()), ("spans", _stretches(("label", pa.string()))))
"""Sentences with their tokens, which a tagger labels, and labelled spans, which do not overlap."""

TEXT_EXAMPLES = _examples(
    ("second", pa.string()),  # the second text of a pair; else null
    # Of an assertion: its entity. Of a relation: the first argument, then the second. Else empty.
    # The label is the entity's type, or null.
    ("marks", _stretches(("label", pa.string()))),
    ("labels", pa.list_(pa.string())),  # in the order of the dataset; one where one is answered
    ("value", pa.float64()),  # the score of a pair that is answered with a number; else null
)
"""Documents, pairs of texts, and entities in their text: what is asked of a whole example."""

SENTENCES = pa.schema(
    [
        # Of a note's sentence: `{note_id}:{start}-{end}`; of gold: `gold:{example_id}`
        ("sentence_id", pa.string()),
        ("text", pa.string()),
        ("note_id", pa.string()),  # nothing for a written sentence
        ("start", pa.int64()),  # the sentence's character offsets in its note
        ("end", pa.int64()),
        ("group", pa.string()),  # the patient; of a written sentence, the sentence itself
        # `keyword:<category>`, `embedding:<category>`, `random`, `written`, or `gold:<dataset>`
        ("chosen_by", pa.string()),
        # The categories that a sentence was written for, none of them in an empty list; null for
        # a sentence that was found.
        ("wanted", pa.list_(pa.string())),
    ]
)
"""Sentences before they have labels."""

LABELS = pa.schema(
    [
        ("sentence_id", pa.string()),
        ("category", pa.string()),
        ("request_key", pa.string()),
        ("score", pa.float64()),  # log-odds of yes, after calibration; null if it was written
        ("answer", pa.bool_()),  # null if it failed
        ("uncalibrated", pa.bool_()),  # the answer without calibration; null where there was none
        ("rationale", pa.string()),  # what the LLM gave as its reason, or null
        ("failure", pa.string()),  # an engine's reason or `unparseable`, or null
    ]
)
"""What an LLM said, yes or no, about a sentence and a category."""

REJECTED = pa.schema(
    [
        ("sentence_id", pa.string()),
        ("category", pa.string()),  # of a written sentence: the one it was written for
        ("reason", pa.string()),
    ]
)
"""Sentences that were rejected, or failed. Never their text."""


def by_label(labels: Iterable[Iterable[str]], names: list[str]) -> dict[str, int]:
    """How many examples have each label, and how many none. labels: of each example."""
    counts = Counter(name for given in labels for name in given or [NONE])
    return dict.fromkeys([*names, NONE], 0) | dict(counts)


def by_split(rows: Iterable[Row]) -> dict[str, int]:
    """How many examples each split has."""
    return dict.fromkeys(SPLITS, 0) | dict(Counter(row["split"] for row in rows))


def tell_without_labels(rows: list[Row]) -> None:
    """Say so where no example has a label: what is trained on these alone finds nothing."""
    if not any(row["labels"] for row in rows):
        announce(
            f"none of {len(rows)} examples has a label: what is trained on them alone finds nothing"
        )
