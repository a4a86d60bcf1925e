"""Any OpenAI-compatible server: vLLM's, llama.cpp's, Ollama's, a hospital's gateway."""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from palimpsest.completions.config import LlmBehaviour, LlmEngine
from palimpsest.completions.engines.base import Advance, Failure, Request, scored_completion
from palimpsest.completions.ledger import Completion
from palimpsest.completions.structured_output import listed_scores, read_structured_output
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.faults import Terminated

Json = dict[str, Any]  # an object of the protocol
TOP_LOGPROBS = 20  # tokens whose log-likelihoods are listed: the most that OpenAI's protocol has
TRIES = 9  # over one to two minutes: a server that is started again is back by then
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
LONGEST_RETRY_AFTER_SECONDS = 600.0  # a server that wants more is asked again too early
REQUEST_AT_FAULT = (400, 413, 422)
ACCESS_AT_FAULT = (401, 403, 404)  # the key or the address
BUSY = (429, 503)  # the server has too much to do
# How servers say that prompt and room exceed what the LLM takes, in a body of a 400 or 413: OpenAI
# and vLLM, vLLM's older versions, llama.cpp, gateways.
TOO_LONG = (
    "context_length_exceeded",
    "maximum context length",
    "longer than the maximum model length",
    "exceed_context_size",
    "exceeds the available context size",
)


