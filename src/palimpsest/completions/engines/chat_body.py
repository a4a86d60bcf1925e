"""A request in the words of OpenAI's protocol for chats."""

from palimpsest.completions.config import LlmBehaviour
from palimpsest.completions.engines.base import Request
from palimpsest.completions.engines.http import Json
from palimpsest.completions.structured_output import read_structured_output

TOP_LOGPROBS = 20  # tokens whose log-likelihoods are listed: the most that the protocol has


def chat_body(llm: LlmBehaviour, model: str | None, request: Request) -> Json:
    """What is sent for a request: messages, and how tokens are drawn."""
    chat, sampling = llm.chat, llm.sampling
    system, user = request.system, request.user
    if system and not chat.system_role:
        system, user = "", f"{system}\n\n{user}"
    messages = [{"role": "system", "content": system}] if system else []
    body: Json = {
        "model": model,
        "messages": [*messages, {"role": "user", "content": user}],
        "seed": request.seed,
    }
    if chat.template_options:  # not part of the OpenAI protocol, as three more below
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
    if sampling.min_p:
        body["min_p"] = sampling.min_p
    if sampling.repetition_penalty != 1.0:
        body["repetition_penalty"] = sampling.repetition_penalty
    if schema is not None:
        named = {"name": "answer", "schema": schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    return body
