"""The ledger keeps every committed answer, through kills, renames and other cuts of the notes."""

import errno
import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.completions.config import AskedLlm, Llm, LlmBehaviour
from palimpsest.completions.ledger import (
    Completion,
    Ledger,
    completion_key,
    earlier_ledgers,
    given_weights,
    ledger_path,
    llm_identity,
    request_seed,
)
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_json
from palimpsest.runtime.identity import digest

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)


def answer(text="Pain.", **changes):
    values = {
        "text": text,
        "finish_reason": "stop",
        "tokens_in": 3,
        "tokens_out": 2,
        "seed": 7,
        "engine": "test",
        "engine_version": "1",
    }
    return Completion(**(values | changes))


def committed(path, answers):
    with Ledger.open(path) as ledger:
        ledger.commit(answers)


def kept(ledger, keys):
    """The completions that are in a ledger, by key."""
    rowids = dict(zip(keys, ledger.rowids(list(keys)), strict=True))
    rows = ledger.read(rowids.values())
    return {key: Completion(*rows[rowid]) for key, rowid in rowids.items() if rowid}


def test_what_was_committed_comes_back(tmp_path):
    path = tmp_path / "deep" / "ward.000-of-001.sqlite"
    answers = {"a": answer("Line\n\x00 🙂 'quoted'"), "b": answer("", finish_reason="length")}
    committed(path, answers)
    with Ledger.open(path) as ledger:
        assert kept(ledger, ["a", "b", "c"]) == answers
        assert kept(ledger, []) == {}


def test_the_first_answer_stays(tmp_path):
    path = tmp_path / "ward.sqlite"
    committed(path, {"a": answer("first")})
    committed(path, {"a": answer("second"), "b": answer("new")})
    with Ledger.open(path) as ledger:
        assert {key: found.text for key, found in kept(ledger, "ab").items()} == (
            {"a": "first", "b": "new"}
        )


def test_more_answers_than_a_query_holds_come_back(tmp_path):
    answers = {f"{index:064x}": answer(str(index)) for index in range(1234)}
    committed(tmp_path / "ward.sqlite", answers)
    with Ledger.open(tmp_path / "ward.sqlite") as ledger:
        assert kept(ledger, answers) == answers
        rowids = ledger.rowids([*answers, "f" * 64])
        assert rowids == [*range(1, 1235), 0]
        assert {rowid: row[0] for rowid, row in ledger.read(rowids).items()} == (
            {index + 1: str(index) for index in range(1234)}
        )


def test_a_second_writer_is_refused(tmp_path):
    path = tmp_path / "ward.sqlite"
    with Ledger.open(path) as ledger:
        with pytest.raises(UserError, match=r"ward\.sqlite: another process is writing"):
            with Ledger.open(path):
                pass
        ledger.commit({"a": answer()})
    with Ledger.open(path) as ledger:
        assert kept(ledger, "a")


HOLDER = """
import sys
from pathlib import Path
from palimpsest.completions.config import AskedLlm, Llm, LlmBehaviour
from palimpsest.completions.ledger import Ledger
with Ledger.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_another_process_is_refused_until_the_writer_is_gone(tmp_path):
    path = tmp_path / "ward.sqlite"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"open\n"
    with pytest.raises(UserError, match="another process"), Ledger.open(path):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with Ledger.open(path) as ledger:
        assert kept(ledger, "a") == {}


def test_a_file_system_without_locks_is_named_before_anything_is_written(tmp_path, monkeypatch):
    def refuse(*unused):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    said = r"ward\.sqlite: its file system has no locks .*on NFS start the lock service"
    with pytest.raises(UserError, match=said), Ledger.open(tmp_path / "ward.sqlite"):
        pass
    assert not (tmp_path / "ward.sqlite").exists()


def test_an_error_inside_leaves_the_ledger_free(tmp_path):
    with pytest.raises(UserError, match="the server"), Ledger.open(tmp_path / "ward.sqlite"):
        raise UserError("the server does not answer")
    with Ledger.open(tmp_path / "ward.sqlite") as ledger:
        ledger.commit({"a": answer()})


def test_a_file_that_is_no_ledger_is_refused_by_name(tmp_path):
    (tmp_path / "ward.sqlite").write_text("This is a text, and not a short one either. " * 50)
    with pytest.raises(UserError, match=r"ward\.sqlite: the ledger cannot be used"):
        with Ledger.open(tmp_path / "ward.sqlite"):
            pass


WRITER = """
import sys
from pathlib import Path
from palimpsest.completions.config import AskedLlm, Llm, LlmBehaviour
from palimpsest.completions.ledger import Completion, Ledger
with Ledger.open(Path(sys.argv[1])) as ledger:
    for window in range(100_000):
        ledger.commit({
            f"{window}-{index}": Completion("word " * 200, "stop", 1, 2, 3, "test", "1")
            for index in range(8)
        })
        print(window, flush=True)
