"""The server engine: tries again when that can help, and says what is wrong when it cannot."""

import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from palimpsest.completions.config import Chat, LlmBehaviour, LlmEngine, Sampling
from palimpsest.completions.engines import openai_server as server
from palimpsest.completions.engines import start_engine
from palimpsest.completions.engines.base import Failure, Request
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.faults import explained, stoppable

LLM = LlmBehaviour(sampling=Sampling(temperature=0.5, top_p=0.9))
REQUEST = Request("Be brief.", "Pain?", 9, 123)


def reply(content="Yes.", finish_reason="stop", **changes):
    value = {
        "choices": [{"message": {"content": content}, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2},
        "system_fingerprint": "v1",
    }
    return json.dumps(value | changes)


class Scripted:
    """Gives the scripted (status, body) pairs in turn, and the last of them for ever."""

    def __init__(self):
        self.script, self.seen, self.headers = [(200, reply())], [], []
        self.reply_headers, self.decide = {}, None
        self.release, self.waited_for = threading.Event(), False
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.seen.append(asked)
                owner.headers.append({**self.headers, "path": self.path})
                if owner.decide:
                    status, body = owner.decide(asked)
                else:
                    last = len(owner.script) == 1
                    status, body = owner.script[0] if last else owner.script.pop(0)
                if status == "hang":
                    owner.waited_for |= not owner.release.wait(60)
                    return
                data = (body(asked) if callable(body) else body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                for name, value in owner.reply_headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *unused):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def engine(self, llm=LLM, **tuning):
        known = {"backend": "server", "url": self.url, "served_model": "m"}
        known |= {"concurrency": 2, "timeout_seconds": 10}
        return start_engine(llm, LlmEngine(**(known | tuning)), None)


@pytest.fixture
def scripted(monkeypatch):
    monkeypatch.setattr(server, "FIRST_PAUSE_SECONDS", 0)
    made = Scripted()
    yield made
    made.release.set()
    made.server.shutdown()
    made.server.server_close()


def ask(engine, *requests):
    counted = []
    answers = engine.complete(list(requests) or [REQUEST], counted.append)
    assert sum(counted) == len(answers)
    return answers


def test_what_is_sent_is_what_was_declared(scripted):
    (answer,) = ask(scripted.engine())
    assert scripted.seen == [
        {
            "model": "m",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Pain?"},
            ],
            "max_tokens": 9,
            "seed": 123,
            "temperature": 0.5,
            "top_p": 0.9,
        }
    ]
    assert scripted.headers[0]["path"] == "/v1/chat/completions"
    assert (answer.text, answer.finish_reason, answer.seed) == ("Yes.", "stop", 123)
    assert (answer.tokens_in, answer.tokens_out) == (5, 2)
    assert (answer.engine, answer.engine_version) == ("server", "v1")


def test_what_openai_does_not_know_is_sent_where_it_is_asked_for(scripted):
    sampling = Sampling(top_k=20, min_p=0.1, repetition_penalty=1.1)
    chat = Chat(system_role=False, template_options={"enable_thinking": False})
    ask(scripted.engine(LlmBehaviour(sampling=sampling, chat=chat)))
    (body,) = scripted.seen
    assert (body["top_k"], body["min_p"], body["repetition_penalty"]) == (20, 0.1, 1.1)
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert body["messages"] == [{"role": "user", "content": "Be brief.\n\nPain?"}]


def test_completions_stand_in_the_order_of_their_requests(scripted):
    scripted.script = [(200, lambda body: reply(body["messages"][-1]["content"]))]
    requests = [Request("", f"q{index}", 9, index) for index in range(20)]
    assert [answer.text for answer in ask(scripted.engine(), *requests)] == (
        [f"q{index}" for index in range(20)]
    )


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_that_stumbles_is_asked_again(scripted, status):
    scripted.script = [(status, "busy"), (status, "busy"), (200, reply())]
    (answer,) = ask(scripted.engine())
    assert answer.text == "Yes." and len(scripted.seen) == 3
    assert scripted.seen[0] == scripted.seen[2]


def test_a_server_that_keeps_failing_is_an_error_with_its_address(scripted):
    scripted.script = [(500, "Traceback: chest pain")]
    with pytest.raises(UserError, match=rf"{scripted.url}: .*status 500") as raised:
        ask(scripted.engine())
    assert len(scripted.seen) == server.TRIES + server.DOUBT_TRIES
    assert "pain" not in str(raised.value)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_at_fault_fails_alone(scripted, status):
    scripted.script = [(status, "too long"), (200, reply())]
    answers = ask(scripted.engine(concurrency=1), REQUEST, REQUEST)
    assert answers[0] == Failure(f"server_refused_{status}") and answers[1].text == "Yes."


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_or_address_stops_at_once(scripted, status):
    scripted.script = [(status, "no")]
    with pytest.raises(UserError, match=rf"{scripted.url}: .*status {status}"):
        ask(scripted.engine())
    assert len(scripted.seen) == 1


def test_the_window_behind_a_wrong_key_is_not_sent(scripted):
    scripted.script = [(401, "no")]
    with pytest.raises(UserError, match="status 401"):
        ask(scripted.engine(), *[REQUEST] * 40)
    assert len(scripted.seen) < 40


