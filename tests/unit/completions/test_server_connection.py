"""A connection to a server is bounded, trusts the certificates it is told to, keeps nothing."""

import threading

import pytest
from asking import always, ask, engine_of, note
from odd_server import OddServer, chat, response

from palimpsest.completions.engines import openai_server
from palimpsest.completions.engines.base import Failure
from palimpsest.completions.ledger import Completion
from palimpsest.runtime.errors import UserError


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
