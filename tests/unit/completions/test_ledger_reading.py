"""Reading a ledger writes nothing to it, whatever state it is in."""

import os
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from palimpsest.completions.ledger import (
    Completion,
    Ledger,
    Speed,
    completion_key,
    ledger_path,
    request_seed,
)
from palimpsest.completions.ledger_admin import export_tables, summarize, verify
from palimpsest.completions.throughput import count_completed, measured_throughput, token_counts

LLM, PROMPT, SHARD = "a" * 64, "b" * 64, "000-of-001"
KEY = completion_key("request", LLM)
NOBODY = 65534


def empty(path):
    """What a kill at the very start leaves."""
    path.parent.mkdir(parents=True)
    path.touch()


def whole(path):
    completion = Completion("Pain.", "stop", 5, 3, request_seed(KEY), "vllm", "1")
    with Ledger.open(path, llm=LLM, asked_with=PROMPT) as ledger:
        ledger.commit({KEY: completion}, Speed("vllm", "m", 1, 100, 40, 1.0))


def without_speed(path):
    whole(path)
    connection = sqlite3.connect(path)
    connection.executescript("DROP TABLE speed; DROP TABLE about")
    connection.close()


MADE = {empty: 0, whole: 1, without_speed: 1}  # completions of each


@pytest.fixture(params=MADE)
def ledger(request, tmp_path):
    """A ledger, and how many completions it has."""
    path = ledger_path(tmp_path, LLM, PROMPT, "ward", SHARD)
    request.param(path)
    return path, MADE[request.param]


def read(path, state):
    """All that is read of ledgers; returns the number of completions that each reader sees."""
    measured_throughput(state, LLM, "m")
    assert verify(path) == []
    return [
        summarize(path).completions,
        sum(table.num_rows for table in export_tables(path)),
        token_counts(state, LLM, PROMPT).completions,
        count_completed(state, LLM, PROMPT, "ward", SHARD, ["request"]),
    ]


def test_reading_changes_no_byte_and_makes_no_file(ledger, tmp_path):
    path, completions = ledger
    before = path.read_bytes(), path.stat().st_mtime_ns, sorted(os.listdir(path.parent))
    assert read(path, tmp_path) == [completions] * 4
    after = path.read_bytes(), path.stat().st_mtime_ns, sorted(os.listdir(path.parent))
    assert after == before


def without_permissions(action):
    """The exit status of a function in a process that may read files of others, and write none."""
    child = os.fork()
    if not child:
        status = 99
        try:
            if not os.getuid():
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            status = action()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("make", MADE)
def test_a_ledger_that_may_not_be_written_is_read(make):
    # Not below pytest's folder, which only its owner may enter.
    with TemporaryDirectory() as name:
        state = Path(name)
        path = ledger_path(state, LLM, PROMPT, "ward", SHARD)
        make(path)
        path.chmod(0o444)
        for folder in (state, path.parent.parent, path.parent):
            folder.chmod(0o555)
        assert without_permissions(lambda: int(read(path, state) != [MADE[make]] * 4)) == 0
        for folder in (state, path.parent.parent, path.parent):
            folder.chmod(0o755)


def test_an_earlier_ledger_is_taken_over_without_a_change_to_it(ledger, tmp_path):
    path, completions = ledger
    before = path.read_bytes()
    with Ledger.open(path.with_name("ward.000-of-002.sqlite")) as later:
        assert later.adopt({KEY}) == completions
    assert path.read_bytes() == before


def test_a_ledger_without_tables_can_be_written(tmp_path):
    path = tmp_path / "new" / "ward.sqlite"
    empty(path)
    whole(path)
    assert summarize(path).completions == 1
