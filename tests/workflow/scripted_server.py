"""An OpenAI-compatible server that answers by rule, for tests: no LLM, but the real protocol.

The answer is the words of the message's last paragraph in an order drawn from the request's seed:
always the same for the same request, of fitting length, and no copy of the passage. A test that
asks for something else says what the answer is.
"""

import json
import random
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SHORT_CONTEXT = 20  # words of a passage that a request with this mark may have


class ScriptedServer:
    """Runs in a thread of the test's own process, so it survives a kill of the workflow."""

    def __init__(self) -> None:
        self.requests: list[dict] = []
        self.pause = 0.0  # seconds before each answer
        self.fail_next = 0  # so many requests get status 500
        self.break_at = 0  # from the request of this number on the key has expired
        # Given a request's body: the answer's text or, to one that asks for log-likelihoods, those
        # of tokens; None: the answer is by rule.
        self.judge: Callable[[dict], str | dict[str, float] | None] | None = None
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802 (the base class's name)
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if not content:
                    return  # the asking process was killed before it had sent it
                body = json.loads(content)
                owner.requests.append(body)
                time.sleep(owner.pause)
                if owner.fail_next:
                    owner.fail_next -= 1
                    self.send_error(500)
                    return
                if 0 < owner.break_at <= len(owner.requests):
                    self.send_error(401)
                    return
                message = body["messages"][-1]["content"]
                if "REFUSE THIS REQUEST" in message:
                    self.send_error(400)
                    return
                said = owner.judge(body) if owner.judge else None
                if said is None:
                    words = message.split("\n\n", 1)[1].split()
                    if "SHORT CONTEXT" in message and len(words) > SHORT_CONTEXT:
                        self.send_error(400, "context_length_exceeded")
                        return
                    draw = random.Random(body["seed"])
                    draw.shuffle(words)
                    if "SOMETIMES REFUSED" in message and draw.random() < 0.5:
                        words = ["I'm", "sorry,", "I", "cannot", "rewrite", "this."]
                    said = " ".join(words)
                data = json.dumps(reply_to(message, said)).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the asking process was killed: that is what some tests are about

            def log_message(self, *unused: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def reply_to(message: str, said: str | dict[str, float]) -> dict:
    """A chat completion. said: its text, or the log-likelihoods of the tokens it may begin with."""
    choice: dict = {"finish_reason": "stop"}
    if isinstance(said, dict):
        listed = [{"token": token, "logprob": score} for token, score in said.items()]
        likeliest = max(listed, key=lambda one: one["logprob"])
        choice["logprobs"] = {"content": [{**likeliest, "top_logprobs": listed}]}
        choice["finish_reason"] = "length"
        said = likeliest["token"]
    choice["message"] = {"content": said}
    usage = {"prompt_tokens": len(message.split()), "completion_tokens": len(said.split())}
    return {"choices": [choice], "usage": usage, "system_fingerprint": "scripted-1"}
