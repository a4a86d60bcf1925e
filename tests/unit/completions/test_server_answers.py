"""What servers in the field answer: it is read right, or its request fails alone."""

import json

import pytest
from asking import YES_NO, always, ask, one_of, used
from odd_server import chat, response

from palimpsest.completions.engines.base import Failure
from palimpsest.completions.ledger import Completion
from palimpsest.runtime.errors import UserError


@pytest.mark.parametrize(
    ("finish", "usage", "expected"),
    [
        ("stop", used(8), "stop"),
        ("eos", used(8), "stop"),
        ("eos_token", used(8), "stop"),
        ("stop_sequence", used(8), "stop"),
        ("end_turn", used(8), "stop"),
        ("STOP", used(8), "stop"),
        ("FINISH_REASON_STOP", used(8), "stop"),
        ("eosFound", used(8), "stop"),
        ("COMPLETE", used(8), "stop"),
        ("stop", used(100), "length"),  # the room is full, whatever it says
        ("stop", used(101), "length"),
        ("length", used(8), "length"),
        ("model_length", used(8), "length"),
        ("max_tokens", used(100), "length"),
        ("MAX_TOKENS", used(100), "length"),
        ("max_new_tokens", used(100), "length"),
        ("model_context_window_exceeded", used(8), "length"),
        ("length_limit_exceeded", used(8), "length"),
        ("max_tokens_exceeded", used(8), "length"),
        ("stop_reason_length", used(8), "length"),
        ("content_filter", used(8), Failure("content_filter", 20)),
        ("CONTENT_FILTERED", used(8), Failure("content_filter", 20)),
        ("error", used(8), Failure("error", 20)),
        ("tool_calls", used(8), Failure("tool_calls", 20)),
        ("SAFETY", used(8), Failure("safety", 20)),
        ("insufficient_system_resource", used(8), Failure("insufficient_system_resource", 20)),
        ("The patient has pain", used(8), Failure("unknown_finish_reason", 20)),
        ("hurts.", used(8), Failure("unknown_finish_reason", 20)),
        ("patient_hurts", used(8), Failure("unknown_finish_reason", 20)),
        ("paint", used(8), Failure("paint", 20)),  # of no word of the request, only alike
        ("patie", used(8), Failure("unknown_finish_reason", 20)),
        (7, used(8), Failure("unknown_finish_reason", 20)),
        ({"reason": "stop"}, used(8), Failure("unknown_finish_reason", 20)),
        (None, used(8), "stop"),  # judged by its tokens
        (..., used(8), "stop"),
        ("", used(8), "stop"),
        (None, used(100), "length"),
    ],
)
def test_an_answer_is_whole_only_if_its_end_says_so(server, finish, usage, expected):
    server.rule = always(chat(finish=finish, usage=usage))
    for result in ask(server):
        if isinstance(expected, Failure):
            assert result == expected
        else:
            assert (result.finish_reason, result.text) == (expected, "Pain is said.")


@pytest.mark.parametrize("usage", [..., None, {}, {"prompt_tokens": None}])
def test_whole_cannot_be_told_from_cut_without_finish_reason_and_usage(server, usage):
    server.rule = one_of(chat(finish=None, usage=usage))
    assert ask(server)[2] == Failure("no_finish_reason")
    server.rule = always(chat(finish=None, usage=usage))
    with pytest.raises(UserError, match="say neither why they end nor how many tokens.*`usage`"):
        ask(server)


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (..., (0, 0)),
        (None, (0, 0)),
        ({"prompt_tokens": None, "completion_tokens": None}, (0, 0)),
        ({"prompt_tokens": 20.0, "completion_tokens": "8"}, (20, 8)),
    ],
)
def test_tokens_that_are_not_known_are_noted_as_none(server, usage, counts):
    server.rule = always(chat(usage=usage))
    for answer in ask(server):
        assert (answer.tokens_in, answer.tokens_out) == counts


