"""From a document of a corpus, or a labelled sentence, back to its note, and to what was asked.

Everything is ids, numbers, offsets and names: no text of a note and no answer of an LLM.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import digest
from palimpsest.runtime.origins import WILDCARDS
from palimpsest.runtime.rows import Row
from palimpsest.runtime.shards import shard_name, shard_of
from palimpsest.tracing.lookup import Lookup

KEY = re.compile(r"[0-9a-f]{64}")
PLACE = re.compile(r"(?P<note_id>.+):(?P<start>\d+)-(?P<end>\d+)")
EXPECTED = (
    "expected NAME:WHICH, where NAME is a corpus, a dataset or an export's train.parquet, and "
    "WHICH a row from 1, a request_key, an example_id, or NOTE_ID:START-END"
)
# Folders of what became of an answer, by what it was asked for.
KEPT = ("rephrases", "synthetic-notes")
OF_ANSWERS = ("finish_reason", "failure", "tokens_in", "tokens_out", "seed")


def trace(record: str, results: Path) -> Row:
    """What is known of a record: of `document`, or `sentence`, and of each request behind it.

    record: `NAME:WHICH`, as EXPECTED says. results: of the study.
    Raises UserError where there is no such record, or where tables do not go together.
    """
    table, which = _table_of(record, results)
    number = _number(table, which)
    row = table.row(number)
    said = {"table": str(table.path), "row": number + 1, "of": table.rows}
    if "made_by" in row:
        return said | _sentence(row, table, results)
    return said | _document(row, table, results)


def _table_of(record: str, results: Path) -> tuple[Lookup, str]:
    if exported := re.fullmatch(r"(.+\.parquet):(.+)", record):
        return Lookup(Path(exported[1])), exported[2]
    name, _, which = record.partition(":")
    if not which or "/" in name:
        raise UserError(f"'{record}': {EXPECTED}")
    known = [path for room in ("corpora", "datasets") for path in results.glob(f"{room}/*.parquet")]
    for path in known:
        if path.stem == name:
            return Lookup(path), which
    there = sorted(path.stem for path in known if not path.stem.endswith(".rejects"))
    raise UserError(f"'{name}' is no corpus and no dataset below {results}; there are {there}")


def _number(table: Lookup, which: str) -> int:
    """The row, from 0, that a record is in; the first, where a document is repeated."""
    if which.isdecimal() and which.isascii() and not KEY.fullmatch(which):
        if not 0 < int(which) <= table.rows:
            raise UserError(f"{table.path}: no row {which}; it has {table.rows:,}, from 1")
        return int(which) - 1
    if "example_id" in table.names:
        found = next(table.where("example_id", which), None)
    elif KEY.fullmatch(which):
        found = next(table.where("request_key", which), None)
    elif place := PLACE.fullmatch(which):
        found = next(
            (
                number
                for number in table.where("note_id", place["note_id"])
                if _stands_at(table.row(number), int(place["start"]), int(place["end"]))
            ),
            None,
        )
    else:
        raise UserError(f"'{which}': {EXPECTED}")
    if found is None:
        raise UserError(f"{table.path}: no record '{which}'; {EXPECTED}")
    return found


def _stands_at(row: Row, start: int, end: int) -> bool:
    return (row["start"], row["end"]) == (start, end)


def _document(row: Row, table: Lookup, results: Path) -> Row:
    """Of a corpus or an export, whose rows name what the manifest of a corpus has by part."""
    part = row if "kind" in row else table.manifest["parts"][row["part"] - 1]
    named = {name: part.get(name) for name in ("kind", "source", "llm", "prompt", "context")}
    said: Row = {"document": {name: row[name] for name in ("part", "tokens", "cut")} | named}
    said["note"] = {name: row[name] for name in ("note_id", "start", "end")}
    said["note"] |= _note(results, named["source"], row["note_id"])
    if not row.get("request_key"):
        return said | {"requests": []}  # a note's own words
    asked = f"{named['source']}.{named['prompt']}"
    if not named["llm"]:  # notes in the order of rephrases; the LLM's answer is not in them
        return said | {"requests": []}
    folders = _folders(results / "completions" / named["llm"], asked)
    for folder in folders:
        for completions in _shards(folder, row["note_id"]):
            found = completions.find("request_key", row["request_key"])
            if found:
                return said | {"requests": [_request(completions, *found, results)]}
    raise UserError(
        f"{results}/completions/{named['llm']}: no completion of the request of row "
        f"{row['note_id']}:{row['start']}-{row['end']}; delete {table.path} to rebuild it"
    )


def _sentence(row: Row, table: Lookup, results: Path) -> Row:
    """Of a dataset: an LLM labelled it, or wrote it, or people did."""
    said: Row = {"sentence": {name: row.get(name) for name in ("example_id", "made_by", "split")}}
    said["sentence"]["labels"] = row.get("labels")
    if row.get("note_id"):
        said["note"] = {name: row[name] for name in ("note_id", "start", "end")}
    requests = []
    for folder in _folders(results / "requests", table.path.stem):
        for asked in map(Lookup, sorted(folder.glob("*-of-*.parquet"))):
            if "sentence_id" not in asked.names:
                continue
            for number in asked.where("sentence_id", row["example_id"]):
                requests.append(_labelling(asked, number, results))
    return said | {"requests": requests}


def _labelling(asked: Lookup, number: int, results: Path) -> Row:
    """One request of a dataset: to label, to check or to write a sentence."""
    request_set = asked.path.parent.name
    request = asked.row(number)
    for path in sorted(results.glob(f"completions/*/{request_set}/{asked.path.name}")):
        completions = Lookup(path)
        found = completions.find("request_key", request["request_key"], number)
        if found:
            break
    else:
        raise UserError(f"{results}/completions: no answer to the requests of {asked.path}")
    said = _request(completions, *found, results)
    said["category"] = request.get("category")
    labels = results / "labels" / f"{request_set}.parquet"
    if labels.exists():
        answer = Lookup(labels).find("request_key", request["request_key"])
        if answer:
            said["answer"] = {name: answer[1][name] for name in ("answer", "score", "failure")}
    return said


def _request(completions: Lookup, number: int, row: Row, results: Path) -> dict[str, Any]:
    """What was asked, of whom, and what became of the answer."""
    manifest, names = completions.manifest, completions.manifest[WILDCARDS]
    request_set, llm = names["request_set"], names["llm"]
    said: Row = {"request_key": row["request_key"], "request_set": request_set}
    said["ledger_key"] = digest({"llm": manifest["llm"], "request": row["request_key"]})
    said |= _asked(results, llm, request_set, completions.path.name, row["request_key"], number)
    said["prompt"] = {"name": request_set.split(".")[1], "sha256": manifest["asked_with"]}
    said["llm"] = {"name": llm, "identity": manifest["llm"], **manifest["asked_of"]}
    said["answered"] = {name: row[name] for name in OF_ANSWERS}
    said["engine"] = {"name": row["engine"], "version": row["engine_version"]}
    said["screened"] = _screened(results, llm, request_set, completions.path, row["request_key"])
    return said


def _asked(
    results: Path, llm: str, request_set: str, shard: str, request_key: str, number: int
) -> Row:
    """How the request was made: the first round is the same for every LLM."""
    for folder in (results / "requests" / request_set, results / "requests" / llm / request_set):
        if (path := folder / shard).exists():
            found = Lookup(path).find("request_key", request_key, number)
            if found:
                row = found[1]
                named = ("section", "passage_tokens", "max_tokens", "constraint")
                said = {name: row[name] for name in named if row.get(name) is not None}
                # What the LLM is told besides the passage: which parts of the note, and where.
                return said | {"context": row.get("context_spans") or "none"}
    return {"context": "unknown: the table of requests is not there"}


def _screened(
    results: Path, llm: str, request_set: str, completions: Path, request_key: str
) -> Row | None:
    """What the screens measured, and what they said; None of an answer that takes none."""
    for room in KEPT:
        for ending, outcome in ((".parquet", "kept"), (".rejects.parquet", "")):
            path = results / room / llm / request_set / f"{completions.stem}{ending}"
            if path.exists() and (found := Lookup(path).find("request_key", request_key)):
                row = found[1]
                place = {"request_key", "note_id", "start", "end", "tokens"}
                return {"outcome": outcome or row["outcome"]} | {
                    name: value
                    for name, value in row.items()
                    if name not in place | {"outcome"} and value is not None
                }
    return None


def _note(results: Path, source: str, note_id: str) -> Row:
    """Where a note was read, if its table is there; never whose it is."""
    for room in ("distinct", "notes"):
        path = results / room / f"{source}.parquet"
        if path.exists() and (found := Lookup(path).find("note_id", note_id)):
            row = found[1]
            return {name: row[name] for name in ("split", "source_file", "source_row")}
    return {}


def _folders(room: Path, asked: str) -> list[Path]:
    """The folders of a request set, of all its rounds and contexts."""
    found = sorted(room.glob(f"{asked}.*/")) + sorted(room.glob(f"{asked}/"))
    return [folder for folder in found if folder.is_dir()]


def _shards(folder: Path, note_id: str) -> Iterator[Lookup]:
    """The tables in which a request about a note can be: that of its shard."""
    for path in sorted(folder.glob("*-of-*.parquet")):
        count = int(path.stem.partition("-of-")[2])
        if path.stem == shard_name(shard_of(note_id, count), count):
            yield Lookup(path)
