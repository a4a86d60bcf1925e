"""Any OpenAI-compatible server: vLLM's, llama.cpp's, Ollama's, a hospital's gateway."""

import asyncio
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from palimpsest.completions.config import LlmBehaviour, LlmEngine
from palimpsest.completions.engines.answers import completion_of, scored_completion
from palimpsest.completions.engines.base import Advance, Engine, Failure, Request
from palimpsest.completions.engines.chat_body import chat_body
from palimpsest.completions.engines.http import Json, Server
from palimpsest.completions.engines.lengths import least_tokens, limit_of, may_exceed
from palimpsest.completions.engines.responses import (
    BYTES_OF_A_BODY,
    PROBLEMS,
    TIMEOUT,
    Remedy,
    Trouble,
    inside,
    json_of,
    listed_tokens,
    most_bytes,
    problem,
    read_reply,
    text_of,
)
from palimpsest.completions.engines.wordings import told
from palimpsest.completions.ledger import Completion
from palimpsest.completions.structured_output import listed_scores, read_structured_output
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.faults import Terminated

TRIES = 9  # over one to two minutes: a server that is started again is back by then
TIMEOUT_TRIES = 3  # of one that gives nothing whole in its time, which is long as a rule
ODD_TRIES = 4  # of an answer of another form, where others have been completed meanwhile
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
LIMIT_SECONDS = 10.0  # for asking how much an LLM takes, which some servers say
DOUBT_TRIES = 3  # of the question below: what stumbled once may stumble twice
# A question without note text, by which a server is told from a request.
HARMLESS = "Say yes.\n\nThis is a test."
NO_LOGPROBS = Trouble(
    Remedy.NONE,
    "no_choice_scored",
    "it gives no log-likelihoods of tokens (`logprobs`), by which choices are scored",
    "use one that does, or let the LLM write its answer",
)
Answer = Completion | Failure | Trouble