def test_the_key_is_read_from_its_variable_and_sent(scripted, monkeypatch):
    monkeypatch.setenv("WARD_KEY", "sesame")
    ask(scripted.engine(api_key_variable="WARD_KEY"))
    assert scripted.headers[0]["Authorization"] == "Bearer sesame"


def test_a_missing_key_variable_is_named(scripted, monkeypatch):
    monkeypatch.delenv("WARD_KEY", raising=False)
    with pytest.raises(UserError, match="environment variable WARD_KEY"):
        scripted.engine(api_key_variable="WARD_KEY")


def test_a_proxy_of_the_environment_is_not_used(scripted, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert ask(scripted.engine())[0].text == "Yes."


def test_a_server_that_is_not_there_is_an_error_with_its_address(monkeypatch):
    monkeypatch.setattr(server, "FIRST_PAUSE_SECONDS", 0)
    closed = Scripted()
    closed.server.shutdown()
    closed.server.server_close()
    with pytest.raises(UserError, match=rf"{closed.url}: .*ConnectError"):
        ask(closed.engine())


def test_a_server_that_hangs_is_an_error_after_the_timeout(scripted, monkeypatch):
    monkeypatch.setattr(server, "TRIES", 2)
    scripted.script = [("hang", "")]
    with pytest.raises(UserError, match="no answer in time .nothing whole within 0.1 s"):
        ask(scripted.engine(timeout_seconds=0.1))
    assert len(scripted.seen) == 3


@pytest.fixture
def pauses(monkeypatch):
    """What the engine would sleep, in seconds; it does not."""
    slept = []

    async def sleep(seconds):
        if seconds:
            slept.append(seconds)

    monkeypatch.setattr(server.asyncio, "sleep", sleep)
    return slept


def test_pauses_grow_and_are_not_the_same_for_all(scripted, pauses, monkeypatch):
    monkeypatch.setattr(server, "FIRST_PAUSE_SECONDS", 0.5)
    scripted.script = [(503, "busy")]
    with pytest.raises(UserError, match="status 503; .*lower `concurrency`"):
        ask(scripted.engine())
    longest = [min(0.5 * 2**index, 30) for index in range(server.TRIES - 1)]
    assert all(limit / 2 <= slept <= limit for slept, limit in zip(pauses, longest, strict=True))
    assert len({slept / limit for slept, limit in zip(pauses, longest, strict=True)}) > 3


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("Fri, 31 Dec 9999 23:59:59 GMT", 600), ("0", 0), ("soon", 0), ("-4", 0)],
)
def test_a_server_is_given_the_time_that_it_wants(scripted, pauses, header, seconds):
    scripted.reply_headers = {"Retry-After": header}
    scripted.script = [(429, "busy"), (200, reply())]
    assert ask(scripted.engine())[0].text == "Yes."
    assert pauses == ([seconds] if seconds else [])


def failing(word, status):
    """A reply that fails for messages with a word, and answers others."""

    def respond(body):
        return word in body["messages"][-1]["content"]

    return lambda body: (status, "Traceback") if respond(body) else (200, reply())


def test_a_request_at_which_the_server_always_fails_fails_alone(scripted):
    scripted.decide = failing("poison", 500)
    requests = [Request("", word, 9, 1) for word in ("poison", "pain", "fever", "cough")]
    failed, *answers = ask(scripted.engine(), *requests)
    assert failed == Failure("server_failed_500")
    assert [answer.text for answer in answers] == ["Yes."] * 3


def test_a_server_that_is_too_busy_for_some_stops_the_job(scripted):
    scripted.decide = failing("poison", 429)
    with pytest.raises(UserError, match="status 429"):
        ask(scripted.engine(), Request("", "poison", 9, 1), REQUEST, REQUEST)


def test_no_more_requests_are_under_way_at_once_than_allowed(scripted):
    under_way, counts = set(), []

    def decide(body):
        under_way.add(body["seed"])
        counts.append(len(under_way))
        time.sleep(0.01)
        under_way.discard(body["seed"])
        return 200, reply()

    scripted.decide = decide
    ask(scripted.engine(concurrency=3), *[Request("", "q", 9, index) for index in range(30)])
    assert max(counts) == 3


def test_a_job_that_is_told_to_end_does_not_wait_for_answers(scripted):
    scripted.script = [("hang", "")]
    engine = scripted.engine(timeout_seconds=600)
    with pytest.raises(UserError, match="stopped by SIGTERM"):
        with explained(Path("ledger")), stoppable():
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
            ask(engine, *[REQUEST] * 8)
    assert not scripted.waited_for


def test_a_managed_server_takes_no_url():
    with pytest.raises(ValueError, match="'serve' needs backend 'server', and no 'url'"):
        LlmEngine(backend="server", serve=True, url="http://127.0.0.1/v1", served_model="m")
    with pytest.raises(ValueError, match="or 'serve: true'"):
        LlmEngine(backend="server")
    assert LlmEngine(backend="server", serve=True).needs_weights
    assert not LlmEngine(backend="server", url="http://u/v1", served_model="m").needs_weights
