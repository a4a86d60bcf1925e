"""State in a bucket outlives the pods that make it, however they end."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from buckets import Bucket

from palimpsest.completions.ledger import Completion, Ledger
from palimpsest.pretraining.stored import COMPLETE, fetch_checkpoint
from palimpsest.runtime import kept_objects
from palimpsest.runtime.cache import Cache
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_json, write_text
from palimpsest.runtime.kept_objects import fetch_below, store_marked

LEDGER = Path("results/state/ledger/llm/prompt/ward.000-of-002.sqlite")
OTHER = LEDGER.with_name("ward.001-of-002.sqlite")
EARLIER = LEDGER.with_name("ward.000-of-001.sqlite")
STATE, KEY = Path("results/state/training"), "a" * 64
WORKING = STATE / f"{KEY[:32]}.working"
Pod = Callable[[], Path]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    made = Bucket()
    monkeypatch.setattr(kept_objects, "own_objects", lambda: made)
    return made


@pytest.fixture
def pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pod:
    """Gives a new, empty working folder with each call: that of the next pod."""
    folders = iter(range(99))

    def begin() -> Path:
        folder = tmp_path / f"pod{next(folders)}"
        folder.mkdir()
        monkeypatch.chdir(folder)
        return folder

    return begin


def answer(text: str) -> Completion:
    return Completion(text, "stop", 3, 2, 7, "test", "1")


def texts(*keys: str) -> list[str]:
    with Ledger.open(LEDGER) as ledger:
        rows = ledger.read(ledger.rowids(list(keys)))
        return sorted(row[0] for row in rows.values())


def test_each_window_of_a_ledger_is_there_for_the_next_pod(bucket: Bucket, pod: Pod) -> None:
    pod()
    with pytest.raises(UserError, match="stopped"):
        with Ledger.open(LEDGER) as ledger:
            ledger.commit({"a": answer("one")})
            ledger.commit({"b": answer("two")})
            raise KeyboardInterrupt
    assert bucket.puts == [str(LEDGER)] * 2
    pod()
    assert texts("a", "b", "c") == ["one", "two"]


def test_a_ledger_that_needs_nothing_is_fetched_and_not_stored(bucket: Bucket, pod: Pod) -> None:
    pod()
    with Ledger.open(LEDGER) as ledger:
        ledger.commit({"a": answer("one")})
    pod()
    bucket.puts.clear()
    assert texts("a") == ["one"]
    assert not bucket.puts


def test_of_two_writers_the_second_one_fails_and_nothing_is_lost(bucket: Bucket, pod: Pod) -> None:
    pod()
    with pytest.raises(UserError, match="another process"):
        with Ledger.open(LEDGER) as outlived:
            pod()
            with Ledger.open(LEDGER) as ledger:
                ledger.commit({"a": answer("one")})
            outlived.commit({"b": answer("two")})
    pod()
    assert texts("a", "b") == ["one"]


def journal_of_a_killed_writer(path: Path) -> bytes:
    """What SQLite would undo with: the journal of a transaction that has reached the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 2")
        connection.execute("BEGIN")
        connection.execute("UPDATE answers SET text = 'none'")
        connection.executemany(
            "INSERT INTO about VALUES (?, ?)", [(i, "x" * 4000) for i in range(99)]
        )
        journal = Path(f"{path}-journal").read_bytes()
        connection.execute("ROLLBACK")
    return journal


def test_a_journal_that_was_left_here_does_not_undo_what_is_fetched(
    bucket: Bucket, pod: Pod
) -> None:
    pod()
    with Ledger.open(LEDGER) as ledger:
        ledger.commit({"b": answer("two")})
    journal = journal_of_a_killed_writer(LEDGER)
    with Ledger.open(LEDGER) as ledger:
        ledger.commit({"a": answer("one")})
    Path(f"{LEDGER}-journal").write_bytes(journal)
    assert texts("a", "b") == ["one", "two"]


