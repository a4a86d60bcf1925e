"""Structured output: choices are scored alike by every engine, a schema is passed on as it is."""

import json
import math
import shutil
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifests import describe

from palimpsest.completions.chat_template import ChatTurns
from palimpsest.completions.config import LlmBehaviour, LlmEngine, Sampling
from palimpsest.completions.engines.answers import scored_completion
from palimpsest.completions.engines.base import Failure, Request
from palimpsest.completions.engines.http import Server
from palimpsest.completions.engines.managed_server import ManagedServerEngine, server_command
from palimpsest.completions.engines.openai_server import OpenAIServerEngine
from palimpsest.completions.engines.transformers import TransformersEngine
from palimpsest.completions.engines.vllm import engine_options
from palimpsest.completions.structured_output import listed_scores, read_structured_output
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import canonical_json

YES_NO = canonical_json({"choices": ["no", "yes"]})
PROPERTIES = {"rationale": {"type": "string"}, "answer": {"enum": ["yes", "no"]}}
SCHEMA = {"type": "object", "properties": PROPERTIES, "required": ["rationale", "answer"]}
WRITTEN = canonical_json({"schema": SCHEMA})
LLM = LlmBehaviour(
    dtype="float32",
    max_model_len=200,
    # None of it may show in a score.
    sampling=Sampling(temperature=0.2, top_p=0.1, top_k=1, repetition_penalty=5.0),
)
TUNING = LlmEngine(concurrency=2, timeout_seconds=9)


def request(user="Pain?", structured_output=YES_NO, max_tokens=1, system=""):
    return Request(system, user, max_tokens, 7, structured_output)


def test_without_structured_output_it_is_free_text():
    assert read_structured_output(None) == ((), None)


def test_choices_stand_in_their_order():
    assert read_structured_output('{"choices":["yes","no","?"]}').choices == ("yes", "no", "?")


def test_the_properties_of_a_schema_are_written_in_the_order_of_required():
    assert WRITTEN.index('"answer":') < WRITTEN.index('"rationale":')  # canonical JSON sorts
    schema = read_structured_output(WRITTEN).schema
    assert schema == SCHEMA and list(schema["properties"]) == ["rationale", "answer"]
    assert read_structured_output('{"schema":{"enum":[1]}}').schema == {"enum": [1]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes",
        "null",
        '["no","yes"]',
        "{}",
        '{"choice":["no","yes"]}',
        '{"choices":["no"]}',
        '{"choices":["no","no"]}',
        '{"choices":["no"," "]}',
        '{"choices":["no",1]}',
        '{"choices":"no"}',
        '{"choices":["no","yes"],"schema":{}}',
        '{"schema":"integer"}',
        '{"schema":null}',
    ],
)
def test_a_malformed_structured_output_is_an_error_that_shows_it(text):
    with pytest.raises(UserError, match="constraint .*: expected null") as raised:
        read_structured_output(text)
    assert repr(text) in str(raised.value)


@pytest.mark.parametrize(
    ("listed", "scores"),
    [
        ({"yes": -0.5, "no": -1.0}, {"yes": -0.5, "no": -1.0}),
        ({" yes": -0.5, "yes": -3.0, "no\n": -1.0}, {"yes": -0.5, "no": -1.0}),
        ({"Yes": -0.1, "yes": -2.0, "the": -4.0}, {"yes": -2.0, "no": -4.0}),
        ({"y": -0.1, "ye": -2.0, "no": -4.0}, {"yes": -2.0, "no": -4.0}),
        ({"yesterday": -0.1, "none": -0.2}, None),
        ({" ": -0.1}, None),
        ({}, None),
    ],
)
def test_a_choice_has_the_score_of_its_token_or_the_lowest_that_is_listed(listed, scores):
    assert listed_scores(list(listed.items()), ("yes", "no")) == scores


def test_a_token_that_begins_two_choices_is_neithers_unless_it_is_one():
    listed = [("no", -1.0), ("n", -0.5), ("not", -2.0)]
    assert listed_scores(listed, ("no", "not")) == {"no": -1.0, "not": -2.0}
    assert listed_scores(listed[:2], ("none", "not")) is None


@given(
    st.dictionaries(st.text("yesno ", max_size=4), st.floats(-30, 0), max_size=20),
    st.permutations(["yes", "no", "yonder"]),
)
def test_scores_are_of_listed_tokens_and_do_not_depend_on_any_order(listed, choices):
    scores = listed_scores(list(listed.items()), tuple(choices))
    assert scores == listed_scores(list(listed.items())[::-1], tuple(sorted(choices)))
    if scores is not None:
        assert set(scores) == set(choices) and set(scores.values()) <= set(listed.values())


def test_a_scored_answer_is_canonical_json_of_six_digits():
    scores = {"yes": -0.35667494393873, "no": -1e-9}
    answer = scored_completion(request(), scores, 5, "scripted", "1")
    assert answer.text == '{"no":0.0,"yes":-0.356675}'
    assert (answer.finish_reason, answer.tokens_in, answer.tokens_out) == ("stop", 5, 1)
    scores = {"yes": -math.inf, "no": -1.0}
    answer = scored_completion(request(), scores, 5, "scripted", "1")
    assert answer.text == '{"no":-1.0,"yes":-9999.0}'
    for scores in (None, {"yes": math.nan, "no": -1.0}, {"yes": math.inf, "no": -1.0}):
        failure = scored_completion(request(), scores, 5, "scripted", "1")
        assert failure == Failure("no_choice_scored", 5)


