"""Kept work is what was finished, or none: an edit of what was delivered does not change it."""

import pytest

from palimpsest.runtime.cache import Cache, kept_work
from palimpsest.runtime.files import write_text

KEY = "a" * 64


def finished(tmp_path, text="weights"):
    cache = Cache(tmp_path / "state", KEY)
    with cache.alone():
        for name in ("model", "config"):
            write_text(cache.working / "made" / name, f"{text} {name}")
        cache.finish(cache.working / "made")
    return cache


def again(tmp_path):
    """The same work, as the next job sees it."""
    return Cache(tmp_path / "state", KEY)


def test_finished_work_is_delivered_as_copies(tmp_path):
    finished(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "earlier").touch()
    cache = again(tmp_path)
    assert cache.is_finished()
    cache.deliver(tmp_path / "out", "model")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["model"]
    (tmp_path / "out" / "model").write_text("edited in place")
    assert again(tmp_path).is_finished()
    assert (cache.finished / "model").read_text() == "weights model"


@pytest.mark.parametrize("where", ["model", "config", "manifest"])
def test_a_changed_bit_makes_it_unfinished(tmp_path, where, capsys):
    cache = finished(tmp_path)
    path = cache.manifest if where == "manifest" else cache.finished / where
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    assert not again(tmp_path).is_finished()
    assert "kept work is damaged, so it is done again" in capsys.readouterr().err
    assert finished(tmp_path, "better").is_finished() and again(tmp_path).is_finished()
    assert (cache.finished / "model").read_text() == "better model"


def test_work_that_an_earlier_version_kept_without_hashes_is_taken_once(tmp_path, capsys):
    cache = finished(tmp_path)
    cache.manifest.unlink()
    assert again(tmp_path).is_finished()
    assert "kept without hashes" in capsys.readouterr().err
    (cache.finished / "model").write_text("changed")
    assert not again(tmp_path).is_finished()


def test_a_kill_between_manifest_and_folder_leaves_unfinished_work(tmp_path):
    cache = finished(tmp_path)
    cache.finished.rename(tmp_path / "elsewhere")
    assert not again(tmp_path).is_finished()
    assert finished(tmp_path).is_finished()


def test_kept_work_is_listed_and_dropped(tmp_path):
    finished(tmp_path)
    other = Cache(tmp_path / "state", "b" * 64)
    other.working.mkdir()
    found = kept_work(tmp_path / "state")
    assert [work.finished.name for work in found] == ["a" * 32, "b" * 32]
    assert [sorted(work.stored()) for work in found] == [["config", "model"], []]
    with found[0].alone():
        assert not again(tmp_path).drop()  # a process is at it
    assert all(work.drop() for work in found)
    assert kept_work(tmp_path / "state") == []
