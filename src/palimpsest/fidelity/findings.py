"""The findings of a shard: a row for each rephrase, with what became of each fact."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from palimpsest.facts.compare import findings
from palimpsest.runtime.request_sets import NO_CONTEXT, RequestSet
from palimpsest.runtime.rows import Manifest, Row

FINDING = pa.struct(
    [
        ("type", pa.string()),
        ("status", pa.string()),  # kept, changed, omitted, added or unread
        ("note_start", pa.int64()),  # characters of the note; null where it is added
        ("note_end", pa.int64()),
        ("start", pa.int64()),  # characters of the rephrase; null where it is omitted
        ("end", pa.int64()),
    ]
)
SCHEMA = pa.schema(
    [
        ("request_key", pa.string()),
        ("note_id", pa.string()),
        ("start", pa.int64()),  # the passage's character offsets in its note
        ("end", pa.int64()),
        ("patient_id", pa.string()),
        ("findings", pa.list_(FINDING)),
    ]
)


def context_of(manifest: Manifest) -> str:
    """The name of the context that requests, or what was made of them, were asked in.

    manifest: of the table, which records the wildcards.
    """
    asked = RequestSet.of_wildcards(manifest.get("wildcards", {}))
    return asked.context if asked else NO_CONTEXT


def finding_rows(
    rephrases: Iterable[Row], passages: dict[str, str], patients: dict[str, str]
) -> Iterator[Row]:
    """The rows of some rephrases: request_key, note_id, start, end and text.

    passages: by request key. patients: by note. Raises KeyError where one is not there.
    """
    for rephrase in rephrases:
        place = {name: rephrase[name] for name in ("request_key", "note_id", "start", "end")}
        found = [
            {
                "type": one.type,
                "status": one.status,
                "note_start": _shifted(one.passage_start, rephrase["start"]),
                "note_end": _shifted(one.passage_end, rephrase["start"]),
                "start": _shifted(one.start, 0),
                "end": _shifted(one.end, 0),
            }
            for one in findings(passages[rephrase["request_key"]], rephrase["text"])
        ]
        yield {**place, "patient_id": patients[rephrase["note_id"]], "findings": found}


def _shifted(offset: int, by: int) -> int | None:
    return None if offset < 0 else offset + by
