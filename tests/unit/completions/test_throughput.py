"""What a plan reads from the ledgers: what is answered, and how fast it was."""

import os

import pytest

from palimpsest.completions.ledger import (
    STARTING,
    Completion,
    Ledger,
    Speed,
    completion_key,
    ledger_path,
)
from palimpsest.completions.throughput import (
    Throughput,
    count_completed,
    measured_loading,
    measured_throughput,
    token_counts,
)
from palimpsest.runtime.errors import UserError

LLM, PROMPT = "a" * 64, "b" * 64
ANSWER = Completion("Pain.", "stop", 5, 3, 7, "vllm", "1")
SHARD = "000-of-001"


def fill(state, *requests, shard=SHARD, speed=(), llm=LLM, prompt=PROMPT):
    path = ledger_path(state, llm, prompt, "ward", shard)
    with Ledger.open(path) as ledger:
        ledger.commit({completion_key(request, llm): ANSWER for request in requests}, *speed)
    return path


def test_what_a_ledger_holds_is_counted_with_repeats(tmp_path):
    fill(tmp_path, "a", "b")
    assert count_completed(tmp_path, LLM, PROMPT, "ward", SHARD, ["a", "a", "b", "c"]) == 3
    assert count_completed(tmp_path, LLM, PROMPT, "ward", SHARD, []) == 0


def test_answers_of_an_earlier_cut_count_as_they_are_taken_over(tmp_path):
    fill(tmp_path, "a", shard="001-of-003")
    fill(tmp_path, "b", shard="001-of-002")
    assert count_completed(tmp_path, LLM, PROMPT, "ward", "000-of-002", ["a", "b", "c"]) == 1


def test_another_llm_or_prompt_holds_nothing(tmp_path):
    fill(tmp_path, "a")
    assert count_completed(tmp_path, "c" * 64, PROMPT, "ward", SHARD, ["a"]) == 0
    assert count_completed(tmp_path, LLM, "c" * 64, "ward", SHARD, ["a"]) == 0


def test_counting_disturbs_no_job_and_makes_no_file(tmp_path):
    path = fill(tmp_path, "a")
    before = sorted(os.listdir(path.parent)), path.read_bytes()
    with Ledger.open(path) as ledger:
        assert count_completed(tmp_path, LLM, PROMPT, "ward", SHARD, ["a"]) == 1
        ledger.commit({completion_key("b", LLM): ANSWER})
        assert count_completed(tmp_path, LLM, PROMPT, "ward", SHARD, ["a", "b"]) == 2
    assert sorted(os.listdir(path.parent)) == before[0]
    assert count_completed(tmp_path / "none", LLM, PROMPT, "ward", SHARD, ["a"]) == 0
    assert not (tmp_path / "none").exists()


def test_the_rate_is_that_of_the_middle_window_on_this_machine(tmp_path):
    windows = [Speed("vllm", "m", 4, 100, 40, seconds) for seconds in (1.0, 2.0, 100.0)]
    fill(tmp_path, "a", speed=windows[:2])
    fill(tmp_path, "b", speed=[*windows[2:], Speed("vllm", "other", 4, 1, 1, 1.0)], prompt="c" * 64)
    assert measured_throughput(tmp_path, LLM, "m") == Throughput("m", "vllm", 50.0, 20.0, 0.4, 3)
    assert measured_throughput(tmp_path, LLM, "unknown") is None
    assert measured_throughput(tmp_path, "c" * 64, "m") is None


def test_what_was_scored_and_what_was_written_have_rates_of_their_own(tmp_path):
    scored = [Speed("vllm", "m", 40, 4000, 40, 1.0)] * 3
    fill(tmp_path, "a", speed=scored)
    assert measured_throughput(tmp_path, LLM, "m") is None
    fill(tmp_path, "b", speed=[Speed("vllm", "m", 4, 100, 40, 2.0)], prompt="c" * 64)
    assert measured_throughput(tmp_path, LLM, "m") == Throughput("m", "vllm", 50.0, 20.0, 0.4, 1)
    assert measured_throughput(tmp_path, LLM, "m", scored=True) == (
        Throughput("m", "vllm", 4000.0, 40.0, 0.01, 3)
    )


def test_the_start_of_an_engine_is_no_window(tmp_path):
    started = [Speed(STARTING, "m", 0, 0, 0, seconds) for seconds in (9.0, 7.0, 60.0)]
    fill(tmp_path, "a", speed=started)
    assert measured_throughput(tmp_path, LLM, "m") is None
    assert measured_throughput(tmp_path, LLM, "m", scored=True) is None
    assert measured_loading(tmp_path, LLM, "m") == 9.0
    assert measured_loading(tmp_path, LLM, "other") is None


def test_tokens_are_counted_over_all_ledgers_of_an_llm_and_a_prompt(tmp_path):
    fill(tmp_path, "a", "b")
    fill(tmp_path, "c", shard="001-of-002")
    fill(tmp_path, "d", prompt="c" * 64)
    assert token_counts(tmp_path, LLM, PROMPT) == (3, 15, 9)
    assert token_counts(tmp_path, "c" * 64, PROMPT) == (0, 0, 0)


def test_a_damaged_ledger_is_named(tmp_path):
    path = fill(tmp_path, "a")
    path.write_text("not a database at all " * 100)
    with pytest.raises(UserError, match=f"{path}.*palimpsest ledger repair"):
        count_completed(tmp_path, LLM, PROMPT, "ward", SHARD, ["a"])
    with pytest.raises(UserError, match=str(path)):
        measured_throughput(tmp_path, LLM, "m")