@pytest.mark.parametrize(
    "usage",
    [used(2**40), used(8, 2**31), used(-1), used(8, 20.5), used(True), used("many"), [3], "none"],
)
def test_numbers_of_tokens_that_are_none_fail_alone(server, usage):
    server.rule = one_of(chat(usage=usage))
    results = ask(server)
    assert results[2] == Failure("malformed_usage")
    assert all(isinstance(results[index], Completion) for index in (0, 1, 3))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("fi\u00e8vre \U0001f637\tok\r\n", "fi\u00e8vre \U0001f637\tok\r\n"),
        ("half \ud83d end", "half \ufffd end"),
        ("page\x0cbreak\x0b", "page\nbreak\n"),
        ("it\x92s", "it\ufffds"),  # Windows' apostrophe in a note that was read as Latin-1
        ("a\x00b", "a\ufffdb"),
        ("\x1b[31mred\x7f", "\ufffd[31mred\ufffd"),
        ("x" * 50_000, Failure("answer_too_large")),
        (["Pain"], Failure("malformed_answer")),
        ({"type": "text"}, Failure("malformed_answer")),
        (7, Failure("malformed_answer")),
        (None, ""),
        ([{"type": "thinking", "thinking": []}, {"type": "text", "text": "Pain"}], "Pain"),
    ],
)
def test_a_text_is_one_that_every_table_holds(server, given, kept):
    server.rule = one_of(chat(given))
    results = ask(server)
    assert results[2] == kept if isinstance(kept, Failure) else results[2].text == kept
    assert [results[index].text for index in (0, 1, 3)] == ["Pain is said."] * 3


@pytest.mark.parametrize(
    "version", ["f" * 201, "f" * 5_000, 7, ["v"], "the patient", "a\x00", None]
)
def test_a_version_is_a_short_name_or_unknown(server, version):
    server.rule = always(chat(system_fingerprint=version))
    assert {answer.engine_version for answer in ask(server)} == {"unknown"}


def test_a_cut_prompt_is_scored_by_nobody(server):
    server.rule = about_choices(SOUND | {"usage": used(1, 4)})
    assert ask(server, structured_output=YES_NO)[2] == Failure("prompt_cut", 4)


def listing(*scores):
    entries = [{"token": token, "logprob": score} for token, score in scores]
    return {"content": [{"token": "no", "logprob": -0.1, "top_logprobs": entries}]}


def scored(logprobs):
    value = chat("no", "length", usage=used(1))
    value["choices"][0]["logprobs"] = logprobs
    return value


SOUND = scored(listing(("no", -0.1), ("yes", -2)))
OLD = {"tokens": ["no"], "token_logprobs": [-0.1], "top_logprobs": [{"no": -0.1, "yes": -2.5}]}


def about_choices(said):
    return lambda asked, which, number: response(said if "number 2 " in which else SOUND)


@pytest.mark.parametrize(
    ("logprobs", "scores"),
    [
        (listing(("no", -0.1), ("yes", float("-inf"))), {"no": -0.1, "yes": -9999.0}),
        (listing(("no", -0.1), ("yes", None), ("the", -4)), {"no": -0.1, "yes": -4}),
        (listing(("no", -0.1), ("yes", float("nan")), ("the", -4)), {"no": -0.1, "yes": -4}),
        (listing(("no", -0.1), (None, -3), ("the", "likely")), None),  # nothing to compare with
        (listing(("no", -0.1), ("yes", -(10**400))), {"no": -0.1, "yes": -9999.0}),
        (OLD, {"no": -0.1, "yes": -2.5}),
        (listing(("<think>", -0.001), ("\n", -8)), None),
        ({"content": []}, None),
        ({"content": None}, None),
        ({"content": [{"token": "no", "logprob": -0.1}]}, None),
        (listing(("no", None)), None),
        (None, None),
        ([], None),
        ("no", None),
    ],
)
def test_log_likelihoods_are_read_or_their_request_fails_alone(server, logprobs, scores):
    server.rule = about_choices(scored(logprobs))
    results = ask(server, structured_output=YES_NO)
    if scores is None:
        assert results[2].reason == "no_choice_scored"
    else:
        assert json.loads(results[2].text) == scores
    assert [json.loads(results[index].text) for index in (0, 1, 3)] == [{"no": -0.1, "yes": -2}] * 3


@pytest.mark.parametrize(
    "logprobs", [None, {}, {"content": None}, listing(), listing(("no", None))]
)
def test_a_server_without_log_likelihoods_is_an_error_that_says_so(server, logprobs):
    server.rule = always(scored(logprobs))
    with pytest.raises(UserError, match="gives no log-likelihoods of tokens .`logprobs`."):
        ask(server, structured_output=YES_NO)
