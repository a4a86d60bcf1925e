"""A shard's requests are completed through its ledger: each once, in windows, in order."""

from array import array

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.completions import complete
from palimpsest.completions.complete import (
    SCHEMA,
    Results,
    are_scored,
    complete_missing,
    write_completions,
)
from palimpsest.completions.config import LlmBehaviour, LlmEngine
from palimpsest.completions.engines import ENGINES, start_engine
from palimpsest.completions.engines.base import Engine, Failure
from palimpsest.completions.ledger import (
    STARTING,
    Completion,
    Ledger,
    Speed,
    completion_key,
    request_seed,
)
from palimpsest.runtime.errors import AccountingError, UserError

REQUESTS = pa.schema(
    [
        ("request_key", pa.string()),
        ("note_id", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("system", pa.string()),
        ("user", pa.string()),
        ("max_tokens", pa.int32()),
        ("constraint", pa.string()),
    ]
)


class ScriptedEngine(Engine):
    """Completes with `re: <request>`, fails at `refuse`, and dies where it is told to."""

    def __init__(self, dies_at=None):
        self.windows, self.dies_at, self.structured = [], dies_at, []

    def complete(self, requests, advance):
        if len(self.windows) == self.dies_at:
            raise KeyboardInterrupt
        self.windows.append([request.user for request in requests])
        self.structured += [request.structured_output for request in requests]
        advance(len(requests))
        return [
            Failure("too_long", 77)
            if "refuse" in request.user
            else Completion(f"re: {request.user}", "stop", 1, 2, request.seed, "scripted", "1")
            for request in requests
        ]


def requests(*users):
    return [
        {"request_key": f"key of {user}", "note_id": "n", "start": index, "end": index + 1}
        | {"system": "S", "user": user, "max_tokens": 9}
        for index, user in enumerate(users)
    ]


def batches_of(asked):
    """The requests as `read_batches` gives them."""
    table = pa.Table.from_pylist(asked, schema=REQUESTS)
    return lambda columns: iter(table.select(columns).to_batches(complete.BLOCK))


def run(tmp_path, asked, window=2, engine=None, llm="llm", shard="000-of-001"):
    """Rows, fields of the manifest and engine; its `started` says how often it was started."""
    engine = engine or ScriptedEngine()
    engine.started = 0

    def start():
        engine.started += 1
        return engine

    written = [SCHEMA.empty_table()]
    with Ledger.open(tmp_path / f"ward.{shard}.sqlite") as ledger:
        done = complete_missing(batches_of(asked), ledger, llm, window, start)
        fields = write_completions(batches_of(asked), ledger, done, written.append)
    return pa.concat_tables(written).to_pylist(), fields, engine


def test_rows_stand_in_the_order_of_the_requests(tmp_path):
    users = [f"q{index}" for index in range(7)]
    rows, fields, engine = run(tmp_path, requests(*users), window=3)
    assert [row["text"] for row in rows] == [f"re: {user}" for user in users]
    assert [row["request_key"] for row in rows] == [f"key of {user}" for user in users]
    assert engine.windows == [users[:3], users[3:6], users[6:]]
    assert engine.started == 1
    assert fields == {
        "account": {"in": 7, "kept": 7, "rejected": {}, "failed": {}},
        "rows_are": ["kept", "failed"],
        "engines": {"scripted 1": 7},
        "tokens_in": 7,
        "tokens_out": 14,
    }


def test_structured_output_goes_with_its_request(tmp_path):
    constraint = '{"choices":["no","yes"]}'
    asked = requests("aa", "b")
    asked[0]["constraint"] = constraint
    assert run(tmp_path, asked)[2].structured == [constraint, None]
    assert are_scored(batches_of(asked)) and not are_scored(batches_of(asked[1:]))
    assert not are_scored(batches_of([]))


def test_malformed_structured_output_is_an_error_that_names_its_request(tmp_path):
    asked = requests("a", "b")
    asked[1]["constraint"] = '{"choices":"yes"}'
    with pytest.raises(UserError, match=r"request key of b….*: constraint .*: expected null"):
        run(tmp_path, asked)


def test_a_row_says_where_its_passage_stands(tmp_path):
    rows, *_ = run(tmp_path, requests("a", "refuse me"))
    assert [(row["note_id"], row["start"], row["end"]) for row in rows] == [
        ("n", 0, 1),
        ("n", 1, 2),
    ]


def test_a_window_holds_requests_of_similar_length_longest_first(tmp_path):
    users = ["b" * 3, "c", "d" * 9, "e" * 8, "f" * 2, "g" * 3]
    rows, _, engine = run(tmp_path, requests(*users))
    assert engine.windows == [["d" * 9, "e" * 8], ["b" * 3, "g" * 3], ["f" * 2, "c"]]
    assert [row["text"] for row in rows] == [f"re: {user}" for user in users]


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(["a", "bb", "bc", "ddd", "eee", "refuse", "f" * 9]), max_size=14),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 9),
)
def test_killed_or_not_each_request_is_asked_once_and_the_rows_are_the_same(
    tmp_path_factory, users, block, window, dies_at
):
    """The windows of the killed run and of the next together are those of the undisturbed one."""
    folder = tmp_path_factory.mktemp("kill")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(complete, "BLOCK", block)
        rows, fields, whole = run(folder / "whole", requests(*users), window)
        asked = [user for asked in whole.windows for user in asked]
        assert sorted(asked) == sorted(set(users))
        first = ScriptedEngine(dies_at)
        try:
            run(folder / "killed", requests(*users), window, first)
        except UserError as error:
            assert "SIGINT" in str(error)
        again, same, second = run(folder / "killed", requests(*users), window)
    assert (again, same) == (rows, fields)
    kept, expected = (
        [[user for user in asked if user != "refuse"] for asked in windows]
        for windows in (first.windows + second.windows, whole.windows)
    )
    assert list(filter(None, kept)) == list(filter(None, expected))


