"""A hospital's gateway: a path and a query of its own, its own header for the key, a proxy."""

import socket
import threading

import pytest
from asking import ask
from odd_server import OddServer
from pydantic import ValidationError

from palimpsest.completions.config import LlmEngine
from palimpsest.completions.engines import openai_server
from palimpsest.completions.ledger import Completion
from palimpsest.runtime.errors import UserError

DEPLOYMENT = "/openai/deployments/ward-llm"


def test_a_path_before_and_a_query_behind_the_request_are_kept(server):
    url = f"http://127.0.0.1:{server.port}{DEPLOYMENT}/?api-version=2026-01-01"
    assert isinstance(ask(server, url=url)[0], Completion)
    lines = {head.splitlines()[0] for head in server.heads}
    assert lines == {f"POST {DEPLOYMENT}/chat/completions?api-version=2026-01-01 HTTP/1.1"}


@pytest.mark.parametrize(
    ("header", "line"),
    [("Authorization", "authorization: bearer k-1"), ("api-key", "api-key: k-1")],
)
def test_the_key_is_sent_in_the_declared_header_alone(server, monkeypatch, header, line):
    monkeypatch.setenv("WARD_KEY", "k-1")
    ask(server, api_key_variable="WARD_KEY", api_key_header=header)
    for head in server.heads:
        assert [each for each in head.lower().splitlines() if "k-1" in each] == [line]


class Proxy:
    """Opens tunnels to one port of loopback, whatever host is asked for, or refuses with a line."""

    def __init__(self, port: int, refusal: bytes = b"") -> None:
        self.port, self.refusal, self.asked = port, refusal, []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(connection,), daemon=True).start()

    def _tunnel(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            self.asked.append(head.decode().splitlines()[0])
            if self.refusal:
                connection.sendall(b"HTTP/1.1 " + self.refusal + b"\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self.port)) as server:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=pump, args=(server, connection), daemon=True)
                back.start()
                pump(connection, server)


def pump(origin: socket.socket, target: socket.socket) -> None:
    try:
        while data := origin.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of the two has left


@pytest.fixture
def proxy():
    made = []

    def start(port, refusal=b""):
        made.append(Proxy(port, refusal))
        return made[-1]

    yield start
    for each in made:
        each.listening.close()


def test_a_declared_proxy_gets_a_tunnel_and_no_word_of_what_passes(certificate, proxy):
    """The server's name is no machine's: the proxy alone knows where it is."""
    ca_file, context = certificate
    server = OddServer(tls=context)
    way = proxy(server.port)
    url = f"https://gateway.invalid:443{DEPLOYMENT}?api-version=1"
    assert isinstance(ask(server, url=url, ca_file=str(ca_file), proxy=way.url)[0], Completion)
    assert set(way.asked) == {"CONNECT gateway.invalid:443 HTTP/1.1"}
    assert DEPLOYMENT in server.heads[0]
    server.close()


def test_without_tls_the_proxy_is_given_the_whole_address(server):
    """The odd server takes the proxy's part."""
    way = f"http://127.0.0.1:{server.port}"
    assert isinstance(ask(server, url="http://gateway.invalid/v1", proxy=way)[0], Completion)
    assert server.heads[0].startswith("POST http://gateway.invalid/v1/chat/completions HTTP/1.1")


def test_proxies_of_the_environment_are_not_used(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert isinstance(ask(server)[0], Completion)


def test_a_proxy_that_refuses_is_named_at_once_without_its_words(server, proxy, monkeypatch):
    monkeypatch.setattr(openai_server, "FIRST_PAUSE_SECONDS", 600)
    way = proxy(server.port, refusal=b"407 Login at secret.example")
    with pytest.raises(UserError, match=r"the proxy opens no connection .*407.*`proxy`") as said:
        ask(server, url="https://gateway.invalid/v1", proxy=way.url)
    assert "secret" not in str(said.value)


def test_a_proxy_that_cannot_reach_the_server_now_is_asked_again(server, proxy):
    way = proxy(server.port, refusal=b"502 Bad Gateway")
    with pytest.raises(UserError, match="gateway.invalid"):
        ask(server, count=1, url="https://gateway.invalid/v1", proxy=way.url)
    assert len(way.asked) > openai_server.TRIES


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("proxy", "proxy:3128", "'proxy' needs a scheme and a host"),
        ("proxy", "socks5://proxy:1080", "'proxy' needs a scheme and a host"),
        ("proxy", "http://me:word@proxy:3128", "'proxy' has a user or a password"),
        ("proxy", "http://proxy:3128/x", "'proxy' has a path or a query"),
        ("api_key_header", "api key", "api_key_header"),
        ("api_key_header", "a\r\nb", "api_key_header"),
    ],
)
def test_a_malformed_way_is_refused_without_being_repeated(key, value, said):
    known = {"backend": "server", "url": "http://host/v1", "served_model": "m"}
    with pytest.raises(ValidationError, match=said) as refused:
        LlmEngine(**known, **{key: value})
    assert "word" not in str(refused.value).replace("password", "")


def test_a_proxy_without_a_url_is_refused():
    with pytest.raises(ValidationError, match="'proxy' needs a 'url'"):
        LlmEngine(proxy="http://proxy:3128")
