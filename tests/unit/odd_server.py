"""A server that says byte by byte what a test wants: no library sees to it that HTTP is kept."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

# Given what was asked (its JSON), which request of the test that is and the number of its try: the
# bytes of a response, or pieces of them (a number: so many seconds of nothing), or None to hang.
Rule = Callable[[dict, str, int], "bytes | Iterable[bytes | float] | None"]


def response(body: Any, status: int = 200, **headers: str | None) -> bytes:
    """A well-formed response. headers: with `_` for `-`; None leaves one of the usual ones out."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(data))}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = [f"{name}: {value}" for name, value in lines.items() if value is not None]
    return "\r\n".join([f"HTTP/1.1 {status} X", *head, "", ""]).encode("latin-1") + data


def chat(text: Any = "Pain is said.", finish: Any = "stop", **changes: Any) -> dict:
    """A chat completion. changes: of its top level; `...` leaves a key out."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}}
    if finish is not ...:
        choice["finish_reason"] = finish
    value = {"choices": [choice], "usage": {"prompt_tokens": 20, "completion_tokens": 8}}
    value |= {"system_fingerprint": "odd-1", **changes}
    return {key: entry for key, entry in value.items() if entry is not ...}


class OddServer:
    """Answers every connection in a thread of its own, by a rule."""

    def __init__(self, rule: Rule | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.rule: Rule = rule or (lambda asked, which, number: response(chat()))
        self.models: bytes = response(b"no", 404)
        self.tls = tls
        self.asked: list[dict] = []  # bodies, in the order of their arrival
        self.heads: list[str] = []  # request lines and headers, the same
        self.tries: dict[str, int] = {}
        self.lock, self.over = threading.Lock(), threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self.listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            elif connection.recv(1, socket.MSG_PEEK) == b"\x16":  # a greeting in TLS
                connection.sendall(response(b"no", 400))
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rb") as incoming:
                while self._answer(connection, incoming):
                    pass
        except (OSError, ValueError):
            pass  # the client has left

    def _answer(self, connection: socket.socket, incoming: Any) -> bool:
        lines = []
        while (line := incoming.readline()) not in (b"\r\n", b""):
            lines.append(line.decode("latin-1").strip())
        if not lines:
            return False
        sizes = [line.split(":")[1] for line in lines if line.lower().startswith("content-length")]
        if lines[0].startswith("GET "):
            connection.sendall(self.models)
            return bool(self.models)
        asked = json.loads(incoming.read(int(sizes[0])))
        which = asked["messages"][-1]["content"] if "messages" in asked else str(asked["prompt"])
        with self.lock:
            self.asked.append(asked)
            self.heads.append("\n".join(lines))
            self.tries[which] = self.tries.get(which, 0) + 1
        said = self.rule(asked, which, self.tries[which])
        if said is None:
            self.over.wait(20)
            return False
        pieces = [said] if isinstance(said, bytes) else said
        for piece in pieces:
            if isinstance(piece, float):
                time.sleep(piece)
            else:
                connection.sendall(piece)
        # Whole where its length says so; the end of the connection ends all others.
        head, _, body = b"".join(p for p in pieces if isinstance(p, bytes)).partition(b"\r\n\r\n")
        return f"content-length: {len(body)}".encode() in head.lower().split(b"\r\n")
