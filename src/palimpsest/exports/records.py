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
    ("kind", pa.string(), "`notes`, `rephrases` or `synthetic_notes`"),
    ("source", pa.string(), "of its note or case report"),
    ("note_id", pa.string(), "of the note, or of the case report"),
    (
        "start",
        pa.int64(),
        "where the text stands, or what it was written after: the first character",
    ),
    ("end", pa.int64(), "and the one behind the last"),
    ("tokens", pa.int32(), "of the document"),
    ("llm", pa.string(), "that wrote it; nothing of original notes, as below"),
    ("prompt", pa.string(), "under which it did"),
    ("seed", pa.int64(), "of its completion"),
    ("request_key", pa.string(), "hash of what the LLM was given"),
    ("ledger_key", pa.string(), "of the completion in the study's ledger"),
]
SCHEMA = pa.schema([(name, kind) for name, kind, _ in COLUMNS])
Place = tuple[str, int, int]  # note, first character, and the one behind the last


class Answered(NamedTuple):
    """Which completion a document was taken from."""

    request_key: str
    ledger_key: str
    seed: int


def place_of(row: Row) -> Place:
    """Where a passage or case report stands."""
    return row["note_id"], row["start"], row["end"]


def records(
    documents: Iterable[Row],
    parts: list[ExportedPart],
    answered: dict[int, dict[Place, Answered]],
    label: str,
) -> Iterator[Row]:
    """Rows of SCHEMA.

    documents: of the corpus, in its order. answered: of each part that an LLM wrote, by its number,
    the completion that was kept for each place. label: names the corpus's table.
    Raises UserError where a document is of no completion: then the tables do not go together.
    """
    for row in documents:
        part = parts[row["part"]]
        origin: Row = dict.fromkeys(Answered._fields)
        if part.llm:
            found = answered[row["part"]].get(place_of(row))
            if found is None:
                raise UserError(
                    f"{label}: the document of note {row['note_id']!r} from {row['start']} is none "
                    f"that '{part.llm}' wrote under '{part.prompt}'; delete it to rebuild it"
                )
            origin = found._asdict()
        named = {"kind": part.kind, "source": part.source, "llm": part.llm, "prompt": part.prompt}
        yield {name: row.get(name) for name in SCHEMA.names} | named | origin