class OpenAIServerEngine(Engine):
    """Sends a window's requests, some at once, and tries again when the server stumbles.

    When it is in doubt whether a request or the server is at fault, and no other request was
    completed meanwhile, it asks a short question without note text. So a request that the server
    cannot answer fails alone even where it is the only one, and never keeps a shard from its end.
    """

    path = "/chat/completions"
    believed = False  # whether an answer that fills its room may be whole, if the server says so
    harmless: Json = {"messages": [{"role": "user", "content": HARMLESS}]}

    def __init__(
        self,
        llm: LlmBehaviour,
        tuning: LlmEngine,
        weights: Path | None = None,
        scoring: bool = False,
    ) -> None:
        """weights, scoring: the server's own business."""
        self.llm, self.model = llm, tuning.served_model
        self.key = _key(tuning.api_key_variable)
        bearer = "Bearer " if tuning.api_key_header.lower() == "authorization" else ""
        headers = {tuning.api_key_header: f"{bearer}{self.key}"} if self.key else {}
        bounds = (tuning.timeout_seconds, tuning.concurrency)
        self.connect(Server(tuning.url or "", *bounds, headers, tuning.ca_file, proxy=tuning.proxy))

    def connect(self, endpoint: Server) -> None:
        """Prepare to ask a server."""
        self.endpoint = endpoint
        self.completed = 0  # sound answers of this run
        self.limit: int | None = None  # tokens of prompt and completion together, once it is known
        self.runner = asyncio.Runner()
        self.doubt = asyncio.Lock()

    def complete(self, requests: Sequence[Request], advance: Advance) -> list[Completion | Failure]:
        """Complete a window.

        Raises UserError when the server cannot be reached, refuses all requests, or fails after
        several tries. A request with which the server finds fault, or at which alone it fails,
        fails alone.
        """
        return self.send(requests, [self.body(request) for request in requests], advance)

    def send(
        self, requests: Sequence[Request], bodies: list[Json], advance: Advance
    ) -> list[Completion | Failure]:
        """Send the bodies of some requests, and read the completions."""
        try:
            return self.runner.run(self._send_all(requests, bodies, advance))
        except Terminated:
            self.close()  # the job ends, and waits for nothing
            raise

    def close(self) -> None:
        """Cancel what is under way, and close the streams of bodies that were cut off."""
        self.runner.close()

    async def _send_all(
        self, requests: Sequence[Request], bodies: list[Json], advance: Advance
    ) -> list[Completion | Failure]:
        results: list[Any] = [None] * len(requests)
        waiting = iter(range(len(requests)))
        if self.limit is None:
            self.limit = await self.find_limit()

        async def work() -> None:
            for index in waiting:
                asked = self._hopeless(requests[index])
                results[index] = asked or await self._ask(requests[index], bodies[index])
                advance(1)

        workers = [asyncio.create_task(work()) for _ in range(self.endpoint.concurrency)]
        try:
            await asyncio.gather(*workers)
        finally:
            # The first error, or the end of the job, stops what is under way.
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return await self._settled(results, requests, bodies)

    async def _settled(
        self, results: list[Answer], requests: Sequence[Request], bodies: list[Json]
    ) -> list[Completion | Failure]:
        """Results in which those that the server is in trouble with have failed.

        Raises UserError if it has answered no request so far, and no harmless question either.
        """
        troubled = [index for index, each in enumerate(results) if isinstance(each, Trouble)]
        if troubled and not self.completed:
            first = troubled[0]
            trouble = await self._in_doubt(requests[first], bodies[first], 0)
            if trouble is not None:
                raise self._stop(trouble, requests[first])
        return [Failure(each.reason) if isinstance(each, Trouble) else each for each in results]

    async def _ask(self, request: Request, body: Json) -> Answer:
        """The answer to a request, after some tries where need be.

        A trouble is one by which this request alone fails, as far as is known.
        """
        before, pause = self.completed, 0.0
        for attempt in range(TRIES):
            await asyncio.sleep(pause)
            result = await self._once(request, body)
            if not isinstance(result, Trouble) or result.remedy in (Remedy.NONE, Remedy.STOP):
                break
            pause = max(_pause(attempt), result.wait)
            if attempt + 1 >= _tries(result, self.completed > before):
                break
        if not isinstance(result, Trouble) or result.remedy is Remedy.NONE:
            return result
        if result.remedy is Remedy.AGAIN or (result.remedy is Remedy.STOP and self.completed):
            since = before if result.remedy is Remedy.AGAIN else self.completed
            if await self._in_doubt(request, body, since) is None:
                return Failure(result.reason)
        raise self._stop(result, request)

    async def _in_doubt(self, request: Request, body: Json, since: int) -> Trouble | None:
        """What keeps the server from answering a harmless question; None if nothing does.

        since: a `completed` beyond which another request's completion is proof enough.
        """
        async with self.doubt:
            if self.completed > since:
                return None
            harmless = Request("", HARMLESS, request.max_tokens, 0, request.structured_output)
            for attempt in range(DOUBT_TRIES):
                result = await self._once(harmless, {**body, **self.harmless})
                if not isinstance(result, Trouble):
                    return None
                if result.remedy is not Remedy.AGAIN or result.reason == TIMEOUT:
                    break
                await asyncio.sleep(_pause(attempt))
            return result

    async def _once(self, request: Request, body: Json) -> Answer:
        """What comes of asking once."""
        payload = read_reply(
            await self.endpoint.post(self.path, body, most_bytes(request)), request
        )
        result = payload if isinstance(payload, Trouble) else self._answer(request, payload)
        if not isinstance(result, Trouble):
            self.completed += 1
            return result
        refused = result.reason in ("server_refused_400", "server_refused_422")
        if result.reason == "too_long" or (refused and may_exceed(request, self.known_limit)):
            return Failure("too_long")
        return result

    def _answer(self, request: Request, payload: Json) -> Answer:
        """A completion from a payload that has a choice."""
        choice, usage = inside(payload, "choices", 0), payload.get("usage")
        if usage is not None and not isinstance(usage, dict):
            return Failure("malformed_usage")
        names = ("prompt_tokens", "completion_tokens")
        tokens_in, tokens_out = (inside(usage, name) for name in names)
        made_by = ("server", self.version_of(payload))
        result: Completion | Failure
        if choices := read_structured_output(request.structured_output).choices:
            scores = self.scores_of(choice.get("logprobs"), choices)
            if isinstance(scores, Trouble):
                return scores
            result = scored_completion(request, scores, tokens_in, *made_by)
        else:
            given = (self.text_of(choice), choice.get("finish_reason"), (tokens_in, tokens_out))
            result = completion_of(request, *given, made_by)
        if isinstance(result, Failure):
            odd = result.reason in PROBLEMS
            return problem(result.reason)._replace(remedy=Remedy.NONE) if odd else result
        if 0 < result.tokens_in < self.least_tokens(request):
            return Failure("prompt_cut", result.tokens_in)
        if result.tokens_out >= request.max_tokens and not choices and not self.believed:
            return result._replace(finish_reason="length")
        return result

    def least_tokens(self, request: Request) -> int:
        """A prompt of fewer tokens was cut by the server."""
        return least_tokens(request)

    def _hopeless(self, request: Request) -> Failure | None:
        """Why a request need not be sent, if so."""
        try:
            f"{request.system}{request.user}".encode()
        except UnicodeEncodeError:
            return Failure("bad_characters")
        too_long = least_tokens(request) + request.max_tokens > self.known_limit
        return Failure("too_long") if too_long else None

    @property
    def known_limit(self) -> int:
        """Tokens that prompt and completion may have together, as far as is known."""
        return self.limit or self.llm.max_model_len

    async def find_limit(self) -> int:
        """What is declared or, if that is less, what the server says of its model."""
        reply = await self.endpoint.get("/models", BYTES_OF_A_BODY, LIMIT_SECONDS)
        said = limit_of(json_of(reply.body), self.model) if reply.status == 200 else None
        return min(self.llm.max_model_len, said or self.llm.max_model_len)

    def _stop(self, trouble: Trouble, request: Request) -> UserError:
        sent = f"{request.system} {request.user} {self.endpoint.query}"
        said = told(trouble.error, sent, self.key)
        about = f"{trouble.about}, {said}" if said else trouble.about
        return UserError(
            f"{self.endpoint.name}: the server gives no completion: {about}; {trouble.advice}"
        )

    def scores_of(
        self, logprobs: Any, choices: tuple[str, ...]
    ) -> dict[str, float] | None | Trouble:
        """Log-likelihoods of choices from a part of the response; see `listed_scores`.

        None where no choice is listed. A trouble where the server lists no tokens.
        """
        listed = listed_tokens(logprobs)
        if len(listed) < 2 and inside(logprobs, "content") != []:  # nothing to compare
            return NO_LOGPROBS
        return listed_scores(listed, choices)

    def text_of(self, choice: Json) -> Any:
        """The text of a choice in the response; None where there is none."""
        return text_of(choice.get("message"))

    def version_of(self, payload: Json) -> Any:
        """What the server says that it is."""
        return payload.get("system_fingerprint")

    def body(self, request: Request) -> Json:
        """What is sent for a request."""
        return chat_body(self.llm, self.model, request)


def _key(variable: str | None) -> str:
    """The key that an environment variable holds; none without a variable.

    Raises UserError when there is none, or when no header can hold it.
    """
    if not variable:
        return ""
    key = os.environ.get(variable, "").strip()  # files that keys come from end in a line break
    if not key:
        raise UserError(f"the environment variable {variable} (the server's key) is not set")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UserError(
            f"the environment variable {variable} (the server's key) has blanks, line breaks or "
            "characters beyond ASCII, which no key has; set it anew"
        )
    return key


def _pause(attempt: int) -> float:
    """Seconds before the next try: twice as long each time, and not the same for all at once."""
    return min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.0)


def _tries(trouble: Trouble, others_answered: bool) -> int:
    """How often a request is tried."""
    if trouble.reason == TIMEOUT:
        return min(TRIES, TIMEOUT_TRIES)
    few = trouble.odd and trouble.remedy is Remedy.AGAIN and others_answered
    return min(TRIES, ODD_TRIES) if few else TRIES
