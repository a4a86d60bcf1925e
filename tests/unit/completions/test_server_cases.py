"""What servers in the field do, case by case: the answer is right, or its request fails alone."""

import json
import shutil
import ssl
import subprocess
import threading

import pytest
from odd_server import OddServer, chat, response

from palimpsest.completions.config import LlmBehaviour, LlmEngine
from palimpsest.completions.engines import openai_server, start_engine
from palimpsest.completions.engines.base import Failure, Request
from palimpsest.completions.ledger import Completion
from palimpsest.runtime.errors import UserError

WORDS = "It hurts. " * 30
YES_NO = '{"choices":["no","yes"]}'
PLAIN = {"system": "", "max_tokens": 100, "seed": 7}


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(openai_server, "FIRST_PAUSE_SECONDS", 0)
    made = OddServer()
    yield made
    made.close()


def engine_of(server, **tuning):
    known = {"backend": "server", "url": server.url, "served_model": "m"}
    known |= {"concurrency": 2, "timeout_seconds": 5}
    return start_engine(LlmBehaviour(), LlmEngine(**(known | tuning)), None)


def note(number, **changes):
    user = f"Say it.\n\nThe patient number {number} has pain. {WORDS}"
    return Request(**(PLAIN | {"user": user} | changes))


def ask(server, count=4, structured_output=None, **tuning):
    requests = [note(number, structured_output=structured_output) for number in range(count)]
    return engine_of(server, **tuning).complete(requests, lambda more: None)


def always(body, status=200, **headers):
    return lambda asked, which, number: response(body, status, **headers)


def one_of(said, times=99):
    """Says something to the note of number 2, so many times, and answers all else."""

    def rule(asked, which, number):
        odd = "number 2 " in which and number <= times
        return response(chat()) if not odd else said if isinstance(said, bytes) else response(said)

    return rule


def used(tokens_out, tokens_in=20):
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}


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
        ("content_filter", used(8), Failure("content_filter", 20)),
        ("CONTENT_FILTERED", used(8), Failure("content_filter", 20)),
        ("error", used(8), Failure("error", 20)),
        ("tool_calls", used(8), Failure("tool_calls", 20)),
        ("SAFETY", used(8), Failure("safety", 20)),
        ("insufficient_system_resource", used(8), Failure("insufficient_system_resource", 20)),
        ("The patient has pain", used(8), Failure("unknown_finish_reason", 20)),
        ("hurts.", used(8), Failure("unknown_finish_reason", 20)),
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


BUSY = {"error": {"message": "overloaded", "code": 502}}
CUT = response(json.dumps(chat()).encode()[:40])
HTML = response(b"<html>Service restarting</html>", Content_Type="text/html")
EVENTS = response(b"data: " + json.dumps(chat()).encode() + b"\n\ndata: [DONE]\n\n")
DROPPED = response(b"", Content_Length="500") + b'{"choices"'


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (BUSY, "server_failed_502"),
        ({"error": {"message": "no", "code": "502"}}, "server_failed_502"),
        ({"error": {"message": "no", "code": "overloaded"}}, "server_failed_overloaded"),
        ({"error": {"message": "no", "code": "hurts"}}, "server_failed_error"),
        ({"error": "no"}, "server_failed_error"),
        ({"error": {"code": 502}, **chat("Half of")}, "server_failed_502"),
        (
            {"choices": [{**chat("Half")["choices"][0], "error": {"code": 502}}]},
            "server_failed_502",
        ),
        ({"choices": [], "usage": {}}, "no_choices"),
        ({"choices": [None]}, "no_choices"),
        ([chat()], "no_choices"),
        (response(b""), "empty_body"),
        (response(b"null"), "not_json"),
        (response(b"[" * 100_000), "not_json"),
        (CUT, "not_json"),
        (HTML, "not_json"),
        (EVENTS, "not_json"),
        (DROPPED, "server_failed_connection"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "server_failed_connection"),
        (response(b"no", 500), "server_failed_500"),
        (response(b"no", 524), "server_failed_524"),
        (response(b"no", 408), "server_failed_408"),
        (response(chat(system_fingerprint="f" * 5_000_000)), "answer_too_large"),
        (response(b"x", Content_Encoding="gzip"), "encoded_body"),
    ],
)
def test_what_is_no_completion_is_asked_for_again_and_then_fails_alone(server, said, reason):
    server.rule = one_of(said, times=1)
    assert [result.text for result in ask(server)] == ["Pain is said."] * 4
    server.rule, server.tries = one_of(said), {}
    results = ask(server)
    assert results[2] == Failure(reason)
    assert [results[index].text for index in (0, 1, 3)] == ["Pain is said."] * 3
    # Alone, with nothing to compare it with: a harmless question tells it from the server.
    assert engine_of(server).complete([note(2)], lambda more: None) == [Failure(reason)]
    assert server.asked[-1]["messages"] == [{"role": "user", "content": openai_server.HARMLESS}]
    server.rule = lambda asked, which, number: said if isinstance(said, bytes) else response(said)
    with pytest.raises(UserError, match="the server gives no completion: ") as raised:
        ask(server)
    assert "hurts" not in str(raised.value).lower()


