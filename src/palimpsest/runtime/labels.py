"""The tables of labelled sentences: gold, silver and bronze, and what lies on the way to them."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

NONE = "none"  # what a sentence without any category is called
CONTENT_FREE = "content-free."  # what the ids of sentences begin with that calibrate an LLM
# Sentences before they have labels.
SENTENCES = pa.schema(
    [
        ("sentence_id", pa.string()),  # of a note's sentence: `{note_id}:{start}-{end}`
        ("text", pa.string()),
        ("note_id", pa.string()),  # nothing for a written sentence
        ("start", pa.int64()),  # the sentence's character offsets in its note
        ("end", pa.int64()),
        ("group", pa.string()),  # the patient; of a written sentence, the sentence itself
        # `keyword:<category>`, `embedding:<category>`, `random` or `written`
        ("chosen_by", pa.string()),
        # The categories that a sentence was written for, none of them in an empty list; null for
        # a sentence that was found.
        ("wanted", pa.list_(pa.string())),
    ]
)
# What an LLM decided: yes or no, about one sentence and one category.
DECISIONS = pa.schema(
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
LABELLED = pa.schema(
    [
        ("sentence_id", pa.string()),
        ("text", pa.string()),
        ("categories", pa.list_(pa.string())),  # in the taxonomy's order; empty: none holds
        ("group", pa.string()),  # sentences of one group are never independent
        ("split", pa.string()),  # train, valid or test
        ("note_id", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("origin", pa.string()),  # gold, silver or bronze
    ]
)
# Sentences that were turned down. Never their text.
REJECTED = pa.schema(
    [
        ("sentence_id", pa.string()),
        ("category", pa.string()),  # of a written sentence: the one it was written for
        ("reason", pa.string()),
    ]
)


def by_category(rows: Iterable[dict[str, Any]], names: list[str]) -> dict[str, int]:
    """How many labelled sentences have each category of a taxonomy, and how many none."""
    counts = dict.fromkeys([*names, NONE], 0)
    for row in rows:
        for name in row["categories"] or [NONE]:
            counts[name] += 1
    return counts