def test_an_answers_seed_is_of_its_request_and_the_llm(tmp_path):
    (row,), *_ = run(tmp_path, requests("q"))
    assert row["seed"] == request_seed(completion_key("key of q", "llm"))


def test_equal_requests_are_asked_once_and_answered_each(tmp_path):
    rows, fields, engine = run(tmp_path, requests("a", "b", "a", "a"))
    assert engine.windows == [["a", "b"]]
    assert [row["text"] for row in rows] == ["re: a", "re: b", "re: a", "re: a"]
    assert fields["account"]["kept"] == 4


def test_the_engine_is_not_started_when_the_ledger_holds_everything(tmp_path):
    first, *_ = run(tmp_path, requests("a", "b", "c"))
    again, _, engine = run(tmp_path, requests("a", "b", "c"))
    assert again == first and engine.started == 0


def test_no_request_starts_no_engine(tmp_path):
    rows, fields, engine = run(tmp_path, [])
    assert rows == [] and fields["account"]["in"] == 0 and engine.started == 0


def test_another_llm_is_asked_anew(tmp_path):
    run(tmp_path, requests("a"))
    assert run(tmp_path, requests("a"), llm="other")[2].windows == [["a"]]


def test_a_request_that_fails_fails_alone_and_is_asked_again_next_time(tmp_path):
    asked = requests("a", "refuse me", "b", "refuse me")
    for _ in range(2):
        rows, fields, engine = run(tmp_path, asked)
        assert [row["failure"] for row in rows] == [None, "too_long", None, "too_long"]
        assert [row["text"] for row in rows] == ["re: a", None, "re: b", None]
        assert [row["tokens_in"] for row in rows] == [1, 77, 1, 77]
        assert fields["account"] == (
            {"in": 4, "kept": 2, "rejected": {}, "failed": {"too_long": 2}}
        )
        assert fields["tokens_in"] == 2
    assert engine.windows == [["refuse me"]]


