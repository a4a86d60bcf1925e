"""The real vLLM engine on a tiny random Llama: the road from requests to answers."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import TypeAdapter

from palimpsest.completions.config import Llm, LlmBehaviour, LlmEngine
from palimpsest.completions.engines.base import Failure, Request
from palimpsest.completions.engines.vllm import VllmEngine, engine_options
from palimpsest.runtime.identity import canonical_json
from palimpsest.study.files import read_recipe

LLM = LlmBehaviour(max_model_len=50)


class Picky:
    """Stands for vLLM's engine: it raises for a batch with a token of 13, and says not which."""

    def __init__(self):
        self.calls = []

    def reset_prefix_cache(self):
        self.calls.append("reset")

    def generate(self, prompts, sampling, use_tqdm):
        self.sampling = sampling
        self.calls.append([prompt["prompt_token_ids"] for prompt in prompts])
        if any(13 in prompt["prompt_token_ids"] for prompt in prompts):
            raise ValueError("this is what it cannot take")
        return [
            SimpleNamespace(
                outputs=[
                    SimpleNamespace(
                        text=str(prompt["prompt_token_ids"]),
                        finish_reason="stop",
                        token_ids=[1, 2],
                        logprobs=[
                            {index: SimpleNamespace(logprob=-index / 8) for index in range(26)}
                        ],
                    )
                ]
            )
            for prompt in prompts
        ]


class Letters:
    """Stands for the chat turns: the token of a letter is its place in the alphabet."""

    def encode_all(self, requests):
        return [[ord(letter) - ord("a") for letter in user] for _, user in requests]

    def first_tokens(self, choices):
        return [ids[0] for ids in self.encode_all([("", choice) for choice in choices])]


@pytest.fixture
def engine():
    made = object.__new__(VllmEngine)
    made.engine, made.turns, made.max_model_len = Picky(), Letters(), 50
    made.sampling_params, made.sampling, made.version = dict, {}, "1"
    return made


def test_a_request_for_which_vllm_raises_fails_alone(engine):
    users = ["abc", "n", "dd", "eeee", "x" * 60, "n", "f"]
    answers = engine.complete([Request("", user, 5, 1) for user in users], lambda more: None)
    failed = {index: answer for index, answer in enumerate(answers) if isinstance(answer, Failure)}
    assert failed == {
        1: Failure("engine_refused", 1),
        4: Failure("too_long", 60),
        5: Failure("engine_refused", 1),
    }
    assert [answers[index].text for index in (0, 2, 3, 6)] == [
        "[0, 1, 2]",
        "[3, 3]",
        "[4, 4, 4, 4]",
        "[5]",
    ]


def test_a_window_is_asked_longest_first_of_an_engine_without_a_cache(engine):
    engine.complete([Request("", user, 5, 1) for user in ("b", "ccc", "dd")], lambda more: None)
    assert engine.engine.calls == ["reset", [[2, 2, 2], [3, 3], [1]]]


def test_only_choices_are_scored_and_without_the_declared_sampling(engine):
    engine.sampling = {"temperature": 0.7, "top_k": 3}
    scored = Request("", "ccc", 1, 1, '{"choices":["b","c"]}')
    answers = engine.complete([scored, Request("", "dd", 5, 2)], lambda more: None)
    assert [answer.text for answer in answers] == ['{"b":-0.125,"c":-0.25}', "[3, 3]"]
    assert [answer.tokens_out for answer in answers] == [1, 2]
    assert engine.engine.sampling == [
        {"max_tokens": 1, "temperature": 0, "logprob_token_ids": [1, 2]},
        {"max_tokens": 5, "seed": 2, "temperature": 0.7, "top_k": 3},
    ]


def test_options_of_the_llm_file_count_more_than_ours():
    tuning = LlmEngine(window=1000, gpus=2, vllm={"max_num_seqs": 7})
    options = engine_options(LLM, tuning, Path("weights"), False)
    assert options["tensor_parallel_size"] == 2 and options["max_num_seqs"] == 7
    assert options["trust_remote_code"] is False and options["enable_prefix_caching"]


IDENTITY = """
model tokenizer dtype seed max_model_len trust_remote_code quantization generation_config
chat_template revision tokenizer_revision code_revision kv_cache_dtype served_model_name
structured_outputs_config speculative_config enable_lora override_generation_config
logits_processors hf_config_path model_weights logprobs_mode an_option_of_tomorrow
""".split()


@pytest.mark.parametrize("name", IDENTITY)
def test_an_option_by_which_an_llm_would_write_something_else_is_refused(name):
    with pytest.raises(ValueError, match=f"'vllm: {name}' may change.*max_num_seqs"):
        LlmEngine(vllm={"max_num_seqs": 7, name: True})


@pytest.mark.parametrize(
    ("options", "sound"),
    [
        ({"load_format": "safetensors", "tokenizer_mode": "hf", "config_format": "hf"}, True),
        ({"hf_overrides": {}, "gpu_memory_utilization": 0.9, "enforce_eager": True}, True),
        ({"load_format": "dummy"}, False),
        ({"hf_overrides": {"num_hidden_layers": 1}}, False),
    ],
)
def test_some_options_are_tuning_with_some_values_alone(options, sound):
    if sound:
        assert LlmEngine(vllm=options).vllm == options
    else:
        with pytest.raises(ValueError, match="is tuning with .* alone"):
            LlmEngine(vllm=options)