@pytest.mark.parametrize(
    "body", [b"\xef\xbb\xbf" + json.dumps(chat("fièvre")).encode(),
             json.dumps(chat("fièvre"), ensure_ascii=False).encode("latin-1"),
             json.dumps(chat("fièvre")).encode("utf-16")],
)  # fmt: skip
def test_a_body_is_read_in_the_encoding_that_it_has(server, body):
    server.rule = always(body)
    assert {answer.text for answer in ask(server)} == {"fièvre"}


UNSUPPORTED = {
    "message": "Unsupported parameter: 'max_tokens' is not supported with this model.",
    "type": "invalid_request_error",
    "param": "max_tokens",
    "code": "unsupported_parameter",
}


def test_a_server_that_refuses_all_is_an_error_with_its_words(server):
    server.rule = always({"error": UNSUPPORTED}, 400)
    with pytest.raises(UserError) as raised:
        ask(server)
    assert str(raised.value) == (
        f"{server.url}: the server gives no completion: status 400, code unsupported_parameter, "
        "type invalid_request_error, param max_tokens, it says: Unsupported parameter: "
        "'max_tokens' is not supported with this model.; check what it takes, and `served_model`"
    )
    server.rule, server.tries = one_of(response({"error": UNSUPPORTED}, 400)), {}
    assert ask(server)[2] == Failure("server_refused_400")


@pytest.mark.parametrize("where", ["message", "code", "type", "param"])
@pytest.mark.parametrize("word", ["hurts", "The patient number 1 has pain", "sesame-1234"])
def test_no_word_of_a_request_and_no_key_is_in_a_message(server, monkeypatch, where, word, capsys):
    monkeypatch.setenv("WARD_KEY", "sesame-1234")
    server.rule = always({"error": UNSUPPORTED | {where: f"{word}"}}, 400)
    with pytest.raises(UserError) as raised:
        ask(server, api_key_variable="WARD_KEY")
    said = str(raised.value) + "".join(capsys.readouterr())
    assert word not in said and "pain" not in said and "sesame" not in said


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "api_key_variable"),
        (402, "paid for"),
        (403, "api_key_variable"),
        (404, "check `url`"),
        (405, "check `url`"),
        (407, "a proxy"),
        (410, "check `url`"),
        (501, "check `url`"),
    ],
)
def test_what_waiting_does_not_mend_stops_at_once(server, monkeypatch, status, advice):
    monkeypatch.setattr(openai_server, "FIRST_PAUSE_SECONDS", 600)
    server.rule = always(b'{"error":{"message":"no"}}', status)
    with pytest.raises(UserError, match=f"status {status}.*{advice}"):
        ask(server)
    assert len(server.asked) <= 2  # two are under way at once


def test_a_refusal_amid_answers_is_about_its_request(server):
    server.rule = one_of(response(b"<html>blocked</html>", 403))
    assert ask(server)[2] == Failure("server_refused_403")
    server.rule = one_of(response({"error": {"message": "Your input was flagged"}}, 403))
    assert engine_of(server).complete([note(2)], lambda more: None) == (
        [Failure("server_refused_403")]
    )


def test_a_key_that_expires_stops_the_job(server):
    count = iter(range(9999))
    server.rule = lambda *asked: response(chat()) if next(count) < 3 else response(b"no", 401)
    with pytest.raises(UserError, match="status 401"):
        ask(server, count=40)
    assert len(server.asked) < 12


