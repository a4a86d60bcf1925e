"""Accounts, bootstrap intervals, tokenizers, the store and what programs share."""

import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifests import describe

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cache import Cache
from palimpsest.runtime.cli import specification
from palimpsest.runtime.errors import AccountingError, UserError
from palimpsest.runtime.progress import Progress, announce
from palimpsest.stats.resampling import interval, resampled_sums
from palimpsest.text.ngrams import ngrams, words
from palimpsest.text.tokenizers import (
    END,
    count_tokens,
    encode,
    encoder_marks,
    load_tokenizer,
)

COUNTS = st.integers(0, 50)
REASONS = st.dictionaries(st.sampled_from(["copy", "refusal", "too_long"]), COUNTS)


@given(COUNTS, REASONS, REASONS, st.integers(-3, 3))
def test_an_account_closes_only_when_it_balances(kept, rejected, failed, off):
    account = Account()
    account.keep(kept)
    for reason, count in rejected.items():
        account.reject(reason, count)
    for reason, count in failed.items():
        account.fail(reason, count)
    total = kept + sum(rejected.values()) + sum(failed.values())
    if off:
        with pytest.raises(AccountingError, match=f"screens: {total + off} records went in"):
            account.close(total + off, "screens")
    else:
        closed = account.close(total, "screens")
        assert closed == {"in": total, "kept": kept, "rejected": rejected, "failed": failed}
        assert list(closed["rejected"]) == sorted(rejected)


def ratio(sums):
    return sums[..., 0] / sums[..., 1]


def scored(notes, seed=0):
    generator = np.random.default_rng(seed)
    return np.stack([generator.uniform(1, 5, notes), generator.uniform(5, 9, notes)], axis=1)


def test_an_interval_holds_its_value_and_repeats_with_its_seed():
    value, low, high = interval(scored(40), ratio, 1)
    assert low < value < high
    assert value == pytest.approx(ratio(scored(40).sum(axis=0)))
    assert interval(scored(40), ratio, 1) == (value, low, high)
    assert interval(scored(40), ratio, 2) != (value, low, high)


def test_an_interval_shrinks_with_more_notes():
    widths = [
        high - low for _, low, high in (interval(scored(n), ratio, 1) for n in (10, 100, 1000))
    ]
    assert widths[0] > 2 * widths[1] > 4 * widths[2]


def test_an_interval_covers_the_truth_about_as_often_as_it_says():
    hits = 0
    for seed in range(100):
        _, low, high = interval(scored(60, seed), ratio, seed)
        hits += low <= 3 / 7 <= high
    assert 85 <= hits <= 100


def test_one_note_gives_an_interval_without_width():
    assert interval(np.array([[2.0, 4.0]]), ratio, 0) == (0.5, 0.5, 0.5)


def test_two_systems_on_the_same_notes_are_resampled_in_pairs():
    values = scored(30)
    assert np.array_equal(resampled_sums(values, 7) * 2, resampled_sums(values * 2, 7))
    both = resampled_sums(np.stack([values, values + 1], axis=1), 7)
    assert np.allclose(both[:, 0] + 30, both[:, 1])


def test_marks_in_a_text_are_text(bpe, encoder):
    for path, mark in ((bpe, END), (encoder / "tokenizer.json", "[SEP]")):
        tokenizer = load_tokenizer(path)
        (ids,) = encode(tokenizer, [f"before {mark} after"])
        assert tokenizer.token_to_id(mark) not in ids
        assert len(ids) > 3
        assert count_tokens(tokenizer, [mark, ""]) == [len(encode(tokenizer, [mark])[0]), 0]


def test_truncation_and_padding_of_a_tokenizer_do_not_count(bpe, tmp_path):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(bpe))
    tokenizer.enable_truncation(2)
    tokenizer.enable_padding(length=64)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    describe(tmp_path)
    texts = ["pain", "The patient was admitted with chest pain."]
    cut = count_tokens(load_tokenizer(tmp_path / "tokenizer.json"), texts)
    assert cut == count_tokens(load_tokenizer(bpe), texts)


@pytest.mark.parametrize("content", ["", "{}", "text"])
def test_what_is_no_tokenizer_is_refused_by_name(tmp_path, content):
    (tmp_path / "tokenizer.json").write_text(content)
    describe(tmp_path)
    with pytest.raises(UserError, match=r"tokenizer\.json: expected a tokenizer\.json"):
        load_tokenizer(tmp_path / "tokenizer.json")