def test_the_llm_files_of_the_project_are_sound():
    for path in (Path(__file__).parents[3] / "config" / "llms").glob("*.yaml"):
        read_recipe(path, TypeAdapter(Llm))


# In a process of its own: vLLM binds threads and sets up torch.distributed for good.
PROGRAM = """
import json, sys
from pathlib import Path
from palimpsest.completions.config import LlmBehaviour, LlmEngine, Sampling
from palimpsest.completions.engines import start_engine
from palimpsest.completions.engines.base import Failure, Request

llm = LlmBehaviour(max_model_len=256, sampling=Sampling(temperature=0.8, top_p=0.95))
tuning = LlmEngine(backend="vllm", window=8, vllm={"max_num_seqs": 4})
engine = start_engine(llm, tuning, Path(sys.argv[1]))
window = [
    Request("You rewrite notes.", f"Note {number}: pain <|im_end|> and fever.", 12, number + 7)
    for number in range(6)
]
window.insert(3, Request("", "far too long " * 400, 12, 1))
counted = []
first = engine.complete(window, counted.append)
engine.complete(window[:2], lambda more: None)
second = engine.complete(window, lambda more: None)
completed = [result for result in first if not isinstance(result, Failure)]
control = engine.turns.tokenizer.convert_tokens_to_ids("<|im_end|>")
ids = engine.turns.encode("s", "x <|im_end|> y")
print(json.dumps({
    "failed": [isinstance(answer, Failure) and answer.reason for answer in first],
    "same": first == second,
    "counted": sum(counted),
    "tokens": [result.tokens_out for result in completed],
    "reasons": sorted({result.finish_reason for result in completed}),
    "engine": first[0].engine,
    "control_tokens": ids.count(control),
}))
"""


def run(program: str, *arguments: str | Path) -> dict:
    """What a program says in its last line."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3] / "src")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("vllm") is None, reason="vLLM is not installed")
def test_vllm_answers_the_same_window_with_the_same_answers(chat_llm: Path) -> None:
    said = run(PROGRAM, chat_llm)
    assert said["failed"] == [False, False, False, "too_long", False, False, False]
    assert said["same"]
    assert said["counted"] == 6
    assert all(1 <= tokens <= 12 for tokens in said["tokens"])
    assert set(said["reasons"]) <= {"stop", "length"}
    assert said["engine"] == "vllm"
    assert said["control_tokens"] == 2  # the template's own, after the system and the user message


SCORING = """
import json, sys
from pathlib import Path
from palimpsest.completions.config import LlmBehaviour, LlmEngine, Sampling
from palimpsest.completions.engines import start_engine
from palimpsest.completions.engines.base import Request

# None of the sampling may show in a score.
sampling = Sampling(temperature=0.2, top_p=0.1, top_k=1, repetition_penalty=5.0)
llm = LlmBehaviour(dtype="float32", max_model_len=256, sampling=sampling)
choices, schema = sys.argv[2:]
window = [Request("", "Pain " * count + "<|im_end|>", 1, count, choices) for count in range(1, 7)]
window += [Request("", "Write.", 5, 7), Request("", "As JSON.", 60, 8, schema)]
said = {}
for backend in ("transformers", "vllm"):
    tuning = LlmEngine(backend=backend, window=8, vllm={"max_num_seqs": 4})
    engine = start_engine(llm, tuning, Path(sys.argv[1]), scoring=True)
    together = engine.complete(window, lambda more: None)
    alone = [engine.complete([request], lambda more: None)[0] for request in window[:3]]
    said[backend] = [[answer.text for answer in answers] for answers in (together, alone)]
print(json.dumps(said))
"""
SCHEMA = {
    "type": "object",
    "properties": {"sure": {"type": "boolean"}, "answer": {"enum": ["yes", "no"]}},
    "required": ["sure", "answer"],
    "additionalProperties": False,
}


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("vllm") is None, reason="vLLM is not installed")
def test_vllm_scores_as_transformers_does_and_keeps_to_a_schema(chat_llm: Path) -> None:
    constraints = [canonical_json({"choices": ["no", "yes"]}), canonical_json({"schema": SCHEMA})]
    said = run(SCORING, chat_llm, *constraints)
    (together, alone), (reference, _) = said["vllm"], said["transformers"]
    scores = [json.loads(text) for text in together[:6]]
    for found, expected in zip(scores, map(json.loads, reference[:6]), strict=True):
        assert found == pytest.approx(expected, abs=1e-3)
    for found, expected in zip(scores, map(json.loads, alone), strict=False):
        assert found == pytest.approx(expected, abs=1e-4)
    assert len({found["yes"] for found in scores}) == 6
    written = json.loads(together[7])
    assert list(written) == ["sure", "answer"] and written["answer"] in ("yes", "no")
    assert not any(blank in together[7] for blank in " \n")
