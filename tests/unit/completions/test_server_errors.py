"""What servers answer instead: asked again where that helps, and named where it does not."""

import asyncio
import json
from contextlib import closing

import pytest
from asking import always, ask, engine_of, note, one_of
from odd_server import chat, response

from palimpsest.completions.config import LlmEngine
from palimpsest.completions.engines import openai_server
from palimpsest.completions.engines.base import Failure
from palimpsest.runtime.errors import UserError

UNSUPPORTED = {
    "message": "Unsupported parameter: 'max_tokens' is not supported with this model.",
    "type": "invalid_request_error",
    "param": "max_tokens",
    "code": "unsupported_parameter",
}


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
@pytest.mark.parametrize(
    "word",
    [
        "hurts", "hurt", "The patient number 1 has pain", "sesame-1234", "key: ses***1234",
        "p a t i e n t", "\\u0070ain", "%70ain", "tokens [12, 345, 6789, 12]",
        "cGF0aWVudCBodXJ0cw1A=",
    ],
)  # fmt: skip
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


@pytest.mark.parametrize(
    "key", ["sk-proj-Sesame1", "sesame1234", "hf_sesame", "A" * 99, "WARD KEY"]
)
def test_a_key_in_place_of_its_variable_is_refused_without_being_shown(key):
    with pytest.raises(ValueError, match="'api_key_variable' is no name of an env") as raised:
        LlmEngine(backend="server", url="http://h/v1", served_model="m", api_key_variable=key)
    assert key not in str(raised.value)


def test_an_engine_that_is_closed_leaves_no_stream_to_its_loop(server):
    server.rule = one_of(response(chat(system_fingerprint="f" * 5_000_000)))
    engine = engine_of(server)
    with closing(engine):
        engine.complete([note(0), note(2)], lambda more: None)
        loop = engine.runner.get_loop()
    assert loop.is_closed() and not asyncio.all_tasks(loop)
