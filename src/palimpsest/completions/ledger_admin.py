"""The ledgers of a results folder: to list, to verify, to repair, to export and to prune."""

import os
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from palimpsest.completions.errors import ledger_faults
from palimpsest.completions.ledger import (
    COLUMNS,
    NAMES,
    SUMS,
    TABLES,
    Completion,
    answer_digest,
    checked,
    completion_key,
    digest_column,
    locked,
    opened,
    reading,
    request_seed,
)
from palimpsest.runtime.atomic import sync_directory, temporary_folder
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.faults import explained
from palimpsest.runtime.files import copy, read_batches, read_manifest

KEY = re.compile(r"[0-9a-f]{64}")
ROWS = 8192  # that are held in memory
MISSED = 100_000  # rows in a stretch that cannot be read, after which a ledger is at its end
DAMAGED = ".sqlite.damaged"  # the ending of a ledger that was replaced by `repair`
EXPORTED = pa.schema(
    [(name, pa.string()) for name in ("llm_name", "llm", "prompt_name", "asked_with")]
    + [(name, pa.string()) for name in ("source", "shard", "key", "text", "finish_reason")]
    + [("tokens_in", pa.int64()), ("tokens_out", pa.int64()), ("seed", pa.int64())]
    + [("engine", pa.string()), ("engine_version", pa.string())]
)


class LedgerSummary(NamedTuple):
    """What one ledger is of and how many completions it has.

    llm, asked_with: identities of the LLM and of the prompt; the first 16 digits where an earlier
    version made the ledger, which then has no names either. tokens: sums over the completions.
    """

    path: Path
    llm: str
    llm_name: str
    asked_with: str
    prompt_name: str
    source: str
    shard: str
    completions: int
    tokens_in: int
    tokens_out: int
    bytes: int


def ledgers(results: Path) -> list[Path]:
    """The ledgers of a results folder. Raises UserError when it has none."""
    found = sorted((results / "state" / "ledger").glob("*/*/*.sqlite"))
    if not found:
        raise UserError(
            f"{results / 'state' / 'ledger'}: no ledgers; expected the results folder of a study "
            "whose LLMs completed requests, given by --results"
        )
    return found


def summarize(path: Path) -> LedgerSummary:
    """The summary of a ledger. Raises UserError when it cannot be read."""
    with reading(path) as connection:
        metadata = _metadata(path, connection)
        counted = connection.execute(f"{SUMS} FROM answers").fetchone()
    return _summary(path, metadata, counted, path.stat().st_size)


def verify(path: Path) -> list[str]:
    """What is wrong with a ledger, in lines without note text; none when it is sound."""
    problems: list[str] = []
    try:
        with opened(path) as connection:
            found = connection.execute("PRAGMA main.integrity_check")
            lines = [line for (text,) in found for line in text.splitlines()]
            problems += [f"SQLite: {line}" for line in lines if line != "ok"]
            metadata = _metadata(path, connection)
            if not metadata["llm"].startswith(path.parent.parent.name):
                problems.append(f"lies in the folder of another LLM than {metadata['llm'][:16]}")
            if not metadata["asked_with"].startswith(path.parent.name):
                problems.append(f"lies in the folder of another prompt than {path.parent.name}")
            tables = "SELECT name FROM main.sqlite_master WHERE type = 'table'"
            if unknown := {name for (name,) in connection.execute(tables)} - NAMES:
                problems.append(f"has unknown tables {sorted(unknown)}")
            counts: Counter[str] = Counter()
            stored = f"SELECT key, {COLUMNS}, {digest_column(connection)} FROM answers"
            for key, *row, digest in connection.execute(stored):
                completion = Completion(*row)
                formed = isinstance(key, str) and KEY.fullmatch(key) is not None
                tokens = (completion.tokens_in, completion.tokens_out)
                counted = all(isinstance(number, int) and number >= 0 for number in tokens)
                wrong = {
                    "malformed keys": not formed,
                    "completions without text": not isinstance(completion.text, str),
                    "seeds of other keys": formed and completion.seed != request_seed(key),
                    "unknown finish reasons": completion.finish_reason not in ("stop", "length"),
                    "impossible numbers of tokens": not counted,
                    "completions that are not what was stored": digest is not None
                    and digest != answer_digest(key, *row),
                }
                counts.update(wrong)
            problems += [f"{count:,} {problem}" for problem, count in counts.items() if count]
    except sqlite3.Error as error:
        problems.append(f"SQLite: {error}")
    return problems


def export_tables(path: Path) -> Iterator[pa.Table]:
    """The completions of a ledger in pieces of EXPORTED columns, in the order of their keys."""
    with reading(path) as connection:
        metadata = _metadata(path, connection)
        stored = f"SELECT key, {COLUMNS}, {digest_column(connection)} FROM answers ORDER BY key"
        found = checked(path, connection.execute(stored))
        while rows := list(islice(found, ROWS)):
            columns: dict[str, Any] = {name: [metadata[name]] * len(rows) for name in metadata}
            names = ["key", *Completion._fields]
            columns |= dict(zip(names, zip(*rows, strict=True), strict=True))
            yield pa.Table.from_pydict({name: columns[name] for name in EXPORTED.names}, EXPORTED)