def test_a_window_asks_only_what_is_missing(tmp_path):
    run(tmp_path, requests("b", "e"))
    rows, _, engine = run(tmp_path, requests(*"abcdef"), window=3)
    assert engine.windows == [["a", "c"], ["d", "f"]]
    assert [row["text"] for row in rows] == [f"re: {user}" for user in "abcdef"]


def test_what_was_committed_before_a_crash_is_not_asked_again(tmp_path):
    with pytest.raises(UserError, match="SIGINT"):
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
        def complete(self, requests, advance):
            return super().complete(requests, advance)[:-1]

    with pytest.raises(UserError, match="ValueError"):
        run(tmp_path, requests("a", "b"), engine=Short())
    assert run(tmp_path, requests("a", "b"))[2].windows == [["a", "b"]]


@pytest.mark.parametrize("backend", ["auto", "vllm", "transformers"])
def test_an_engine_that_runs_here_needs_weights(backend):
    with pytest.raises(UserError, match=f"'{backend}' needs --weights"):
        start_engine(LlmBehaviour(), LlmEngine(backend=backend), None)


def test_a_missing_vllm_is_named_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"vLLM is not installed; install .*backend: auto"):
        start_engine(LlmBehaviour(), LlmEngine(backend="vllm"), tmp_path)


@pytest.mark.parametrize("installed", [True, False])
def test_auto_is_vllm_where_it_is_installed(monkeypatch, installed):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: installed or None)
    found = ENGINES["auto"](LlmEngine())
    assert found.__name__ == ("VllmEngine" if installed else "TransformersEngine")


def test_an_engine_of_the_registry_is_a_backend_that_an_llm_file_may_ask_for(monkeypatch, tmp_path):
    for name in ENGINES:
        LlmEngine(backend=name, serve=name == "server")
    monkeypatch.setitem(ENGINES, "vllm", lambda tuning: lambda *given: given)
    llm, tuning = LlmBehaviour(), LlmEngine(backend="vllm")
    assert start_engine(llm, tuning, tmp_path, scoring=True) == (llm, tuning, tmp_path, True)


def test_a_request_without_an_answer_is_an_accounting_error(tmp_path):
    with pytest.raises(AccountingError, match="key of a was never completed"):
        with Ledger.open(tmp_path / "ward.000-of-001.sqlite") as ledger:
            results = Results([array("q", [0])], {})
            write_completions(batches_of(requests("a")), ledger, results, lambda table: None)


def test_each_window_leaves_its_speed(tmp_path):
    run(tmp_path, requests("aa", "bb", "c", "refuse"))
    with Ledger.open(tmp_path / "ward.000-of-001.sqlite") as ledger:
        kept = [Speed(*row) for row in ledger.connection.execute("SELECT * FROM speed")]
    assert [(row.engine, row.requests, row.tokens_in, row.tokens_out) for row in kept] == (
        [(STARTING, 0, 0, 0), ("scripted", 1, 1, 2), ("scripted", 2, 2, 4)]
    )
    assert all(row.seconds >= 0 and row.hardware for row in kept)


@pytest.mark.parametrize("windows", [0, 2])
def test_an_engine_that_raises_is_an_error_without_its_words(tmp_path, capsys, windows):
    class Broken(ScriptedEngine):
        def complete(self, requests, advance):
            if len(self.windows) == windows:
                raise RuntimeError("cannot read: the patient has chest pain")
            return super().complete(requests, advance)

    with pytest.raises(UserError, match=rf"after {2 * windows} were completed: .*Error at test_"):
        run(tmp_path, requests(*"abcdef"), engine=Broken())
    written = capsys.readouterr().err
    assert "in complete" in written and "pain" not in written
    assert len(run(tmp_path, requests(*"abcdef"))[2].windows) == 3 - windows


def test_an_engine_without_memory_is_an_error_that_says_what_to_change(tmp_path):
    class Large(ScriptedEngine):
        def complete(self, requests, advance):
            raise MemoryError

    with pytest.raises(UserError, match="out of memory.*max_num_seqs"):
        run(tmp_path, requests("a"), engine=Large())