def test_ledgers_of_other_cuts_are_adopted_and_those_of_this_one_left(
    bucket: Bucket, pod: Pod
) -> None:
    pod()
    for path, key in ((EARLIER, "a"), (OTHER, "b")):
        with Ledger.open(path) as ledger:
            ledger.commit({key: answer(f"of {path.stem}")})
    folder = pod()
    with Ledger.open(LEDGER) as ledger:
        assert ledger.adopt({"a", "b"}) == 1
        assert ledger.adopt({"b"}) == 0
    assert bucket.gets == [str(EARLIER)]
    assert not (folder / OTHER).exists()


def test_plans_see_every_ledger_of_an_llm(bucket: Bucket, pod: Pod) -> None:
    pod()
    for path in (LEDGER, OTHER, EARLIER):
        with Ledger.open(path):
            pass
        with Ledger.open(path) as ledger:
            ledger.commit({"a": answer("one")})
    folder = pod()
    fetch_below(LEDGER.parents[1], ".sqlite")
    assert all((folder / path).is_file() for path in (LEDGER, OTHER, EARLIER))


def finish(text: str = "weights") -> Cache:
    cache = Cache(STATE, KEY)
    with cache.alone():
        if not cache.is_finished():
            for name in ("model", "config"):
                write_text(cache.working / "made" / name, f"{text} {name}")
            cache.finish(cache.working / "made")
    return cache


def delivered(cache: Cache) -> str:
    cache.deliver(Path("out"), "model", "config")
    return Path("out/model").read_text()


def test_finished_work_is_taken_by_the_next_pod(bucket: Bucket, pod: Pod) -> None:
    pod()
    finish()
    pod()
    assert delivered(finish("other weights")) == "weights model"


@pytest.mark.parametrize("what", ["manifest", "file", "missing"])
def test_damaged_work_is_made_again_and_stored_again(bucket: Bucket, pod: Pod, what: str) -> None:
    pod()
    cache = finish()
    if what == "manifest":
        bucket.objects[str(cache.manifest)] = b"{}"
    else:
        name = next(name for name, value in bucket.objects.items() if value == b"weights model")
        if what == "file":
            bucket.objects[name] = b"weights MODEL"
        else:
            del bucket.objects[name]
    pod()
    assert delivered(finish("new")) == "new model"
    pod()
    assert delivered(finish("newer")) == "new model"


def test_work_that_two_pods_finish_is_that_of_the_first(bucket: Bucket, pod: Pod) -> None:
    late = pod()
    cache = Cache(STATE, KEY)
    assert not cache.is_finished()
    pod()
    finish("first")
    os.chdir(late)
    for name in ("model", "config"):
        write_text(cache.working / "made" / name, f"second {name}")
    cache.finish(cache.working / "made")
    assert delivered(cache) == "first model"
    pod()
    assert delivered(finish()) == "first model"


def checkpoint(step: int, text: str) -> None:
    folder = WORKING / f"checkpoint-{step}"
    write_text(folder / "state", text)
    write_json(folder / COMPLETE, described(folder, ["state"])["files"])
    store_marked(folder, COMPLETE)


def test_the_newest_whole_checkpoint_is_taken_and_those_of_finished_work_removed(
    bucket: Bucket, pod: Pod
) -> None:
    pod()
    for step in (5, 10, 15):
        checkpoint(step, f"after {step}")
    damaged = next(name for name, value in bucket.objects.items() if value == b"after 15")
    bucket.objects[damaged] = b"AFTER 15"
    del bucket.objects[str(WORKING / "checkpoint-5" / COMPLETE)]
    folder = pod()
    fetch_checkpoint(WORKING)
    found = sorted(path.name for path in (folder / WORKING).iterdir())
    assert found == ["checkpoint-10"]
    assert (folder / WORKING / "checkpoint-10/state").read_text() == "after 10"
    finish()
    assert not any(name.startswith(str(WORKING)) for name in bucket.objects)


def test_without_a_bucket_nothing_is_fetched(pod: Pod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PALIMPSEST_OBJECTS", raising=False)
    pod()
    with Ledger.open(LEDGER) as ledger:
        ledger.commit({"a": answer("one")})
    fetch_checkpoint(WORKING)
    assert delivered(finish()) == "weights model"
    assert texts("a") == ["one"]