class OpenAIServerEngine:
    """Sends a window's requests, some at once, and tries again when the server stumbles."""

    path = "/chat/completions"

    def __init__(
        self,
        llm: LlmBehaviour,
        tuning: LlmEngine,
        weights: Path | None = None,
        scoring: bool = False,
    ) -> None:
        """weights, scoring: the server's own business."""
        headers = {}
        if variable := tuning.api_key_variable:
            if not os.environ.get(variable):
                raise UserError(
                    f"the environment variable {variable} (the server's key) is not set"
                )
            headers["Authorization"] = f"Bearer {os.environ[variable]}"
        self.llm, self.model = llm, tuning.served_model
        self.connect(tuning.url or "", headers, tuning)

    def connect(self, url: str, headers: dict[str, str], tuning: LlmEngine) -> None:
        """Prepare to ask the server at `url`, with some headers."""
        self.url = url
        self.completed = 0
        self.concurrency = tuning.concurrency
        self.runner = asyncio.Runner()
        # A hospital's gateway is reached directly: proxies of the environment do not count.
        self.client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers=headers,
            timeout=tuning.timeout_seconds,
            trust_env=False,
            limits=httpx.Limits(
                max_connections=self.concurrency, max_keepalive_connections=self.concurrency
            ),
        )

    def complete(self, requests: Sequence[Request], advance: Advance) -> list[Completion | Failure]:
        """Complete a window.

        Raises UserError when the server cannot be reached or fails after several tries. A request
        with which the server finds fault (status 400, 413, 422), or at which alone it fails, fails
        alone.
        """
        return self.send(requests, [self.body(request) for request in requests], advance)

    def send(
        self, requests: Sequence[Request], bodies: list[Json], advance: Advance
    ) -> list[Completion | Failure]:
        """Send the bodies of some requests, and read the completions."""
        try:
            return self.runner.run(self._send_all(requests, bodies, advance))
        except Terminated:
            self.runner.close()  # cancels what is under way: the job ends, and waits for nothing
            raise

    async def _send_all(
        self, requests: Sequence[Request], bodies: list[Json], advance: Advance
    ) -> list[Completion | Failure]:
        results: list[Any] = [None] * len(requests)
        waiting = iter(range(len(requests)))

        async def work() -> None:
            for index in waiting:
                results[index] = await self._send(requests[index], bodies[index])
                advance(1)

        workers = [asyncio.create_task(work()) for _ in range(self.concurrency)]
        try:
            await asyncio.gather(*workers)
        finally:
            # The first error, or the end of the job, stops what is under way.
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return results

    async def _send(self, request: Request, body: Json) -> Completion | Failure:
        response = await self._post(body)
        if isinstance(response, Failure):
            return response
        if response.status_code in REQUEST_AT_FAULT:
            message = response.text.lower()
            if any(words in message for words in TOO_LONG):
                return Failure("too_long")
            return Failure(f"server_refused_{response.status_code}")
        try:
            payload = response.json()
            choice = payload["choices"][0]
            usage = payload.get("usage") or {}
            tokens_in, version = int(usage.get("prompt_tokens", 0)), self.version_of(payload)
            choices = read_structured_output(request.structured_output).choices
            if choices:
                scores = self._scores(choice, choices)
                self.completed += 1
                if scores is None:
                    return Failure("no_choice_scored", tokens_in)
                return scored_completion(request, scores, tokens_in, "server", version)
            # A server that cuts inside an emoji escapes half of it, which no file can hold.
            text = (self.text_of(choice) or "").encode(errors="replace").decode()
            reason = "length" if choice["finish_reason"] == "length" else "stop"
            counts = (tokens_in, int(usage.get("completion_tokens", 0)))
            completion = Completion(text, reason, *counts, request.seed, "server", version)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise UserError(
                f"{self.url}: expected an OpenAI-style completion ({type(error).__name__})"
            ) from error
        self.completed += 1
        return completion

    def _scores(self, choice: Json, choices: tuple[str, ...]) -> dict[str, float] | None:
        if not choice.get("logprobs"):
            raise UserError(
                f"{self.url}: the server gives no log-likelihoods of tokens (`logprobs`), by which "
                "choices are scored; use one that does, or let the LLM write its answer"
            )
        return self.scores_of(choice["logprobs"], choices)

    def scores_of(self, logprobs: Json, choices: tuple[str, ...]) -> dict[str, float] | None:
        """Log-likelihoods of choices from a part of the response; see `listed_scores`."""
        listed = [
            (entry["token"], float(entry["logprob"]))
            for token in logprobs["content"][:1]
            for entry in token["top_logprobs"]
        ]
        return listed_scores(listed, choices)

    def text_of(self, choice: Json) -> str | None:
        """The text of a choice in the response."""
        return choice["message"]["content"]

    def version_of(self, payload: Json) -> str:
        """What the server says that it is."""
        return str(payload.get("system_fingerprint") or "unknown")

    def body(self, request: Request) -> Json:
        """What is sent for a request."""
        chat, sampling = self.llm.chat, self.llm.sampling
        system, user = request.system, request.user
        if system and not chat.system_role:
            system, user = "", f"{system}\n\n{user}"
        messages = [{"role": "system", "content": system}] if system else []
        body: Json = {
            "model": self.model,
            "messages": [*messages, {"role": "user", "content": user}],
            "seed": request.seed,
        }
        if chat.template_options:  # not part of the OpenAI protocol, as two more below
            body["chat_template_kwargs"] = chat.template_options
        choices, schema = read_structured_output(request.structured_output)
        if choices:
            listing = {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
            return {**body, "max_tokens": 1, "temperature": 0, **listing}
        body |= {"max_tokens": request.max_tokens}
        body |= {"temperature": sampling.temperature, "top_p": sampling.top_p}
        # Sent only where they are declared.
        if sampling.top_k:
            body["top_k"] = sampling.top_k
        if sampling.repetition_penalty != 1.0:
            body["repetition_penalty"] = sampling.repetition_penalty
        if schema is not None:
            named = {"name": "answer", "schema": schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        return body

    async def _post(self, body: Json) -> httpx.Response | Failure:
        problem, status, completed, pause = "", 0, self.completed, 0.0
        for attempt in range(TRIES):
            await asyncio.sleep(pause)
            pause = _pause(attempt)
            try:
                response = await self.client.post(self.path, json=body)
            except httpx.TransportError as error:
                problem, status = type(error).__name__, 0
                continue
            status = response.status_code
            if status < 400 or status in REQUEST_AT_FAULT:
                return response
            problem = f"status {status}"
            if status in ACCESS_AT_FAULT:
                break
            pause = max(pause, _retry_after(response.headers.get("Retry-After", "")))
        # Others were completed all the while: then it is this request that the server fails at.
        failed = (status >= 500 and status not in BUSY) or problem == "ReadTimeout"
        if failed and self.completed > completed:
            return Failure(f"server_failed_{status or 'timeout'}")
        raise UserError(f"{self.url}: the server does not answer: {problem}; {_advice(status)}")


def _pause(attempt: int) -> float:
    """Seconds before the next try: twice as long each time, and not the same for all at once."""
    return min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.0)


def _retry_after(header: str) -> float:
    """Seconds that a server wants us to wait: it gives them, or a date; 0 for anything else."""
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return 0.0
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS)


def _advice(status: int) -> str:
    if status in (401, 403):
        return "check its key, in the variable that `api_key_variable` names"
    if status == 404:
        return "check `url`, which ends in `/v1`, and `served_model`"
    if status in BUSY:
        return "it has too much to do: lower `concurrency`, or run again later"
    return "check that it runs, and its log; then run again"
