"""Any OpenAI-compatible server: vLLM's, llama.cpp's, Ollama's, a hospital's gateway."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from palimpsest.completions.engines.base import Answered, Question, Refusal
from palimpsest.completions.ledger import Answer
from palimpsest.core.errors import UserError

TRIES = 5
FIRST_PAUSE_SECONDS = 0.5


class ServerEngine:
    """Sends a window's questions, some at once, and tries again when the server stumbles."""

    def __init__(self, llm: dict[str, Any], tuning: dict[str, Any]) -> None:
        headers = {}
        variable = tuning["api_key_variable"]
        if variable:
            if not os.environ.get(variable):
                raise UserError(
                    f"the environment variable {variable} (the server's key) is not set"
                )
            headers["Authorization"] = f"Bearer {os.environ[variable]}"
        self.llm = llm
        self.model = tuning["served_model"]
        self.url = tuning["url"]
        self.concurrency = tuning["concurrency"]
        # A hospital's gateway is reached directly: proxies of the environment do not count.
        self.client = httpx.Client(
            base_url=self.url.rstrip("/"),
            headers=headers,
            timeout=tuning["timeout_seconds"],
            trust_env=False,
            limits=httpx.Limits(max_connections=self.concurrency),
        )

    def answer(self, questions: list[Question], answered: Answered) -> list[Answer | Refusal]:
        """Answer a window.

        Raises UserError when the server cannot be reached or fails after several tries; a request
        that it refuses as such (status 400, 413, 422) is refused alone.
        """
        with ThreadPoolExecutor(self.concurrency) as pool:
            answers = []
            for answer in pool.map(self._ask, questions):
                answers.append(answer)
                answered(1)
            return answers

    def _ask(self, question: Question) -> Answer | Refusal:
        response = self._post(self._body(question))
        if response.status_code in (400, 413, 422):
            return Refusal(f"server_refused_{response.status_code}")
        try:
            payload = response.json()
            choice = payload["choices"][0]
            usage = payload.get("usage") or {}
            return Answer(
                # A server that cuts inside an emoji escapes half of it, which no file can hold.
                text=(choice["message"]["content"] or "").encode(errors="replace").decode(),
                finish_reason="length" if choice["finish_reason"] == "length" else "stop",
                tokens_in=int(usage.get("prompt_tokens", 0)),
                tokens_out=int(usage.get("completion_tokens", 0)),
                seed=question.seed,
                engine="server",
                engine_version=str(payload.get("system_fingerprint") or "unknown"),
            )
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise UserError(
                f"{self.url}: expected an OpenAI-style chat completion ({type(error).__name__})"
            ) from error

    def _body(self, question: Question) -> dict[str, Any]:
        chat, sampling = self.llm["chat"], self.llm["sampling"]
        system, user = question.system, question.user
        if system and not chat["system_role"]:
            system, user = "", f"{system}\n\n{user}"
        messages = [{"role": "system", "content": system}] if system else []
        body = {
            "model": self.model,
            "messages": [*messages, {"role": "user", "content": user}],
            "max_tokens": question.max_tokens,
            "seed": question.seed,
            "temperature": sampling["temperature"],
            "top_p": sampling["top_p"],
        }
        # Not part of the OpenAI protocol: sent only where they are asked for.
        if sampling["top_k"]:
            body["top_k"] = sampling["top_k"]
        if sampling["repetition_penalty"] != 1.0:
            body["repetition_penalty"] = sampling["repetition_penalty"]
        if chat["template_options"]:
            body["chat_template_kwargs"] = chat["template_options"]
        return body

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        problem = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
            try:
                response = self.client.post("/chat/completions", json=body)
            except httpx.TransportError as error:
                problem = type(error).__name__
                continue
            if response.status_code < 400 or response.status_code in (400, 413, 422):
                return response
            problem = f"status {response.status_code}"
            if response.status_code in (401, 403, 404):
                break
        raise UserError(f"{self.url}: the server does not answer: {problem}")