"""


def test_a_killed_writer_loses_its_window_at_most(tmp_path):
    path = tmp_path / "ward.sqlite"
    for windows in (1, 2, 5, 9, 14):
        path.unlink(missing_ok=True)
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(windows):
            last = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest = writer.communicate()[0].split()
        last = int(rest[-1]) if rest else last
        with Ledger.open(path) as ledger:
            there = [
                len(kept(ledger, [f"{window}-{index}" for index in range(8)]))
                for window in range(last + 3)
            ]
        assert there[: last + 1] == [8] * (last + 1)
        assert there[last + 1 :] in ([0, 0], [8, 0])  # the last commit may have lacked its line


def test_answers_are_taken_over_from_another_cut_of_the_notes(tmp_path):
    old = tmp_path / "ward.000-of-002.sqlite"
    committed(old, {"a": answer("old a"), "b": answer("old b")})
    committed(tmp_path / "clinic.001-of-003.sqlite", {"c": answer("other source")})
    new = tmp_path / "ward.001-of-003.sqlite"
    committed(new, {"b": answer("own b")})
    with Ledger.open(new) as ledger:
        assert ledger.adopt({"a", "c", "d"}) == 2
        texts = {key: found.text for key, found in kept(ledger, "abcd").items()}
    assert texts == {"a": "old a", "b": "own b", "c": "other source"}
    with Ledger.open(old) as ledger:
        assert len(kept(ledger, "ab")) == 2


def test_nothing_is_taken_over_from_the_present_cut(tmp_path):
    committed(tmp_path / "ward.000-of-003.sqlite", {"a": answer()})
    new = tmp_path / "ward.001-of-003.sqlite"
    assert earlier_ledgers(new) == []
    with Ledger.open(new) as ledger:
        assert ledger.adopt({"a"}) == 0


def test_an_earlier_ledger_without_a_table_is_passed_over(tmp_path):
    # What a kill between opening the file and the first statement leaves behind.
    (tmp_path / "ward.000-of-002.sqlite").touch()
    committed(tmp_path / "ward.001-of-002.sqlite", {"a": answer("old")})
    with Ledger.open(tmp_path / "ward.000-of-003.sqlite") as ledger:
        assert ledger.adopt({"a"}) == 1


HALFWAY = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN")
for index in range(500):
    row = (f"x{index}", "word " * 500)
    connection.execute("INSERT INTO answers VALUES (?, ?, 'stop', 1, 2, 3, 'test', '1', 'd')", row)
os.kill(os.getpid(), 9)
"""


def test_an_earlier_ledger_whose_writer_was_killed_is_still_read(tmp_path):
    old = tmp_path / "ward.000-of-002.sqlite"
    committed(old, {"a": answer("old")})
    subprocess.run([sys.executable, "-c", HALFWAY, str(old)])
    assert old.with_name(f"{old.name}-journal").stat().st_size, "the kill left nothing half-way"
    with Ledger.open(tmp_path / "ward.000-of-003.sqlite") as ledger:
        assert ledger.adopt({"a", "x0"}) == 1
        assert kept(ledger, "a")["a"].text == "old"


def test_a_broken_earlier_ledger_is_named(tmp_path):
    (tmp_path / "ward.000-of-002.sqlite").write_text("not a database at all " * 100)
    with pytest.raises(UserError, match=r"ward\.000-of-002\.sqlite"):
        with Ledger.open(tmp_path / "ward.000-of-003.sqlite") as ledger:
            ledger.adopt({"a"})


