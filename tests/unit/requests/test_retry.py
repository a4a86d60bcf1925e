"""A further round asks again for what was rejected for a declared reason, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.completions.ledger import completion_key, request_seed
from palimpsest.corpora.mix import add_accounts
from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import PassageCutter
from palimpsest.requests.config import Prompt, RetrySpec
from palimpsest.requests.rephrase import SCHEMA, rephrase_request
from palimpsest.requests.retry import NextRound, retry_key
from palimpsest.runtime.errors import UserError
from palimpsest.text.tokenizers import count_tokens, load_tokenizer

PROMPT = Prompt(system="Rewrite.", user="Say it:\n\n{passage}")
TEXT = "The patient has chest pain. Aspirin was started.\n\nCreatinine was 1.2. Home tomorrow."


def request(number, text=TEXT):
    place = {"note_id": f"n{number}", "start": 100, "end": 100 + len(text)}
    return rephrase_request(
        {**place, "text": text, "tokens": len(text.split()), "section": "Course"}, PROMPT
    )


def reject(row, reason, outcome="rejected"):
    place = {name: row[name] for name in ("request_key", "note_id", "start", "end")}
    return {**place, "outcome": outcome, "reason": reason}


def by_words(text, most):
    """Pieces of so many words, as a cutter gives them."""
    made, start = [], 0
    for at in range(0, len(text.split()), most):
        piece = " ".join(text.split(" ")[at : at + most])
        made.append((start, start + len(piece), most, ""))
        start += len(piece) + 1
    return made


def following(asked, rejects, reasons=("copy",), cut=by_words):
    made = NextRound(RetrySpec(prompt=PROMPT, reasons=list(reasons)), cut)
    return list(made.requests(asked, rejects, "rejects")), made


def test_only_what_was_reject_for_a_declared_reason_is_retried():
    asked = [request(number) for number in range(4)]
    rejects = [reject(asked[1], "copy"), reject(asked[2], "refusal")]
    made, count = following(asked, rejects)
    assert [row["note_id"] for row in made] == ["n1"]
    assert count.retried() == {"rejected": {"copy": 1}, "failed": {}}
    assert (count.rephrased, dict(count.left)) == (2, {"refusal": 1})


def test_the_same_words_are_asked_with_another_key_and_so_another_seed():
    first = request(0)
    (again,), _ = following([first], [reject(first, "copy")])
    (third,), _ = following([again], [reject(again, "copy")])
    assert {key: again[key] for key in again if key != "request_key"} == {
        key: first[key] for key in first if key != "request_key"
    }
    keys = [row["request_key"] for row in (first, again, third)]
    assert len({request_seed(completion_key(key, "llm")) for key in keys}) == 3
    assert again["request_key"] == retry_key(first["request_key"])
    assert set(again) == set(SCHEMA.names)


def test_equal_passages_of_two_notes_are_told_apart():
    one, other = request(1), request(2)
    assert one["request_key"] == other["request_key"]
    made, count = following([one, other], [reject(other, "copy")])
    assert [row["note_id"] for row in made] == ["n2"] and count.rephrased == 1


def test_a_passage_that_was_too_long_is_cut_and_nothing_of_it_is_lost(bpe):
    cutter = PassageCutter(bpe, PassagesSpec(max_tokens=1, min_tokens=1))

    def cut(text, most):
        cutter.max_tokens = most
        return [(at.start, at.end, at.tokens, at.section) for at in cutter.stretches([text])[0]]

    row = request(0)
    row["passage_tokens"] = count_tokens(load_tokenizer(bpe), [TEXT])[0]
    made, count = following([row], [reject(row, "too_long", "failed")], cut=cut)
    assert len(made) > 1 and count.retried() == {"rejected": {}, "failed": {"too_long": 1}}
    assert "".join(piece["passage"] for piece in made) == TEXT
    assert made[0]["start"] == 100 and made[-1]["end"] == 100 + len(TEXT)
    for piece in made:
        assert TEXT[piece["start"] - 100 : piece["end"] - 100] == piece["passage"]
        assert piece["passage"] in piece["user"] and piece["note_id"] == "n0"
        assert piece["passage_tokens"] <= -(-row["passage_tokens"] // 2)
    assert len({piece["request_key"] for piece in made}) == len(made)
    assert made[0]["passage"].rstrip().endswith((".", ":")), "cut at the end of a sentence"


def test_a_rejection_and_a_failure_of_one_name_are_different_things():
    rejected, failed = request(1), request(2)
    rejects = [reject(rejected, "too_long"), reject(failed, "too_long", "failed")]
    made, count = following([rejected, failed], rejects, reasons=[])
    assert {row["note_id"] for row in made} == {"n2"} and len(made) == 2
    assert dict(count.left) == {"too_long": 1}


@pytest.mark.parametrize("reason", ["too_long", "server_refused_400"])
def test_what_cannot_be_cut_or_was_refused_otherwise_stays_as_it_is(reason):
    row = request(0, "Pneumonoultramicroscopicsilicovolcanoconiosis")
    made, count = following([row], [reject(row, reason, "failed")])
    assert made == [] and dict(count.left) == {reason: 1}


def test_a_reject_of_no_request_is_an_error_that_names_the_table():
    asked = [request(0), request(1)]
    for rejects in (
        [reject(request(9), "copy")],
        [reject(asked[1], "copy"), reject(asked[0], "copy")],
    ):
        with pytest.raises(UserError, match="rejects: row of request .* belongs to none"):
            following(asked, rejects)


OUTCOMES = st.sampled_from(["kept", "copy", "refusal", "too_long", "server_refused_400"])
FAILURES = ("too_long", "server_refused_400")


def screened(rows, draw):
    """Rejects of some requests, and the account of the round."""
    rejects, account = [], {"in": len(rows), "kept": 0, "rejected": {}, "failed": {}}
    for row in rows:
        outcome = draw(OUTCOMES)
        if outcome == "kept":
            account["kept"] += 1
            continue
        kind = "failed" if outcome in FAILURES else "rejected"
        account[kind][outcome] = account[kind].get(outcome, 0) + 1
        rejects.append(reject(row, outcome, kind))
    return rejects, account


@given(st.integers(0, 12), st.integers(1, 3), st.data())
def test_over_all_rounds_every_request_ends_once(count, rounds, data):
    rows = [request(number) for number in range(count)]
    rejects, account = screened(rows, data.draw)
    accounts, again, extra = [account], [], 0
    for _ in range(rounds):
        made, next_round = following(rows, rejects)
        replaced = next_round.retried()
        cut = sum(replaced["failed"].values())
        extra += len(made) - sum(replaced["rejected"].values()) - cut
        again.append(replaced)
        rows = made
        rejects, account = screened(rows, data.draw)
        accounts.append(account)
    total = add_accounts(accounts, "part", again)
    ended = sum(total["rejected"].values()) + sum(total["failed"].values())
    assert total["in"] == count + extra == total["kept"] + ended
    assert total["kept"] == sum(account["kept"] for account in accounts)