def test_a_redirect_is_named_with_its_target_and_not_followed(server):
    for place, named in (
        ("https://user:sesame@new.example/v1/x?api-key=sesame#y", "https://new.example/v1/x"),
        ("/new/v1", "/new/v1"),
        ("https://[", "a malformed address"),
    ):
        server.rule = always(b"", 307, Location=place)
        with pytest.raises(UserError) as raised:
            ask(server)
        assert f"status 307, which points to {named}; no redirect" in str(raised.value)
        assert "sesame" not in str(raised.value)


def test_the_query_of_a_url_stays_behind_the_path_and_out_of_messages(server):
    url = f"http://127.0.0.1:{server.port}/openai/deployments/gpt/?api-version=2024-06-01&k=sesame"
    ask(server, url=url)
    path = "/openai/deployments/gpt/chat/completions?api-version=2024-06-01&k=sesame"
    assert server.heads[0].startswith(f"POST {path} HTTP/1.1")
    server.rule = always(b"no", 404)
    with pytest.raises(UserError) as raised:
        ask(server, url=url)
    assert f":{server.port}/openai/deployments/gpt" in str(raised.value)
    assert "sesame" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8000/v1", "ftp://host/v1", "http:///v1", " http://host/v1", "http://host/v1\n",
        "http://ho st/v1", "http://host:port/v1", "http://host:99999/v1", "http://[::1/v1",
        "http://host/v1#x", "http://host/v1/chat/completions", "http://h\u00f6st/v1", "",
        "http://user:s3cretpw@host/v1", "http://s3cretpw@host/v1", "http://:@host/v1",
    ],
)  # fmt: skip
def test_a_url_that_is_none_or_has_a_secret_is_refused_without_being_shown(url):
    with pytest.raises(ValueError, match="'url' ") as raised:
        LlmEngine(backend="server", url=url, served_model="m")
    assert "s3cretpw" not in str(raised.value)


def test_a_key_is_stripped_and_one_that_no_header_holds_is_named_by_its_variable(
    server, monkeypatch
):
    monkeypatch.setenv("WARD_KEY", " sk-abc\n")
    ask(server, api_key_variable="WARD_KEY")
    assert "Authorization: Bearer sk-abc" in server.heads[0].splitlines()
    for key in ("sk-ab\u2019c", "sk ab", "sk\nab", "sk\x7fab", "\n"):
        monkeypatch.setenv("WARD_KEY", key)
        with pytest.raises(UserError, match="environment variable WARD_KEY") as raised:
            engine_of(server, api_key_variable="WARD_KEY")
        assert "sk" not in str(raised.value)


