"""The ledger: every completion, stored the moment it exists, in one SQLite file a shard.

A completion's key is made of what the LLM was given and of what the LLM is. Names of prompts, LLMs
or files, and the engine's tuning, have no part in it, so none of them can bring back a stale
completion or lose a good one. The ledger is state, not an output: Snakemake never deletes it.
Where jobs share no disk, it is an object of a bucket, fetched when it is opened, and stored with
each commit.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any, NamedTuple

from palimpsest.completions.config import AskedLlm, LlmBehaviour
from palimpsest.completions.errors import REPAIR, ledger_faults
from palimpsest.runtime.checkpoints import model_manifest
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.faults import explained
from palimpsest.runtime.identity import digest
from palimpsest.runtime.kept_objects import KeptFile, fetch_below
from palimpsest.runtime.locks import lock
from palimpsest.runtime.owners import owned


class Completion(NamedTuple):
    """One completion as the engine gave it: a row of the ledger.

    finish_reason: `stop` or `length`. tokens_in, tokens_out: by the LLM's own tokenizer.
    """

    text: str
    finish_reason: str
    tokens_in: int
    tokens_out: int
    seed: int
    engine: str
    engine_version: str


class Speed(NamedTuple):
    """What one window took, or the start of the engine: then `engine` is STARTING, of no request.

    hardware: see `describe_hardware`. seconds: of wall-clock time.
    """

    engine: str
    hardware: str
    requests: int
    tokens_in: int
    tokens_out: int
    seconds: float


STARTING = "starting"
COLUMNS = ", ".join(Completion._fields)
STORED = f"rowid, key, {COLUMNS}, digest"
# Rows stand in the order of their arrival, so that the completions of a shard's neighbouring
# requests are neighbours in the file. Names of tables and columns stay as they are: every version
# reads the ledgers of those before it.
TABLES = """
CREATE TABLE IF NOT EXISTS {db}.answers (
    key TEXT PRIMARY KEY, text TEXT, finish_reason TEXT, tokens_in INTEGER, tokens_out INTEGER,
    seed INTEGER, engine TEXT, engine_version TEXT, digest TEXT
);
CREATE TABLE IF NOT EXISTS {db}.about (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS {db}.speed (engine, machine, requests, tokens_in, tokens_out, seconds);
"""
NAMES = {"answers", "about", "speed"}
SUMS = "SELECT count(*), total(tokens_in), total(tokens_out)"
VALUES_A_QUERY = 500  # SQLite allows 999 variables in its oldest builds
CACHE_KIB = 65_536


def completion_key(request_key: str, llm_identity: str) -> str:
    """The key of a completion: 64 hex digits. llm_identity: see `llm_identity`.

    It is `digest({"llm": llm_identity, "request": request_key})`, spelled out because a large
    study computes it millions of times.
    """
    text = f'{{"llm":{encode_basestring(llm_identity)},"request":{encode_basestring(request_key)}}}'
    return hashlib.sha256(text.encode()).hexdigest()


def answer_digest(key: str, *completion: Any) -> str:
    """What tells that a row of the ledger is what was stored: 32 hex digits over all of it.

    completion: the fields of a Completion, of whatever type a damaged row gives them.
    """
    said = json.dumps([key, *completion], ensure_ascii=False, default=repr)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def llm_identity(llm: LlmBehaviour, weights: str) -> str:
    """What an LLM is, for the ledger: 64 hex digits.

    llm: of an `Llm` only its behaviour counts, never its engine. weights: the `identity` of its
    weights manifest, in place of where the weights were declared.
    """
    return digest({**llm.narrowed(LlmBehaviour).identity(), "weights": weights})


def given_weights(spec: AskedLlm, manifests: list[Path]) -> tuple[str, Path | None]:
    """The identity of an LLM's weights, and their folder, which those of a server have not.

    manifests: of the prepared weights, beside which the folder lies; none of a server's.
    Raises UserError when there is none and the specification names no weights either.
    """
    if manifests:
        (manifest,) = manifests
        return model_manifest(manifest, "identity")["identity"], manifest.with_suffix("")
    if spec.weights is None:
        raise UserError(f"LLM '{spec.llm_name}' needs its prepared weights: give --weights")
    return spec.weights, None


def request_seed(key: str) -> int:
    """The seed of one completion, in [0, 2**31): a function of its key, so of nothing around it."""
    return int(key[:8], 16) & 0x7FFFFFFF


def ledger_path(state: Path, llm: str, asked_with: str, source: str, shard: str) -> Path:
    """Where a shard's ledger lies: below the identities of the LLM and of the prompt.

    Renaming a prompt or an LLM therefore finds the same file again.
    """
    return state / llm[:16] / asked_with[:16] / f"{source}.{shard}.sqlite"


def earlier_ledgers(path: Path) -> list[Path]:
    """Ledgers of the same prompt and the same LLM under another cut of the notes.

    These are left behind when a source is renamed or gets another number of shards. The present
    cut's other shards are left out: they may be at work, and what is copied must not depend on
    how far they are.
    """
    return [other for other in sorted(path.parent.glob("*.sqlite")) if is_earlier(other, path)]


def is_earlier(other: Path, path: Path) -> bool:
    """Whether a ledger is of another cut of the notes, going by its name."""

    def cut(ledger: Path) -> tuple[str, str]:
        return ledger.stem.split(".")[0], ledger.stem.rpartition("-of-")[2]

    return cut(other) != cut(path)


@contextmanager
def _fetched(path: Path) -> Iterator[KeptFile]:
    """A ledger as the bucket has it, where jobs share no disk."""
    kept = KeptFile(path)
    if kept.fetch():  # a journal is of what was here before
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    yield kept


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep every other writer from a ledger while the block runs.

    Raises UserError when another process has it.
    """
    with path.with_suffix(".lock").open("w") as held:
        if not lock(held.fileno(), path):
            raise UserError(
                f"{path}: another process is writing this ledger. Wait for it, or end it "
                "(on a cluster: cancel the job that was left behind)"
            )
        with owned(path):
            yield


@contextmanager
def opened(path: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """A connection to a ledger that is there, or with mode `rwc` to one that may be new.

    Readers write nothing, but that SQLite rolls back what a killed writer left half-way, where it
    may. One that was killed at the very start left no tables: SQLite then finds the empty ones.
    """
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.text_factory = _text
        connection.executescript(
            f"PRAGMA cache_size = -{CACHE_KIB}; ATTACH ':memory:' AS empty;"
            + TABLES.format(db="main" if mode == "rwc" else "empty")
        )
        yield connection


def _text(stored: bytes) -> str:
    """A text that is stored; damaged ones need not be UTF-8."""
    return stored.decode("utf-8", "surrogateescape")


def digest_column(connection: sqlite3.Connection) -> str:
    """The name of the column of digests, or NULL: ledgers of earlier versions have none."""
    columns = connection.execute("PRAGMA table_info(answers)").fetchall()
    return "digest" if any(column[1] == "digest" for column in columns) else "NULL"


def checked(
    path: Path, rows: Iterable[tuple[Any, ...]], other: int = 0
) -> Iterator[tuple[Any, ...]]:
    """Rows of a ledger without their last column, the digest, which must be that of the rest.

    other: columns before the key. Raises UserError for a row that is not what was stored.
    """
    for *row, digest_ in rows:
        if digest_ not in (None, answer_digest(*row[other:])):
            raise UserError(
                f"{path}: a completion is not what was stored, its key begins with "
                f"{str(row[other])[:12]!a}: have the disk checked; {REPAIR}"
            )
        yield tuple(row)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a ledger that is there. Raises UserError when it cannot be read."""
    try:
        with opened(path) as connection:
            yield connection
    except sqlite3.Error as error:
        raise UserError(f"{path}: the ledger cannot be read ({error}); {REPAIR}") from error


class Ledger:
    """A shard's completions. One process writes at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection, kept: KeptFile) -> None:
        self.path, self.connection, self.kept = path, connection, kept
        self.earlier_here = False  # whether earlier ledgers are on this disk

    @classmethod
    @contextmanager
    def open(cls, path: Path, **metadata: str) -> Iterator["Ledger"]:
        """Open for writing, creating the file where needed.

        metadata: what the ledger is of, by name, for those who look at it later.
        Raises UserError when another process has it open, or when it cannot be used.
        """
        with explained(path), ledger_faults(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with locked(path), _fetched(path) as kept, opened(path, "rwc") as connection:
                # A completion must survive power loss once it is committed.
                connection.execute("PRAGMA synchronous = FULL")
                ledger = cls(path, connection, kept)
                ledger._prepare()
                if metadata and ledger.metadata() != metadata:
                    with connection:
                        connection.execute("DELETE FROM about")
                        connection.executemany("INSERT INTO about VALUES (?, ?)", metadata.items())
                yield ledger

    def _prepare(self) -> None:
        """Check the ledger as a whole, and give digests to rows of versions that had none."""
        for (problem,) in self.connection.execute("PRAGMA main.integrity_check(1)"):
            if problem != "ok":
                said = problem.splitlines()[-1]
                raise UserError(f"{self.path}: the ledger is damaged ({said}); {REPAIR}")
        tables = "SELECT name FROM main.sqlite_master WHERE type = 'table'"
        if unknown := {name for (name,) in self.connection.execute(tables)} - NAMES:
            raise UserError(f"{self.path}: unknown tables {sorted(unknown)}; {REPAIR}")
        with self.connection:
            if digest_column(self.connection) == "NULL":
                self.connection.execute("ALTER TABLE answers ADD COLUMN digest TEXT")
            self.connection.create_function("answer_digest", -1, answer_digest)
            self.connection.execute(
                f"UPDATE answers SET digest = answer_digest(key, {COLUMNS}) WHERE digest IS NULL"
            )

    def metadata(self) -> dict[str, str]:
        """What was said of the ledger when it was last opened."""
        return dict(self.connection.execute("SELECT name, value FROM about"))

    def rowids(self, keys: list[str]) -> list[int]:
        """The rows of some keys' completions, in the order of the keys; 0 where there is none.

        A completion keeps its row while the ledger is open.
        """
        found = dict(select(self.connection, "key, rowid", keys))
        return [found.get(key, 0) for key in keys]

    def read(self, rowids: Iterable[int]) -> dict[int, tuple[Any, ...]]:
        """The completions of some rows, by rowid, each a tuple of Completion's fields.

        Raises UserError when one is not what was stored.
        """
        wanted = sorted(set(rowids) - {0})
        if wanted and wanted[-1] - wanted[0] < 2 * len(wanted):
            # Neighbours, as the completions of neighbouring requests are: one stretch, read whole.
            rows: Iterable[tuple[Any, ...]] = self.connection.execute(
                f"SELECT {STORED} FROM answers WHERE rowid BETWEEN ? AND ?",
                (wanted[0], wanted[-1]),
            )
        else:
            rows = select(self.connection, STORED, wanted, "rowid")
        return {row[0]: row[2:] for row in checked(self.path, rows, 1)}

    def commit(self, completions: dict[str, Completion], *speed: Speed) -> None:
        """Store some completions, all or none, and return when they are on disk.

        Where jobs share no disk, they are then in the bucket, too. A completion that is there
        already stays: the first is the record.
        """
        with self.connection:
            self.connection.executemany(
                f"INSERT OR IGNORE INTO answers (key, {COLUMNS}, digest) "
                f"VALUES (?{', ?' * len(Completion._fields)}, ?)",
                [
                    (key, *completion, answer_digest(key, *completion))
                    for key, completion in completions.items()
                ],
            )
            self.connection.executemany("INSERT INTO speed VALUES (?, ?, ?, ?, ?, ?)", speed)
        self.kept.store()

    def adopt(self, keys: set[str]) -> int:
        """Copy completions of these keys from earlier ledgers; returns how many were found."""
        found: dict[str, Completion] = {}
        if not self.earlier_here:
            fetch_below(self.path.parent, ".sqlite", lambda other: is_earlier(other, self.path))
            self.earlier_here = True
        for other in earlier_ledgers(self.path):
            try:
                with opened(other) as connection:
                    columns = f"key, {COLUMNS}, {digest_column(connection)}"
                    rows = checked(other, select(connection, columns, keys - found.keys()))
                    found |= {key: Completion(*row) for key, *row in rows}
            except sqlite3.Error as error:
                raise UserError(
                    f"{other}: this earlier ledger cannot be used ({error}); {REPAIR}. Or move it "
                    "elsewhere to go on without its completions"
                ) from error
        if found:
            self.commit(found)
        return len(found)


def select(
    connection: sqlite3.Connection, columns: str, values: Iterable[Any], by: str = "key"
) -> Iterator[tuple[Any, ...]]:
    """Columns of the completions whose keys, or another column, are given; in no order."""
    values = list(values)
    for start in range(0, len(values), VALUES_A_QUERY):
        batch = values[start : start + VALUES_A_QUERY]
        variables = f"?{', ?' * (len(batch) - 1)}"
        query = f"SELECT {columns} FROM answers WHERE {by} IN ({variables})"
        yield from connection.execute(query, batch).fetchall()
