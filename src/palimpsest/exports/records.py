"""The records of an export: each document of a corpus, and where it comes from."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyarrow as pa

from palimpsest.exports.config import ExportedPart
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row

COLUMNS = [
    ("text", pa.string(), "the document"),
    ("part", pa.int32(), "number of its part in the table above"),
    ("kind", pa.string(), "`notes`, `matched_notes`, `rephrases` or `synthetic_notes`"),
    ("source", pa.string(), "of its note or case report"),
    ("note_id", pa.string(), "of the note, or of the case report"),
    (
        "start",
        pa.int64(),
        "where the text stands, or what it was written after: the first character",
    ),
    ("end", pa.int64(), "and the one behind the last"),
    ("tokens", pa.int32(), "of the document"),
    ("cut", pa.bool_(), "whether its end was cut off, for the budget's sake"),
    ("llm", pa.string(), "that wrote it; nothing of original notes, as below"),
    ("prompt", pa.string(), "under which it did"),
    ("context", pa.string(), "in which it did: what it was told of the note besides; or `none`"),
    ("seed", pa.int64(), "of its completion"),
    ("request_key", pa.string(), "hash of what the LLM was given"),
    ("ledger_key", pa.string(), "of the completion in the study's ledger"),
]
SCHEMA = pa.schema([(name, kind) for name, kind, _ in COLUMNS])


class Answered(NamedTuple):
    """The completion that a document was taken from."""

    ledger_key: str
    seed: int


def records(
    documents: Iterable[Row],
    parts: list[ExportedPart],
    answered: dict[int, dict[str, Answered]],
    label: str,
) -> Iterator[Row]:
    """Rows of SCHEMA.

    documents: of the corpus, in its order. answered: by the number of each part that an LLM wrote,
    its completions by the keys of requests. label: names the corpus's table.
    Raises UserError where a document is of no completion: then the tables do not go together.
    """
    for row in documents:
        part = parts[row["part"] - 1]
        origin: Row = dict.fromkeys(Answered._fields)
        if part.llm:
            found = answered[row["part"]].get(row["request_key"])
            if found is None:
                raise UserError(
                    f"{label}: the document of note {row['note_id']!r} from {row['start']} is none "
                    f"that '{part.llm}' wrote under '{part.prompt}'; delete it to rebuild it"
                )
            origin = found._asdict()
        named = {
            name: getattr(part, name) for name in ("kind", "source", "llm", "prompt", "context")
        }
        yield {name: row.get(name) for name in SCHEMA.names} | named | origin