def test_an_encoder_has_marks_and_a_decoder_has_none(bpe, encoder):
    assert encoder_marks(load_tokenizer(encoder / "tokenizer.json")) == (2, 3, 4)
    with pytest.raises(UserError, match=r"\[CLS\]"):
        encoder_marks(load_tokenizer(bpe))


def test_words_keep_doses_numbers_and_hyphens_whole():
    assert words("Start X-ray 1.25 mg/kg, O2; she's T-1/2. é") == (
        ["start", "x-ray", "1.25", "mg/kg", "o2", "she's", "t-1/2", "é"]
    )


@given(st.lists(st.sampled_from("abc"), max_size=6), st.integers(1, 7))
def test_there_are_as_many_ngrams_as_places(tokens, size):
    found = ngrams(tokens, size)
    assert len(found) == max(0, len(tokens) - size + 1)
    assert all(tokens[at : at + size] == list(gram) for at, gram in enumerate(found))


def test_the_store_keeps_finished_work_and_drops_its_room(tmp_path):
    store = Cache(tmp_path / "state", "a" * 64)
    target = store.working / "finished"
    target.mkdir(parents=True)
    assert not store.is_finished()
    (target / "model").write_text("weights")
    (store.working / "checkpoint-1").mkdir()
    store.finish(target)
    assert store.is_finished() and not store.working.exists()
    assert Cache(tmp_path / "state", "a" * 64).is_finished()
    assert not Cache(tmp_path / "state", "b" * 64).is_finished()
    for _ in range(2):
        store.deliver(tmp_path / "out", "model")
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["model"]
    assert (tmp_path / "out" / "model").read_text() == "weights"


def test_deleting_what_was_delivered_leaves_the_finished_work(tmp_path):
    store = Cache(tmp_path / "state", "a" * 64)
    (store.working / "finished").mkdir(parents=True)
    (store.working / "finished" / "model").write_text("weights")
    store.finish(store.working / "finished")
    store.deliver(tmp_path / "out", "model")
    (tmp_path / "out" / "model").unlink()
    store.deliver(tmp_path / "out", "model")
    assert (tmp_path / "out" / "model").read_text() == "weights"


def test_a_second_process_at_the_same_work_waits_for_the_first(tmp_path, capsys):
    order = []
    entered = threading.Event()

    def second():
        with Cache(tmp_path, "a" * 64).alone():
            order.append("second")

    with Cache(tmp_path, "a" * 64).alone():
        waiting = threading.Thread(target=second)
        waiting.start()
        with Cache(tmp_path, "b" * 64).alone():
            pass  # other work does not wait
        while "waiting for another process" not in capsys.readouterr().err:
            entered.wait(0.005)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_an_argument_that_is_no_json_is_refused():
    read = specification(dict[str, list[int]])
    assert read('{"a": [1]}') == {"a": [1]}
    with pytest.raises(UserError, match="expected JSON"):
        read("{a: 1}")


PROGRAM = """
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.cli import parser, run
def main(arguments):
    raise UserError("notes.csv: no column ['text']")
run(main, parser("A program.", "--out"))
"""


def test_a_user_error_is_one_line_and_status_one():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--out", "x"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "error: notes.csv: no column ['text']\n"


def test_progress_lines_go_to_the_log_and_to_the_terminal(tmp_path, monkeypatch, capsys):
    with (tmp_path / "terminal").open("w") as terminal:
        monkeypatch.setenv("PALIMPSEST_PROGRESS_FD", str(terminal.fileno()))
        announce("training: step 1")
    assert (tmp_path / "terminal").read_text() == "training: step 1\n"
    assert capsys.readouterr().err == "training: step 1\n"


def test_a_terminal_that_has_gone_does_not_stop_the_work(monkeypatch, capsys):
    monkeypatch.setenv("PALIMPSEST_PROGRESS_FD", "987")
    announce("one")
    announce("two")
    assert capsys.readouterr().err == "one\ntwo\n"


def test_progress_announces_when_a_line_is_due_and_at_the_end(monkeypatch, capsys):
    now = 0.0
    monkeypatch.setattr("palimpsest.runtime.progress.time.monotonic", lambda: now)
    progress = Progress("notes", 40, "rows")
    progress.advance(5)
    now = 11.0
    progress.advance(5, "all well")
    progress.close()
    first, last = capsys.readouterr().err.splitlines()
    assert first == "notes: 10 of 40 rows in 11 s, about 33 s left; all well"
    assert last == "notes: 10 rows in 11 s"
