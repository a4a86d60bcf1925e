"""The ledger: every answer of an LLM, stored the moment it exists, in one SQLite file a shard.

An answer's key is made of what the LLM was given and of what the LLM is. Names of prompts, LLMs
or files, and the engine's tuning, have no part in it, so none of them can bring back a stale
answer or lose a good one. The ledger is state, not an output: Snakemake never deletes it.
"""

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from palimpsest.core.errors import UserError
from palimpsest.core.identity import digest


@dataclass(frozen=True)
class Answer:
    """One completion as the engine gave it.

    finish_reason: `stop` or `length`. tokens_in, tokens_out: by the LLM's own tokenizer.
    """

    text: str
    finish_reason: str
    tokens_in: int
    tokens_out: int
    seed: int
    engine: str
    engine_version: str


COLUMNS = [field.name for field in fields(Answer)]
HAS_ANSWERS = "SELECT 1 FROM sqlite_master WHERE name = 'answers'"
KEYS_A_QUERY = 500  # SQLite allows 999 variables in its oldest builds


def answer_key(request_key: str, llm_identity: str) -> str:
    """The key of an answer: 64 hex digits. llm_identity: see `llm_identity`."""
    return digest({"request": request_key, "llm": llm_identity})


def llm_identity(llm: dict[str, object], weights: str) -> str:
    """What an LLM is, for the ledger: 64 hex digits.

    llm: the identity of an LLM file (chat, sampling, dtype, max_model_len; never the engine).
    weights: the `identity` of its weights manifest, in place of where the weights were declared.
    """
    return digest({**{key: llm[key] for key in llm if key != "weights"}, "weights": weights})


def request_seed(key: str) -> int:
    """The seed of one answer, in [0, 2**31): a function of its key, so of nothing around it."""
    return int(key[:8], 16) & 0x7FFFFFFF


def ledger_path(state: Path, llm: str, asked_with: str, source: str, shard: str) -> Path:
    """Where a shard's ledger lies: below the identities of the LLM and of the prompt.

    Renaming a prompt or an LLM therefore finds the same file again.
    """
    return state / llm[:16] / asked_with[:16] / f"{source}.{shard}.sqlite"


def earlier_ledgers(path: Path) -> list[Path]:
    """Ledgers that asked the same prompt of the same LLM under another cut of the notes.

    These are left behind when a source is renamed or gets another number of shards. The present
    cut's other shards are left out: they may be at work, and what is copied must not depend on
    how far they are.
    """
    source, cut = path.stem.split(".")[0], path.stem.rpartition("-of-")[2]
    return [
        other
        for other in sorted(path.parent.glob("*.sqlite"))
        if (other.stem.split(".")[0], other.stem.rpartition("-of-")[2]) != (source, cut)
    ]


class Ledger:
    """A shard's answers. One process writes at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self.connection = path, connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator["Ledger"]:
        """Open for writing, creating the file where needed.

        Raises UserError when another process has it open, or when it cannot be used.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UserError(
                    f"{path}: another process is writing this ledger. Wait for it, or end it "
                    "(on a cluster: cancel the job that was left behind)"
                ) from error
            try:
                connection = sqlite3.connect(path)
                try:
                    # An answer must survive power loss once it is committed.
                    connection.execute("PRAGMA synchronous = FULL")
                    connection.execute(
                        "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, text TEXT, "
                        "finish_reason TEXT, tokens_in INTEGER, tokens_out INTEGER, seed INTEGER, "
                        "engine TEXT, engine_version TEXT) WITHOUT ROWID"
                    )
                    yield cls(path, connection)
                finally:
                    connection.close()
            except sqlite3.Error as error:
                raise UserError(f"{path}: the ledger cannot be used: {error}") from error

    def get(self, keys: Iterable[str]) -> dict[str, Answer]:
        """The answers that are there, by key."""
        return _get(self.connection, list(keys))

    def commit(self, answers: dict[str, Answer]) -> None:
        """Store some answers, all or none, and return when they are on disk.

        An answer that is there already stays: the first is the record.
        """
        with self.connection:
            self.connection.executemany(
                f"INSERT OR IGNORE INTO answers (key, {', '.join(COLUMNS)}) "
                f"VALUES (?{', ?' * len(COLUMNS)})",
                [(key, *astuple(answer)) for key, answer in answers.items()],
            )

    def adopt(self, keys: list[str]) -> int:
        """Copy answers to these keys from earlier ledgers; returns how many were found."""
        found: dict[str, Answer] = {}
        for other in earlier_ledgers(self.path):
            # Opened for writing: only so is rolled back what a killed writer left half-way.
            connection = sqlite3.connect(f"{other.absolute().as_uri()}?mode=rw", uri=True)
            try:
                if connection.execute(HAS_ANSWERS).fetchone():
                    found |= _get(connection, [key for key in keys if key not in found])
            except sqlite3.Error as error:
                raise UserError(
                    f"{other}: this earlier ledger cannot be used ({error}); move it elsewhere to "
                    "go on without its answers"
                ) from error
            finally:
                connection.close()
        self.commit(found)
        return len(found)


def _get(connection: sqlite3.Connection, keys: list[str]) -> dict[str, Answer]:
    found = {}
    for start in range(0, len(keys), KEYS_A_QUERY):
        some = keys[start : start + KEYS_A_QUERY]
        rows = connection.execute(
            f"SELECT key, {', '.join(COLUMNS)} FROM answers "
            f"WHERE key IN (?{', ?' * (len(some) - 1)})",
            some,
        )
        found.update({row[0]: Answer(*row[1:]) for row in rows})
    return found
