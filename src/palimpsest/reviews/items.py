"""The items of a review: a sample of documents or sentences, each beside what it was made from."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path

from palimpsest.facts.model import UNFAITHFUL
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields, read_manifest, read_rows, read_schema
from palimpsest.runtime.identity import digest
from palimpsest.runtime.origins import WILDCARDS
from palimpsest.runtime.request_sets import NO_CONTEXT
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import Lowest, sampling_key
from palimpsest.runtime.shards import shard_tables

WORD = re.compile(r"\w+(?:[.,:/-]\w+)*|[^\w\s]")
DOCUMENT = ["part", "repeat", "note_id", "start", "end", "request_key", "text"]
SENTENCE = ["example_id", "group", "text", "labels", "note_id", "start", "end"]
FINDING = ["request_key", "start", "findings"]
JUDGED = ["origin", "of_llm", "of_prompt", "of_context", "note_id", "start", "claims", "failure"]
FOUND, NOTHING = "found", "nothing"  # by a judge
KEPT = "kept"  # a fact, by rules
AROUND = 400  # characters of a note on either side of a sentence
ORDER = "review-page"


def documents(
    corpus: Path,
    requests: Iterable[Path],
    findings: Iterable[Path],
    judgements: Path | None,
    size: int,
    seed: int,
) -> list[Row]:
    """Items of a corpus: what an LLM wrote beside its passage or case report.

    requests, findings: manifests of the first shards of request sets, and of what rules found in
    their rephrases. judgements: of a judge; only what it judged is drawn then. Raises UserError
    where a document's request is in none of the sets.
    """
    parts = read_manifest(corpus, "parts")["parts"]
    judged = _judged(judgements) if judgements else None
    drawn: Lowest[tuple[int, Row]] = Lowest(size)
    for number, row in enumerate(read_rows(corpus, DOCUMENT)):
        part = parts[row["part"] - 1]
        if not row["request_key"] or row["repeat"] or not part.get("llm"):
            continue
        if judged is None or _place(part, row) in judged:
            key = sampling_key(ORDER, seed, str(row["part"]), row["request_key"])
            drawn.offer(key, (number, row))
    chosen = [row for _, (_, row) in sorted(drawn.drawn())]
    keys = {row["request_key"] for row in chosen}
    asked, found = _by_key(chain_tables(requests), keys), _findings(findings, keys)
    items = []
    for row in chosen:
        if row["request_key"] not in asked:
            raise UserError(
                f"{corpus}: no request of the document of note {row['note_id']!r} from "
                f"{row['start']}; delete it to rebuild it"
            )
        request, part = asked[row["request_key"]], parts[row["part"] - 1]
        # LLMs that are asked the same have the same keys.
        said = {"id": digest([row["part"], row["request_key"]])[:16], "unit": row["note_id"]}
        said |= {"given": request["passage"], "context": request.get("context") or ""}
        said |= {"text": row["text"], "place": f"{row['note_id']}:{row['start']}-{row['end']}"}
        named = [part.get(name) for name in ("llm", "prompt", "context")]
        said["made"] = " · ".join(name for name in named if name and name != NO_CONTEXT)
        by_rules = found.get((part["llm"], row["request_key"]))
        # What is cut off a document has no place in it.
        inside = [one for one in by_rules or [] if one["b"][1] <= len(row["text"])]
        said["rules"] = by_rules is not None
        said["kept"] = sum(one["status"] == KEPT for one in inside)
        said["findings"] = [one for one in inside if one["status"] in UNFAITHFUL]
        said["judge"] = judged[_place(part, row)] if judged is not None else ""
        items.append(said)
    return items


def sentences(dataset: Path, notes: Path | None, size: int, seed: int) -> list[Row]:
    """Items of a dataset: a sentence with its labels, and what stands around it in its note."""
    drawn: Lowest[tuple[int, Row]] = Lowest(size)
    for number, row in enumerate(read_rows(dataset, SENTENCE)):
        drawn.offer(sampling_key(ORDER, seed, row["example_id"]), (number, row))
    chosen = [row for _, (_, row) in sorted(drawn.drawn())]
    around = _around(notes, chosen) if notes else {}
    return [
        {
            "id": row["example_id"],
            "unit": row["group"],
            "text": row["text"],
            "given": around.get(row["example_id"], ""),
            "context": "",
            "place": f"{row['note_id']}:{row['start']}-{row['end']}" if row["note_id"] else "",
            "made": "",
            "labels": row["labels"],
            "findings": [],
            "rules": False,
            "kept": 0,
            "judge": "",
        }
        for row in chosen
    ]


def numbered(items: list[Row]) -> list[Row]:
    """The items as the page has them: with differences, and units that name nobody.

    What leaves with the answers are numbers: an id of a note is none of them.
    """
    units: dict[str, str] = {}
    for item in items:
        item["unit"] = units.setdefault(item["unit"], f"u{len(units) + 1}")
        left, right = ("", "") if "labels" in item else (item["given"], item["text"])
        item["differences"] = differences(left, right)
    return items


def differences(left: str, right: str) -> list[list[list[int]]]:
    """What only one of two texts has, word by word: spans of the left, and spans of the right."""
    words = [list(WORD.finditer(text)) for text in (left, right)]
    names = [[word[0].casefold() for word in side] for side in words]
    spans: list[list[list[int]]] = [[], []]
    matcher = SequenceMatcher(None, *names, autojunk=False)
    for kind, *ends in matcher.get_opcodes():
        if kind != "equal":
            for side, (first, last) in enumerate((ends[:2], ends[2:])):
                if first < last:
                    spans[side].append([words[side][first].start(), words[side][last - 1].end()])
    return spans


def chain_tables(firsts: Iterable[Path]) -> Iterator[Path]:
    """All tables of some request sets."""
    for first in firsts:
        yield from shard_tables(first)


def _by_key(tables: Iterable[Path], keys: set[str]) -> dict[str, Row]:
    """The requests with some keys. `context` is read where a table has it."""
    found = {}
    for table in tables:
        columns = ["request_key", "passage"]
        columns += ["context"] if _has_context(table) else []
        for row in read_rows(table, columns):
            if row["request_key"] in keys:
                found[row["request_key"]] = row
    return found


def _has_context(table: Path) -> bool:
    return "context" in read_schema(table).names


def _findings(firsts: Iterable[Path], keys: set[str]) -> dict[tuple[str, str], list[Row]]:
    """What rules found in the rephrases of some requests, by LLM and request."""
    found = {}
    for first in firsts:
        llm = read_fields(first).get(WILDCARDS, {}).get("llm", "")
        for table in shard_tables(first):
            for row in read_rows(table, FINDING):
                if row["request_key"] in keys:
                    listed = [_finding(one, row["start"]) for one in row["findings"]]
                    found[llm, row["request_key"]] = listed
    return found


def _finding(one: Row, begin: int) -> Row:
    """A finding as the page has it: spans of what was given and of what was written, [-1, -1] where
    there is nothing on a side. begin: of the passage in its note.
    """
    given, written = [one["note_start"], one["note_end"]], [one["start"], one["end"]]
    return {
        "type": one["type"],
        "status": one["status"],
        "a": [-1, -1] if given[0] is None else [offset - begin for offset in given],
        "b": [-1, -1] if written[0] is None else written,
    }


def _judged(judgements: Path) -> dict[tuple, str]:
    """Whether a judge claims an error, by what made a rephrase and from where."""
    return {
        (row["of_llm"], row["of_prompt"], row["of_context"], row["note_id"], row["start"]): (
            FOUND if row["claims"] else NOTHING
        )
        for row in read_rows(judgements, JUDGED)
        if row["origin"] == "rephrased" and not row["failure"]
    }


def _place(part: Row, row: Row) -> tuple:
    context = part.get("context") or NO_CONTEXT
    return part["llm"], part["prompt"], context, row["note_id"], row["start"]


def _around(notes: Path, rows: list[Row]) -> dict[str, str]:
    """What stands around each sentence in its note, the sentence included."""
    wanted: dict[str, list[Row]] = {}
    for row in rows:
        wanted.setdefault(row["note_id"], []).append(row)
    found = {}
    for note in read_rows(notes, ["note_id", "text"]):
        for row in wanted.get(note["note_id"], []):
            start, end = max(0, row["start"] - AROUND), row["end"] + AROUND
            before = "… " if start else ""
            after = " …" if end < len(note["text"]) else ""
            found[row["example_id"]] = f"{before}{note['text'][start:end]}{after}"
    return found
