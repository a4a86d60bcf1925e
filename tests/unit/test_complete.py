"""A shard's requests are answered through its ledger: each once, in windows, in order."""

import pytest

from palimpsest.completions.complete import SCHEMA, complete
from palimpsest.completions.engines.base import Refusal, start_engine
from palimpsest.completions.ledger import Answer, Ledger, answer_key, request_seed
from palimpsest.core.errors import UserError

TUNING = {"backend": "auto", "window": 4, "gpus": 0, "vllm": {}}


class ScriptedEngine:
    """Answers `re: <question>`, refuses what says `refuse`, and dies where it is told to."""

    def __init__(self, dies_at=None):
        self.windows, self.dies_at = [], dies_at

    def answer(self, questions, answered):
        if len(self.windows) == self.dies_at:
            raise KeyboardInterrupt
        self.windows.append([question.user for question in questions])
        answered(len(questions))
        return [
            Refusal("too_long")
            if "refuse" in question.user
            else Answer(f"re: {question.user}", "stop", 1, 2, question.seed, "scripted", "1")
            for question in questions
        ]


def requests(*users):
    return [
        {"request_key": f"key of {user}", "system": "S", "user": user, "max_tokens": 9}
        for user in users
    ]


def run(tmp_path, asked, window=2, engine=None, llm="llm", shard="000-of-001"):
    """Rows, account and engine; the engine's `started` says how often it was started."""
    engine = engine or ScriptedEngine()
    engine.started = 0

    def start():
        engine.started += 1
        return engine

    with Ledger.open(tmp_path / f"ward.{shard}.sqlite") as ledger:
        return *complete(asked, ledger, llm, window, start), engine


def test_rows_stand_in_the_order_of_the_requests(tmp_path):
    users = [f"q{at}" for at in range(7)]
    rows, account, engine = run(tmp_path, requests(*users), window=3)
    assert [row["text"] for row in rows] == [f"re: {user}" for user in users]
    assert [row["request_key"] for row in rows] == [f"key of {user}" for user in users]
    assert engine.windows == [users[:3], users[3:6], users[6:]]
    assert engine.started == 1
    assert account == {"in": 7, "kept": 7, "rejected": {}, "failed": {}}
    assert all(list(row) == SCHEMA.names for row in rows)


def test_an_answers_seed_is_of_its_request_and_the_llm(tmp_path):
    (row,), *_ = run(tmp_path, requests("q"))
    assert row["seed"] == request_seed(answer_key("key of q", "llm"))


def test_equal_requests_are_asked_once_and_answered_each(tmp_path):
    rows, account, engine = run(tmp_path, requests("a", "b", "a", "a"))
    assert engine.windows == [["a", "b"]]
    assert [row["text"] for row in rows] == ["re: a", "re: b", "re: a", "re: a"]
    assert account["kept"] == 4


def test_the_engine_is_not_started_when_the_ledger_holds_everything(tmp_path):
    first, *_ = run(tmp_path, requests("a", "b", "c"))
    again, _, engine = run(tmp_path, requests("a", "b", "c"))
    assert again == first and engine.started == 0


def test_no_request_starts_no_engine(tmp_path):
    rows, account, engine = run(tmp_path, [])
    assert rows == [] and account["in"] == 0 and engine.started == 0


def test_another_llm_is_asked_anew(tmp_path):
    run(tmp_path, requests("a"))
    assert run(tmp_path, requests("a"), llm="other")[2].windows == [["a"]]


def test_a_refused_request_fails_alone_and_is_asked_again_next_time(tmp_path):
    asked = requests("a", "refuse me", "b", "refuse me")
    for _ in range(2):
        rows, account, engine = run(tmp_path, asked)
        assert [row["failure"] for row in rows] == [None, "too_long", None, "too_long"]
        assert [row["text"] for row in rows] == ["re: a", None, "re: b", None]
        assert account == {"in": 4, "kept": 2, "rejected": {}, "failed": {"too_long": 2}}
    assert engine.windows == [["refuse me"]]


def test_a_window_asks_only_what_is_missing(tmp_path):
    run(tmp_path, requests("b", "e"))
    rows, _, engine = run(tmp_path, requests(*"abcdef"), window=3)
    assert engine.windows == [["a", "c"], ["d", "f"]]
    assert [row["text"] for row in rows] == [f"re: {user}" for user in "abcdef"]


def test_what_was_committed_before_a_crash_is_not_asked_again(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, requests(*"abcdef"), engine=ScriptedEngine(dies_at=2))
    rows, _, engine = run(tmp_path, requests(*"abcdef"))
    assert engine.windows == [["e", "f"]]
    undisturbed, *_ = run(tmp_path / "other", requests(*"abcdef"))
    assert rows == undisturbed


def test_another_number_of_shards_asks_nothing_again(tmp_path):
    first, *_ = run(tmp_path, requests(*"abc"), shard="000-of-002")
    again, _, engine = run(tmp_path, requests(*"abc"), shard="000-of-003")
    assert again == first and engine.started == 0


def test_an_engine_that_answers_too_few_is_an_error(tmp_path):
    class Short(ScriptedEngine):
        def answer(self, questions, answered):
            return super().answer(questions, answered)[:-1]

    with pytest.raises(ValueError):
        run(tmp_path, requests("a", "b"), engine=Short())
    assert run(tmp_path, requests("a", "b"))[2].windows == [["a", "b"]]


@pytest.mark.parametrize("backend", ["auto", "vllm", "transformers"])
def test_an_engine_that_runs_here_needs_weights(backend):
    with pytest.raises(UserError, match="needs --weights"):
        start_engine({}, TUNING | {"backend": backend}, None)


def test_a_missing_vllm_is_named_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"vLLM is not installed; install .*backend: auto"):
        start_engine({}, TUNING | {"backend": "vllm"}, tmp_path)