def test_choices_that_begin_with_one_token_are_an_error_that_names_them(chat_llm):
    turns = ChatTurns(chat_llm, LLM.chat)
    assert len(set(turns.first_tokens(("no", "yes", "maybe")))) == 3
    with pytest.raises(UserError, match=r"\['yes', 'yet'\] begin with one and the same token"):
        turns.first_tokens(("no", "yes", "yet"))


@pytest.mark.parametrize(
    ("written", "first"),
    [("{{ message['content'] }}", "c"), ("{{ ' ' + message['content'] }}", "Ġc")],
)
def test_a_choice_begins_as_the_template_writes_a_completion(chat_llm, tmp_path, written, first):
    shutil.copytree(chat_llm, tmp_path / "llm")
    template = (
        "{% for message in messages %}{% if message['role'] == 'user' %}[{{ message['content'] }}]"
        "{% else %}" + written + "{% endif %}{% endfor %}"
    )
    (tmp_path / "llm" / "chat_template.jinja").write_text(template)
    turns = ChatTurns(describe(tmp_path / "llm"), LLM.chat)
    (token, _) = turns.first_tokens(("chest", "pain"))
    assert turns.tokenizer.convert_ids_to_tokens(token).startswith(first)


@pytest.mark.parametrize("prepended", ["pre_tokenizer", "normalizer", None])
def test_a_tokenizer_of_sentencepiece_puts_one_blank_before_a_choice(prepended, tmp_path, chat_llm):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = ["<s>", "<unk>", "▁", "▁▁", "▁yes", "▁no", "yes", "no", "[", "]"]
    unigram = models.Unigram([(word, -float(len(words))) for word in words], unk_id=1)
    backend = Tokenizer(unigram)
    blanks = [normalizers.Prepend("▁")] if prepended == "normalizer" else []
    backend.normalizer = normalizers.Sequence([*blanks, normalizers.Replace(" ", "▁")])
    if prepended == "pre_tokenizer":
        backend.normalizer = None
        backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>")
    tokenizer.chat_template = (
        "{% for message in messages %}{% if message['role'] == 'user' %}[{{ message['content'] }}]"
        "{% else %}{{ ' ' + message['content'] }}{% endif %}{% endfor %}"
    )
    tokenizer.save_pretrained(tmp_path)
    shutil.copy(chat_llm / "config.json", tmp_path)
    turns = ChatTurns(describe(tmp_path), LLM.chat)
    firsts = turns.tokenizer.convert_ids_to_tokens(turns.first_tokens(("yes", "no")))
    assert firsts == ["▁yes", "▁no"]


@pytest.fixture(scope="module")
def engine(chat_llm):
    return TransformersEngine(LLM, TUNING, chat_llm)


def scores_of(engine, *asked):
    answers = engine.complete(list(asked), lambda more: None)
    return [json.loads(answer.text) for answer in answers]


def test_a_score_is_the_log_softmax_where_the_answer_begins(engine):
    import torch

    ids = engine.turns.encode("Be brief.", "Pain?")
    with torch.inference_mode():
        spread = engine.model(torch.tensor([ids])).logits[0, -1].log_softmax(-1)
    firsts = engine.turns.first_tokens(("no", "yes"))
    (scores,) = scores_of(engine, request(system="Be brief."))
    assert list(scores.values()) == pytest.approx(spread[firsts].tolist(), abs=2e-6)
    assert scores["no"] != scores["yes"]


def test_a_score_does_not_depend_on_its_neighbours(engine):
    asked = [request("Pain " * index) for index in range(1, 20)]
    mixed = asked[:9] + [request("Write.", None, 5), request("x " * 300)] + asked[9:]
    counted = []
    answers = engine.complete(mixed, counted.append)
    assert sum(counted) == 20 and answers[10].reason == "too_long"
    assert answers[9] == engine.complete([mixed[9]], lambda more: None)[0]  # written as ever
    together = [json.loads(answer.text) for answer in answers[:9] + answers[11:]]
    for alone, scores in zip(asked, together, strict=True):
        assert scores_of(engine, alone)[0] == pytest.approx(scores, abs=2e-5)
    assert len({scores["yes"] for scores in together}) == len(asked)


def test_scores_are_finer_than_the_llms_dtype(chat_llm):
    import torch

    coarse = TransformersEngine(LLM.model_copy(update={"dtype": "bfloat16"}), TUNING, chat_llm)
    coarse.model.model.norm.weight.data.mul_(512)  # logits of an LLM's size, which are rounded
    head = coarse.model.get_output_embeddings()
    for index in range(1, 9):
        ids = torch.tensor([coarse.turns.encode("", "Pain " * index)])
        with torch.inference_mode():
            state = coarse.model.model(ids).last_hidden_state[0, -1]
            exact = (state.float() @ head.weight.float().T).log_softmax(-1)
        (scores,) = scores_of(coarse, request("Pain " * index))
        expected = exact[coarse.turns.first_tokens(("no", "yes"))].tolist()
        assert list(scores.values()) == pytest.approx(expected, abs=1e-3)
    assert not head._forward_hooks  # what is written is as it was


