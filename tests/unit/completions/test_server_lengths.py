"""Too long, in the words of servers and by numbers that are known before."""

import pytest
from asking import WORDS, always, ask, engine_of, note, one_of, used
from odd_server import chat, response

from palimpsest.completions.engines.base import Failure
from palimpsest.completions.ledger import Completion

UNSUPPORTED = "Unsupported parameter: 'max_tokens' is not supported with this model."

TOO_LONG = {
    "OpenAI": (400, {"error": {"message": "too many", "code": "context_length_exceeded"}}),
    "vLLM": (400, {"message": "This model's maximum context length is 2048 tokens. However, you "
                   "requested 2500 tokens"}),
    "vLLM, newer": (400, {"error": {"message": "You passed 4001 input tokens and requested 200 "
                    "output tokens. However, the model's context length is only 4096 tokens"}}),
    "vLLM, no room": (400, {"error": {"message": "max_tokens must be at least 1, got -5."}}),
    "TGI": (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= "
            "4096. Given: 4000 `inputs` tokens and 900 `max_new_tokens`"}),
    "TGI, inputs": (422, {"error": "`inputs` must have less than 1024 tokens. Given: 1500"}),
    "SGLang": (400, {"object": "error", "code": 400, "message": "The input (5000 tokens) is longer "
               "than the model's context length (4096 tokens)."}),
    "Together": (400, {"error": {"message": "`inputs` tokens + `max_new_tokens` must be <= 4097"}}),
    "LM Studio": (400, {"error": "The number of tokens to keep from the initial prompt is greater "
                  "than the context length."}),
    "Ollama": (400, {"error": {"message": "the input length exceeds the context length"}}),
    "Ollama, newer": (400, {"error": {"message": "prompt is too long: 7900 tokens"}}),
    "llama.cpp": (400, {"error": {"type": "exceed_context_size_error", "n_prompt_tokens": 9000}}),
    "llama.cpp, 200": (200, {"error": {"code": 400, "message": "the request exceeds the available "
                       "context size", "type": "exceed_context_size_error"}}),
    "llama.cpp, 500": (500, {"error": {"code": 500, "message": "input is too large to process. "
                       "increase the physical batch size"}}),
    "llama-cpp-python": (400, {"error": {"message": "Requested tokens (2285) exceed context window "
                         "of 2048"}}),
    "Anthropic": (400, {"type": "error", "error": {"type": "invalid_request_error", "message":
                  "prompt is too long: 208310 tokens > 200000 maximum"}}),
    "Bedrock": (400, {"message": "Input is too long for requested model."}),
    "TensorRT-LLM": (400, {"message": "default_max_tokens (-100) should be greater than 0"}),
    "Triton": (400, {"error": "Prompt length (5000) exceeds maximum input length (4096)."}),
    "LiteLLM": (400, {"error": {"message": "litellm.ContextWindowExceededError: no"}}),
    "TabbyAPI": (422, {"detail": "Prompt length 5000 is greater than max_seq_len 4096"}),
    "Gemini": (400, [{"error": {"code": 400, "message": "The input token count (1200000) exceeds "
               "the maximum number of tokens allowed (1048576)."}}]),
    "Cohere": (400, {"message": "too many tokens: total number of tokens in the prompt"}),
    "Groq": (413, {"error": {"message": "Request too large for model on tokens per minute"}}),
    "watsonx": (400, {"errors": [{"message": "the number of input tokens 5000 cannot exceed the "
                "total tokens limit 4096"}]}),
    "in capitals": (400, {"error": {"message": "PROMPT_TOO_LONG"}}),
    "with underlines": (400, {"error": {"code": "input_tokens_limit_exceeded"}}),
    "a sum": (400, {"error": {"message": "The total length of input and output exceeds 4096"}}),
    "over": (400, {"message": "Your message is over the limit of 4096 tokens"}),
    "more": (422, {"detail": "Requests with more than 4096 tokens are not supported"}),
    "big": (400, {"error": {"message": "The text is too big for this model"}}),
    "a cache": (500, {"error": {"message": "KV cache is too small for the prompt"}}),
    "a rate": (429, {"error": {"message": "Request too large: Limit 10000, Requested 12000."}}),
    "nginx": (413, b"<html><h1>413 Request Entity Too Large</h1></html>"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOO_LONG)
def test_too_long_is_understood_in_the_words_of_every_server(server, name):
    status, body = TOO_LONG[name]
    server.rule = one_of(response(body, status))
    results = ask(server)
    assert results[2] == Failure("too_long")
    assert all(isinstance(results[index], Completion) for index in (0, 1, 3))
    assert sum("number 2 " in str(asked["messages"]) for asked in server.asked) == 1


@pytest.mark.parametrize(
    "message",
    [
        UNSUPPORTED,
        "Invalid 'temperature': must be <= 2",
        "The model `m` does not exist",
        "The request timed out: it took longer than 60 seconds",
        "Rate limit exceeded: 100000 tokens per minute",
        "requests exceed your quota of tokens",
        f"Invalid request: {note(2).user}",
    ],
)
def test_other_refusals_are_not_taken_for_too_long(server, message):
    server.rule = one_of(response({"error": {"message": message}}, 400))
    assert ask(server)[2] == Failure("server_refused_400")


def test_what_a_server_repeats_of_a_request_is_no_wording(server):
    user = f"Say it. number 2 The prompt is too long, exceeds the context length. {WORDS}"
    detail = [{"type": "extra_forbidden", "msg": "no", "input": {"messages": [user]}}]
    for body in ({"detail": detail}, {"error": {"message": f"cannot read: {user}"}}):
        server.rule = one_of(response(body, 422))
        engine = engine_of(server)
        engine.complete([note(1)], lambda more: None)
        results = engine.complete([note(2, user=user)], lambda more: None)
        assert results == [Failure("server_refused_422")]


@pytest.mark.parametrize(
    "entry", [{"id": "m", "max_model_len": 300}, {"id": "other", "context_length": 300}]
)
def test_what_a_server_says_of_its_length_is_known_before_it_is_asked(server, entry):
    server.models = response({"object": "list", "data": [entry]})
    long = note(9, user="pain " * 400)
    engine = engine_of(server)
    results = engine.complete([note(1), long], lambda more: None)
    assert isinstance(results[0], Completion) and results[1] == Failure("too_long")
    assert len(server.asked) == 1
    # And a refusal near that length needs no wording.
    server.rule = always({"error": {"message": "no"}}, 400)
    near = note(9, user="pain " * 150)
    assert engine.complete([near], lambda more: None) == [Failure("too_long")]


@pytest.mark.parametrize(
    "models", [b"", response(b"[" * 9999), response({"data": [{"max_model_len": -1}]}),
               response({"data": {"m": 1}}), response({"data": [{"max_model_len": True}, 3]})],
)  # fmt: skip
def test_a_list_of_models_that_says_nothing_is_no_obstacle(server, models):
    server.models = models
    assert isinstance(ask(server)[0], Completion)


@pytest.mark.parametrize(
    ("words", "tokens", "cut"),
    [(68, 4, True), (68, 20, False), (3000, 2048, True), (3000, 3100, False)],
)
def test_a_prompt_that_the_server_cut_fails(server, words, tokens, cut):
    server.rule = always(chat(usage=used(8, tokens)))
    request = note(1, user="pain " * words)
    (result,) = engine_of(server).complete([request], lambda more: None)
    assert result == Failure("prompt_cut", tokens) if cut else result.tokens_in == tokens