TOO_LONG = {
    "OpenAI": (400, {"error": {"message": "too many", "code": "context_length_exceeded"}}),
    "vLLM": (400, {"message": "This model's maximum context length is 2048 tokens. However, you "
                   "requested 2500 tokens"}),
    "vLLM, newer": (400, {"error": {"message": "You passed 4001 input tokens and requested 200 "
                    "output tokens. However, the model's context length is only 4096 tokens"}}),
    "vLLM, no room": (400, {"error": {"message": "max_tokens must be at least 1, got -5."}}),
    "TGI": (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= "
            "4096. Given: 4000 `inputs` tokens and 900 `max_new_tokens`"}),
    "TGI, inputs": (422, {"error": "`inputs` must have less than 1024 tokens. Given: 1500"}),
    "SGLang": (400, {"object": "error", "code": 400, "message": "The input (5000 tokens) is longer "
               "than the model's context length (4096 tokens)."}),
    "Together": (400, {"error": {"message": "`inputs` tokens + `max_new_tokens` must be <= 4097"}}),
    "LM Studio": (400, {"error": "The number of tokens to keep from the initial prompt is greater "
                  "than the context length."}),
    "Ollama": (400, {"error": {"message": "the input length exceeds the context length"}}),
    "Ollama, newer": (400, {"error": {"message": "prompt is too long: 7900 tokens"}}),
    "llama.cpp": (400, {"error": {"type": "exceed_context_size_error", "n_prompt_tokens": 9000}}),
    "llama.cpp, 200": (200, {"error": {"code": 400, "message": "the request exceeds the available "
                       "context size", "type": "exceed_context_size_error"}}),
    "llama.cpp, 500": (500, {"error": {"code": 500, "message": "input is too large to process. "
                       "increase the physical batch size"}}),
    "llama-cpp-python": (400, {"error": {"message": "Requested tokens (2285) exceed context window "
                         "of 2048"}}),
    "Anthropic": (400, {"type": "error", "error": {"type": "invalid_request_error", "message":
                  "prompt is too long: 208310 tokens > 200000 maximum"}}),
    "Bedrock": (400, {"message": "Input is too long for requested model."}),
    "TensorRT-LLM": (400, {"message": "default_max_tokens (-100) should be greater than 0"}),
    "Triton": (400, {"error": "Prompt length (5000) exceeds maximum input length (4096)."}),
    "LiteLLM": (400, {"error": {"message": "litellm.ContextWindowExceededError: no"}}),
    "TabbyAPI": (422, {"detail": "Prompt length 5000 is greater than max_seq_len 4096"}),
    "Gemini": (400, [{"error": {"code": 400, "message": "The input token count (1200000) exceeds "
               "the maximum number of tokens allowed (1048576)."}}]),
    "Cohere": (400, {"message": "too many tokens: total number of tokens in the prompt"}),
    "Groq": (413, {"error": {"message": "Request too large for model on tokens per minute"}}),
    "watsonx": (400, {"errors": [{"message": "the number of input tokens 5000 cannot exceed the "
                "total tokens limit 4096"}]}),
    "a rate": (429, {"error": {"message": "Request too large: Limit 10000, Requested 12000."}}),
    "nginx": (413, b"<html><h1>413 Request Entity Too Large</h1></html>"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOO_LONG)
def test_too_long_is_understood_in_the_words_of_every_server(server, name):
    status, body = TOO_LONG[name]
    server.rule = one_of(response(body, status))
    results = ask(server)
    assert results[2] == Failure("too_long")
    assert all(isinstance(results[index], Completion) for index in (0, 1, 3))
    assert sum("number 2 " in str(asked["messages"]) for asked in server.asked) == 1


@pytest.mark.parametrize(
    "message",
    [
        UNSUPPORTED["message"],
        "Invalid 'temperature': must be <= 2",
        "The model `m` does not exist",
        f"Invalid request: {note(2).user}",
    ],
)
def test_other_refusals_are_not_taken_for_too_long(server, message):
    server.rule = one_of(response({"error": {"message": message}}, 400))
    assert ask(server)[2] == Failure("server_refused_400")


def test_what_a_server_repeats_of_a_request_is_no_wording(server):
    user = f"Say it. number 2 The prompt is too long, exceeds the context length. {WORDS}"
    detail = [{"type": "extra_forbidden", "msg": "no", "input": {"messages": [user]}}]
    for body in ({"detail": detail}, {"error": {"message": f"cannot read: {user}"}}):
        server.rule = one_of(response(body, 422))
        engine = engine_of(server)
        engine.complete([note(1)], lambda more: None)
        results = engine.complete([note(2, user=user)], lambda more: None)
        assert results == [Failure("server_refused_422")]


@pytest.mark.parametrize(
    "entry", [{"id": "m", "max_model_len": 300}, {"id": "other", "context_length": 300}]
)
def test_what_a_server_says_of_its_length_is_known_before_it_is_asked(server, entry):
    server.models = response({"object": "list", "data": [entry]})
    long = note(9, user="pain " * 400)
    engine = engine_of(server)
    results = engine.complete([note(1), long], lambda more: None)
    assert isinstance(results[0], Completion) and results[1] == Failure("too_long")
    assert len(server.asked) == 1
    # And a refusal near that length needs no wording.
    server.rule = always({"error": {"message": "no"}}, 400)
    near = note(9, user="pain " * 150)
    assert engine.complete([near], lambda more: None) == [Failure("too_long")]


@pytest.mark.parametrize(
    "models", [b"", response(b"[" * 9999), response({"data": [{"max_model_len": -1}]}),
               response({"data": {"m": 1}}), response({"data": [{"max_model_len": True}, 3]})],
)  # fmt: skip
def test_a_list_of_models_that_says_nothing_is_no_obstacle(server, models):
    server.models = models
    assert isinstance(ask(server)[0], Completion)