def change(path, sql):
    with sqlite3.connect(path) as connection:
        connection.execute(sql)
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [
        "text = replace(text, 'Pain', 'Pein')",
        "text = NULL",
        "text = x'ff' || text",
        "text = CAST(x'50ff61' AS TEXT)",
        "finish_reason = 'length'",
        "tokens_in = 4",
        "tokens_out = 2.5",
        "seed = 8",
        "engine = 'other'",
        "engine_version = '2'",
        "digest = 'd'",
    ],
)
def test_an_answer_that_is_not_what_was_stored_is_refused(tmp_path, damage):
    old, new = tmp_path / "ward.000-of-002.sqlite", tmp_path / "ward.000-of-003.sqlite"
    committed(old, {"a": answer(), "b": answer("Fever.")})
    change(old, f"UPDATE answers SET {damage} WHERE key = 'a'")
    said = "000-of-002.sqlite: a completion is not what was stored.*ledger repair"
    with Ledger.open(old) as ledger, pytest.raises(UserError, match=said) as raised:
        ledger.read(ledger.rowids(["a"]))
    assert "Pain" not in str(raised.value) and "Pein" not in str(raised.value)
    with Ledger.open(old) as ledger:
        assert kept(ledger, "b")
    with Ledger.open(new) as ledger, pytest.raises(UserError, match=said):
        ledger.adopt({"a"})


def test_an_answer_under_another_key_is_refused(tmp_path):
    committed(tmp_path / "ward.sqlite", {"a": answer()})
    change(tmp_path / "ward.sqlite", "UPDATE answers SET key = 'b'")
    with Ledger.open(tmp_path / "ward.sqlite") as ledger:
        assert ledger.rowids(["a"]) == [0]
        with pytest.raises(UserError, match="not what was stored, its key begins with 'b'"):
            ledger.read(ledger.rowids(["b"]))


def test_a_ledger_of_an_earlier_version_gets_digests_when_it_is_opened_for_writing(tmp_path):
    path = tmp_path / "ward.000-of-002.sqlite"
    committed(path, {"a": answer()})
    change(path, "ALTER TABLE answers DROP COLUMN digest")
    with Ledger.open(tmp_path / "ward.000-of-003.sqlite") as ledger:
        assert ledger.adopt({"a"}) == 1  # the earlier one is only read
    connection = sqlite3.connect(path)
    assert len(connection.execute("SELECT * FROM answers").fetchone()) == 8
    connection.close()
    with Ledger.open(path) as ledger:
        assert kept(ledger, "a") == {"a": answer()}
    change(path, "UPDATE answers SET text = 'Pein.'")
    with Ledger.open(path) as ledger, pytest.raises(UserError, match="not what was stored"):
        ledger.read(ledger.rowids(["a"]))


def test_a_ledger_whose_table_has_another_name_is_no_empty_one(tmp_path):
    path = tmp_path / "ward.sqlite"
    committed(path, {"a": answer()})
    change(path, "ALTER TABLE answers RENAME TO answerz")
    with pytest.raises(UserError, match=r"unknown tables \['answerz'\]"), Ledger.open(path):
        pass


def test_committed_answers_are_flushed_to_disk(tmp_path):
    with Ledger.open(tmp_path / "ward.sqlite") as ledger:
        (level,) = ledger.connection.execute("PRAGMA synchronous").fetchone()
        (mode,) = ledger.connection.execute("PRAGMA journal_mode").fetchone()
    assert level >= 2 and mode != "off"


def test_a_ledger_says_what_it_is_of(tmp_path):
    with Ledger.open(tmp_path / "ward.sqlite", llm="l", llm_name="old") as ledger:
        assert ledger.metadata() == {"llm": "l", "llm_name": "old"}
    with Ledger.open(tmp_path / "ward.sqlite", llm="l", llm_name="new"):
        pass
    with Ledger.open(tmp_path / "ward.sqlite") as ledger:
        assert ledger.metadata() == {"llm": "l", "llm_name": "new"}


@given(TEXT, TEXT)
def test_an_answers_key_is_the_digest_of_its_parts(request_key, llm):
    assert completion_key(request_key, llm) == digest({"request": request_key, "llm": llm})


