"""The transformers engine: an answer is a function of its request, whatever stands beside it."""

import json
import shutil

import pytest
from manifests import describe

from palimpsest.completions.config import LlmBehaviour, LlmEngine, Sampling
from palimpsest.completions.engines.base import Failure, Request
from palimpsest.completions.engines.transformers import TransformersEngine
from palimpsest.runtime.errors import UserError

LLM = LlmBehaviour(
    dtype="float32",
    max_model_len=200,
    sampling=Sampling(temperature=0.8, top_p=0.9, top_k=40),
)
USERS = ["Pain.", "The patient was admitted with chest pain.", "x" * 30, "Creatinine was 1.2.", "a"]
REQUESTS = [
    Request("Be brief.", f"{user} {index}", 5 + index % 4, 1000 + index)
    for index, user in enumerate(USERS * 4)
]


def engine_of(folder, **sampling):
    """An engine with the sampling of LLM, but for some values."""
    changed = LLM.sampling.model_copy(update=sampling)
    return TransformersEngine(LLM.model_copy(update={"sampling": changed}), LlmEngine(), folder)


@pytest.fixture(scope="module")
def engine(chat_llm):
    return engine_of(chat_llm)


def ask(engine, requests):
    counted = []
    answers = engine.complete(requests, counted.append)
    assert sum(counted) == sum(not isinstance(answer, Failure) for answer in answers)
    return answers


@pytest.fixture(scope="module")
def answers(engine):
    return ask(engine, REQUESTS)


def test_an_answer_does_not_depend_on_its_neighbours(engine, answers):
    assert len({answer.text for answer in answers}) > 10
    assert ask(engine, REQUESTS[::-1]) == answers[::-1]
    assert ask(engine, REQUESTS[3:9]) == answers[3:9]
    assert [ask(engine, [request])[0] for request in REQUESTS[:6]] == answers[:6]


def test_the_repetition_penalty_counts_no_neighbours_padding(chat_llm, tmp_path):
    # The padding is the end token: a penalty on it would make padded answers longer.
    shutil.copytree(chat_llm, tmp_path / "llm")
    template = "{{ messages[-1]['content'] }}"  # without any end token of its own
    (tmp_path / "llm" / "chat_template.jinja").write_text(template)
    engine = engine_of(describe(tmp_path / "llm"), repetition_penalty=5.0, temperature=0.0)
    import torch

    scores = torch.zeros(350)
    scores[2], scores[7] = 1.0, 0.5  # the end is likeliest, unless it is punished
    engine.model.lm_head = Fixed(scores)
    short, long = Request("", "a", 4, 1), Request("", "the patient was admitted" * 3, 4, 2)
    assert ask(engine, [short, long])[0] == ask(engine, [short])[0]


def Fixed(scores):  # noqa: N802 (stands for a class)
    import torch

    class Head(torch.nn.Module):
        def forward(self, hidden):
            return scores.expand(*hidden.shape[:-1], -1).clone()

    return Head()


def test_the_same_seed_gives_the_same_text_and_another_seed_another(engine):
    texts = [ask(engine, [Request("", "Pain.", 12, seed)])[0].text for seed in (1, 1, 2, 3)]
    assert texts[0] == texts[1] and len(set(texts)) == 3


def test_min_p_drops_what_is_unlikely_beside_the_likeliest_token(chat_llm):
    import torch

    scores = torch.full((350,), -99.0)
    scores[50], scores[51], scores[52] = 3.0, 2.9, 0.0  # e^-3 of the likeliest is below a tenth
    kept = {}
    for min_p in (0.0, 0.1):
        engine = engine_of(chat_llm, min_p=min_p, top_p=1.0, top_k=0, temperature=1.0)
        chain = engine._processors([1])
        kept[min_p] = (chain[1](None, chain[0](None, scores[None])) if min_p else scores[None])[0]
    assert torch.isfinite(kept[0.0]).all()
    assert torch.isfinite(kept[0.1]).nonzero().flatten().tolist() == [50, 51]


def test_without_temperature_the_seed_does_not_matter(chat_llm):
    greedy = engine_of(chat_llm, temperature=0.0)
    assert len({ask(greedy, [Request("", "Pain.", 8, seed)])[0].text for seed in (1, 2)}) == 1


def test_an_answer_fills_its_room_at_most(answers):
    for request, answer in zip(REQUESTS, answers, strict=True):
        assert answer.tokens_out <= request.max_tokens
        assert answer.finish_reason == "stop" or answer.tokens_out == request.max_tokens
        assert answer.seed == request.seed
        assert answer.tokens_in > 10


@pytest.mark.parametrize(("likeliest", "reason", "tokens"), [(2, "stop", 1), (50, "length", 6)])
def test_an_answer_stops_at_its_end_token_or_at_its_room(chat_llm, likeliest, reason, tokens):
    import torch

    engine = engine_of(chat_llm)
    scores = torch.zeros(350)
    scores[likeliest] = 99.0
    engine.model.lm_head = Fixed(scores)
    (answer,) = ask(engine, [Request("", "Pain.", 6, 1)])
    assert (answer.finish_reason, answer.tokens_out) == (reason, tokens)
    assert (answer.text == "") == (reason == "stop")


def test_a_request_that_is_too_long_fails_alone(engine):
    long = Request("", "word " * 300, 5, 1)
    failed, answer = ask(engine, [long, REQUESTS[0]])
    assert failed == Failure("too_long", failed.tokens_in) and failed.tokens_in > 195
    assert answer == ask(engine, [REQUESTS[0]])[0]
    assert ask(engine, [long]) == [failed]


def test_a_request_with_half_a_character_fails_alone(engine):
    failed, answer = ask(engine, [Request("", "pain \ud83d", 5, 1), REQUESTS[0]])
    assert failed == Failure("bad_characters")
    assert answer == ask(engine, [REQUESTS[0]])[0]


def test_sampling_is_what_was_declared_and_not_what_the_weights_suggest(
    chat_llm, tmp_path, answers
):
    shutil.copytree(chat_llm, tmp_path / "llm")
    path = tmp_path / "llm" / "generation_config.json"
    suggested = {"repetition_penalty": 9.0, "temperature": 0.1, "top_k": 1, "do_sample": True}
    path.write_text(json.dumps(json.loads(path.read_text()) | suggested))
    assert ask(engine_of(describe(tmp_path / "llm")), REQUESTS[:4]) == answers[:4]


def test_samples_follow_the_softmax():
    import torch

    from palimpsest.completions.engines.transformers import SeededGumbel

    odds = torch.tensor([0.6, 0.3, 0.1])
    draws = SeededGumbel(list(range(4000)))(torch.zeros(4000, 1), odds.log().expand(4000, 3))
    shares = torch.bincount(draws.argmax(-1), minlength=3) / 4000
    assert torch.allclose(shares, odds, atol=0.04)


def test_weights_that_cannot_be_loaded_are_refused_by_name(chat_llm, tmp_path):
    shutil.copytree(chat_llm, tmp_path / "llm")
    (tmp_path / "llm" / "model.safetensors").write_text("not weights")
    with pytest.raises(UserError, match=str(tmp_path / "llm")):
        engine_of(tmp_path / "llm")