@pytest.mark.parametrize(
    ("words", "tokens", "cut"),
    [(68, 4, True), (68, 20, False), (3000, 2048, True), (3000, 3100, False)],
)
def test_a_prompt_that_the_server_cut_fails(server, words, tokens, cut):
    server.rule = always(chat(usage=used(8, tokens)))
    request = note(1, user="pain " * words)
    (result,) = engine_of(server).complete([request], lambda more: None)
    assert result == Failure("prompt_cut", tokens) if cut else result.tokens_in == tokens


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


def test_the_time_for_a_request_is_for_all_of_it(server):
    slow = [piece for byte in response(chat()) for piece in (bytes([byte]), 0.05)]
    server.rule = lambda asked, which, number: slow if "number 2 " in which else response(chat())
    results = ask(server, timeout_seconds=0.3)
    assert results[2] == Failure("server_failed_timeout")
    assert [results[index].text for index in (0, 1, 3)] == ["Pain is said."] * 3
    assert server.tries[note(2).user] == openai_server.TIMEOUT_TRIES


def test_nothing_is_unpacked_no_cookie_is_kept_and_encodings_are_not_asked_for(server):
    server.rule = always(chat(), Set_Cookie="a=b; Path=/")
    ask(server)
    assert all("accept-encoding: identity" in head.lower() for head in server.heads)
    assert not any("cookie" in head.lower() for head in server.heads)


@pytest.mark.parametrize(
    "header",
    [
        "1.5s",
        "nan",
        "-5",
        "Fri, 99 Foo 2026 99:99:99 GMT",
        "",
        "Sat, 28 Nov 2020 19:00:00 -0000",
        "Mon, 01 Jan 0000 00:00:00",
    ],
)
def test_a_wait_that_is_none_is_no_wait(server, header):
    server.rule = lambda asked, which, number: (
        response(b"slow down", 429, Retry_After=header) if number < 3 else response(chat())
    )
    assert len(ask(server)) == 4


def test_half_a_surrogate_pair_in_a_request_fails_alone(server):
    results = engine_of(server).complete([note(1, user="half \ud83d"), note(2)], lambda more: None)
    assert results[0] == Failure("bad_characters") and isinstance(results[1], Completion)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost that nobody else has signed, and TLS with it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
    command += "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key -out cert.pem"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key")
    return folder / "cert.pem", context


def test_a_private_ca_is_trusted_where_it_is_named_and_else_named_at_once(
    certificate, monkeypatch, tmp_path
):
    monkeypatch.setattr(openai_server, "FIRST_PAUSE_SECONDS", 600)
    ca_file, context = certificate
    server = OddServer(tls=context)
    url = f"https://localhost:{server.port}/v1"
    assert isinstance(ask(server, url=url, ca_file=str(ca_file))[0], Completion)
    with pytest.raises(UserError, match="its certificate is not trusted .*`ca_file`"):
        ask(server, url=url)
    with pytest.raises(UserError, match="its certificate is not trusted .*127.0.0.1"):
        ask(server, url=url.replace("localhost", "127.0.0.1"), ca_file=str(ca_file))
    (tmp_path / "empty.pem").write_text("")
    for name, said in (("empty.pem", "no certificates"), ("none.pem", "cannot be read")):
        with pytest.raises(UserError, match=f"ca_file: .*{name} .*{said}"):
            ask(server, url=url, ca_file=str(tmp_path / name))
    server.close()


def test_http_behind_https_is_named_at_once(server, monkeypatch):
    monkeypatch.setattr(openai_server, "FIRST_PAUSE_SECONDS", 600)
    with pytest.raises(UserError, match="no TLS that can be read.*begin with http instead"):
        ask(server, url=server.url.replace("http:", "https:"))


def test_requests_in_doubt_at_once_are_settled_by_few_harmless_questions(server):
    gate = threading.Barrier(2, timeout=5)

    def rule(asked, which, number):
        if which == openai_server.HARMLESS:
            return response(chat())
        if number == 1:
            gate.wait()
        return response(b"no", 500)

    server.rule = rule
    assert ask(server, count=2) == [Failure("server_failed_500")] * 2
    harmless = [asked for asked in server.asked if "Say yes." in str(asked["messages"])]
    assert 1 <= len(harmless) <= 2