@given(HEX, HEX, HEX, HEX)
def test_an_answers_key_is_of_the_request_and_the_llm(request_one, llm_one, request_two, llm_two):
    same = completion_key(request_one, llm_one) == completion_key(request_two, llm_two)
    assert same == ((request_one, llm_one) == (request_two, llm_two))


@given(HEX)
def test_a_seed_fits_31_bits_and_is_a_function_of_its_key(key):
    assert request_seed(key) == request_seed(key)
    assert 0 <= request_seed(key) < 2**31


def test_keys_get_different_seeds():
    keys = [completion_key(f"{index:064x}", "l" * 64) for index in range(2000)]
    assert len({request_seed(key) for key in keys}) > 1990


@pytest.mark.parametrize(
    "changes",
    [{"sampling": {"temperature": 0.8}}, {"chat": {"system_role": False}}, {"dtype": "float32"}],
)
def test_another_llm_has_another_identity(changes):
    assert llm_identity(LlmBehaviour(**changes), "w") != llm_identity(LlmBehaviour(), "w")


def test_an_llm_is_its_weights_and_not_where_they_were_declared():
    hub = Llm(weights={"hub": "a/b", "revision": "c" * 40})
    here = Llm(weights={"path": "here"}, engine={"window": 2})
    assert llm_identity(here, "w") == llm_identity(hub, "w") == llm_identity(LlmBehaviour(), "w")
    assert llm_identity(hub, "other") != llm_identity(hub, "w")


@pytest.mark.parametrize(
    ("declared", "weights", "identity"),
    [
        ({}, "w" * 64, "a77b019b7ec2bc43878ec3035ebb517d9a844f75dadc8c2c3224f9829af99b1c"),
        (
            {"dtype": "float32", "max_model_len": 2048, "sampling": {"temperature": 0, "top_k": 5}},
            f"a/b@{'c' * 40}",
            "51aba14005cd817974eb6b07c17bd6902e8b61602a22a903f87cf4429128e1dc",
        ),
        (
            {
                "chat": {
                    "system_role": False,
                    "template_options": {"thinking": True, "levels": [1, 2.5, None]},
                },
                "sampling": {"seed": 7, "repetition_penalty": 2},
            },
            "w",
            "701995cd33d600e6e45868bda57ba57eaeee028d13408459c4e74b845908277d",
        ),
    ],
)
def test_an_llms_identity_is_that_of_version_0_1(declared, weights, identity):
    """The digests were computed by that version: with others no ledger of it would be found."""
    assert llm_identity(LlmBehaviour(**declared), weights) == identity
    spec = LlmBehaviour(**json.loads(json.dumps(LlmBehaviour(**declared).identity())))
    assert llm_identity(spec, weights) == identity


def test_weights_are_the_prepared_ones_or_those_that_a_server_is_declared_to_have(tmp_path):
    spec = AskedLlm(llm=LlmBehaviour(), weights=None, llm_name="small")
    write_json(tmp_path / "small.json", {"identity": "w", "files": {}})
    assert given_weights(spec, [tmp_path / "small.json"]) == ("w", tmp_path / "small")
    served = spec.model_copy(update={"weights": "a/b@c"})
    assert given_weights(served, []) == ("a/b@c", None)
    with pytest.raises(UserError, match="LLM 'small' needs its prepared weights"):
        given_weights(spec, [])


def test_a_ledgers_path_holds_identities_and_no_names_of_prompt_or_llm(tmp_path):
    path = ledger_path(tmp_path, "a" * 64, "b" * 64, "ward", "001-of-002")
    assert path == tmp_path / ("a" * 16) / ("b" * 16) / "ward.001-of-002.sqlite"


def test_a_ledger_is_one_file_that_other_tools_can_read(tmp_path):
    committed(tmp_path / "ward.sqlite", {"a": answer("text")})
    assert sorted(os.listdir(tmp_path)) == ["ward.lock", "ward.sqlite"]
    connection = sqlite3.connect(tmp_path / "ward.sqlite")
    assert connection.execute("SELECT key, text FROM answers").fetchall() == [("a", "text")]
    connection.close()