def prune(
    path: Path, llms: Iterable[str], requests: Iterable[Path], dry_run: bool
) -> LedgerSummary:
    """Remove the completions of requests that are not made; returns what was or would be removed.

    llms: identities of the LLMs that are still used. requests: tables of requests; those that are
    made with another prompt than the ledger's completions are passed over.
    Raises UserError when a job is writing the ledger, or when a file cannot be read.
    """
    with explained(path), ledger_faults(path), locked(path), opened(path) as connection:
        # What is removed is overwritten, and no copy of what stays is made outside the results.
        connection.executescript("PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY")
        metadata = _metadata(path, connection)
        before = path.stat().st_size
        connection.execute("CREATE TEMP TABLE wanted (key TEXT PRIMARY KEY) WITHOUT ROWID")
        for llm in {llm for llm in llms if llm.startswith(path.parent.parent.name)}:
            for table in requests:
                made_with = read_manifest(table, "asked_with")["asked_with"]
                if not made_with.startswith(path.parent.name):
                    continue
                for batch in read_batches(table, ["request_key"], ROWS):
                    keys = batch["request_key"].to_pylist()
                    connection.executemany(
                        "INSERT OR IGNORE INTO wanted VALUES (?)",
                        ((completion_key(key, llm),) for key in keys),
                    )
        unwanted = "FROM answers WHERE key NOT IN (SELECT key FROM wanted)"
        removed = connection.execute(f"{SUMS} {unwanted}").fetchone()
        connection.commit()
        if removed[0] and not dry_run:
            with connection:
                connection.execute(f"DELETE {unwanted}")
            connection.execute("VACUUM")
    return _summary(path, metadata, removed, before - path.stat().st_size)


def repair(path: Path) -> tuple[int, int]:
    """Replace a damaged ledger by one of its sound completions; the damaged one is kept beside it.

    Returns how many completions were kept, and how many rows were found that are not sound. What
    is in pages that cannot be read is in neither number.
    Raises UserError when a job is writing the ledger, or when nothing of it can be read.
    """
    kept = broken = 0
    with explained(path), ledger_faults(path), locked(path):
        copy(path, path.with_suffix(DAMAGED))
        with opened(path) as connection, temporary_folder(path, beside=True) as folder:
            with closing(sqlite3.connect(folder / path.name)) as made, made:
                made.executescript(TABLES.format(db="main"))
                for key, *row, digest in _readable(connection):
                    if digest == answer_digest(key, *row) or (digest is None and _formed(key, row)):
                        variables = f"?, ?{', ?' * len(row)}"
                        made.execute(
                            f"INSERT OR IGNORE INTO answers (key, {COLUMNS}, digest) "
                            f"VALUES ({variables})",
                            (key, *row, answer_digest(key, *row)),
                        )
                        kept += 1
                    else:
                        broken += 1
                metadata = _metadata(path, connection)
                made.executemany("INSERT INTO about VALUES (?, ?)", metadata.items())
            os.replace(folder / path.name, path)
            sync_directory(path.parent)
    return kept, broken


def _formed(key: Any, row: Sequence[Any]) -> bool:
    """Whether a completion of a version without digests may be what was stored."""
    completion = Completion(*row)
    sound = isinstance(key, str) and KEY.fullmatch(key) is not None
    return sound and completion.seed == request_seed(key) and isinstance(completion.text, str)


def _readable(connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """Key, fields and digest of every row that can be read, however damaged the pages between."""
    columns = f"rowid, key, {COLUMNS}, {digest_column(connection)}"
    last = missed = 0
    while missed < MISSED:
        try:
            rows = connection.execute(
                f"SELECT {columns} FROM answers NOT INDEXED WHERE rowid > ? ORDER BY rowid", (last,)
            )
            for rowid, *row in rows:
                last, missed = rowid, 0
                yield tuple(row)
            return
        except sqlite3.DatabaseError:  # in a page that cannot be read, there may be more behind
            last, missed = last + 1, missed + 1


def _metadata(path: Path, connection: sqlite3.Connection) -> dict[str, str]:
    """What a ledger is of: as it says, and where it does not, as its path says."""
    source, _, shard = path.stem.partition(".")
    known = {"llm": path.parent.parent.name, "llm_name": "", "asked_with": path.parent.name}
    known |= {"prompt_name": "", "source": source, "shard": shard}
    known |= dict(connection.execute("SELECT name, value FROM about"))
    return {name: known[name] for name in LedgerSummary._fields if name in known}


def _summary(
    path: Path, metadata: dict[str, str], counts: Iterable[float], size: int
) -> LedgerSummary:
    counted = zip(("completions", "tokens_in", "tokens_out"), map(int, counts), strict=True)
    return LedgerSummary(path=path, bytes=size, **dict(counted), **metadata)