def test_transformers_gives_free_text_where_a_schema_is_asked_for(engine):
    answers = engine.complete([request("Pain", WRITTEN, 6), request("Pain", None, 6)], print)
    assert answers[0].text == answers[1].text


def test_an_engine_that_scores_has_a_head_of_its_own_precision(chat_llm):
    free, scoring = (
        engine_options(LlmBehaviour(max_model_len=50), LlmEngine(window=8), chat_llm, scores)
        for scores in (False, True)
    )
    assert scoring.pop("hf_overrides") == {"head_dtype": "float32"} and scoring == free
    assert free["structured_outputs_config"]["disable_any_whitespace"]
    command = server_command(scoring | {"hf_overrides": {"head_dtype": "float32"}}, Path("s"))
    assert command[command.index("--hf-overrides") + 1] == '{"head_dtype": "float32"}'
    assert not any("trust" in part for part in command)


def asked_of(engine, reply, *asked):
    """Answers of an engine whose server gives the same reply to all; and what it was asked."""
    seen = []

    def handle(request):
        if request.method == "GET":
            return httpx.Response(404)
        seen.append(json.loads(request.content))
        return httpx.Response(200, json=reply)

    engine.endpoint.client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    return engine.complete(list(asked), lambda more: None), seen


def chat_reply(logprobs, content="yes"):
    choice = {"message": {"content": content}, "finish_reason": "length", "logprobs": logprobs}
    return {"choices": [choice], "usage": {"prompt_tokens": 5}, "system_fingerprint": "v1"}


def listed(**scores):
    top = [{"token": token, "logprob": score} for token, score in scores.items()]
    return {"content": [{**top[0], "top_logprobs": top}]} if top else {"content": []}


@pytest.fixture
def server():
    place = {"backend": "server", "url": "http://s/v1", "served_model": "m"}
    return OpenAIServerEngine(LLM, TUNING.model_copy(update=place))


def test_a_server_is_asked_for_one_token_and_its_log_likelihoods(server):
    (answer,), (body,) = asked_of(server, chat_reply(listed(yes=-0.5, no=-1.25)), request())
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "Pain?"}],
        "seed": 7,
        "max_tokens": 1,
        "temperature": 0,
        "logprobs": True,
        "top_logprobs": 20,
    }
    assert answer.text == '{"no":-1.25,"yes":-0.5}'
    assert (answer.finish_reason, answer.tokens_in, answer.tokens_out) == ("stop", 5, 1)


@pytest.mark.parametrize("logprobs", [listed(Sure=-0.1, the=-3.0), listed()])
def test_an_answer_in_which_no_choice_is_listed_fails_alone(server, logprobs):
    answers, _ = asked_of(server, chat_reply(logprobs), request())
    assert answers == [Failure("no_choice_scored", 5)]


def test_a_server_gets_the_schema_in_its_order_with_the_declared_sampling(server):
    said = '{"rationale":"It hurts.","answer":"yes"}'
    (answer,), (body,) = asked_of(
        server, chat_reply(None, said), request(structured_output=WRITTEN, max_tokens=60)
    )
    assert answer.text == said and body["max_tokens"] == 60 and body["temperature"] == 0.2
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
    }
    asked = body["response_format"]["json_schema"]["schema"]
    assert list(asked["properties"]) == ["rationale", "answer"]


def test_the_managed_server_is_asked_for_the_tokens_of_the_choices(chat_llm):
    made = object.__new__(ManagedServerEngine)
    made.llm, made.turns, made.version = LLM, ChatTurns(chat_llm, LLM.chat), "1"
    made.connect(Server("http://s", 9, 2))
    no, yes = made.turns.first_tokens(("no", "yes"))
    scores = {"token_id:9": -0.1, f"token_id:{yes}": -2.5, f"token_id:{no}": -3.0}
    choice = {"text": "x", "finish_reason": "length", "logprobs": {"top_logprobs": [scores]}}
    reply = {"choices": [choice], "usage": {"prompt_tokens": 5}}
    (answer,), (body,) = asked_of(made, reply, request())
    assert answer.text == '{"no":-3.0,"yes":-2.5}' and answer.engine_version == "1"
    assert body == {
        "model": "llm",
        "prompt": made.turns.encode("", "Pain?"),
        "max_tokens": 1,
        "temperature": 0,
        "logprobs": 1,
        "logprob_token_ids": [no, yes],
        "return_tokens_as_token_ids": True,
    }
    _, (body,) = asked_of(made, reply, request(structured_output=WRITTEN, max_tokens=60))
    assert body["structured_outputs"] == {"json": SCHEMA}
    assert (body["max_tokens"], body["top_k"], body["seed"]) == (60, 1, 7)
