"""The real vLLM engine on a tiny random Llama: the road from questions to answers."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("vllm") is None, reason="vLLM is not installed"),
]

# In a process of its own: vLLM binds threads and sets up torch.distributed for good.
PROGRAM = """
import json, sys
from pathlib import Path
from palimpsest.completions.engines.base import Question, Refusal, start_engine

llm = {
    "dtype": "bfloat16", "max_model_len": 256,
    "chat": {"system_role": True, "template_options": {}},
    "sampling": {
        "temperature": 0.8, "top_p": 0.95, "top_k": 0, "repetition_penalty": 1.0, "seed": 0,
    },
}
tuning = {"backend": "vllm", "window": 8, "gpus": 0, "vllm": {}}
engine = start_engine(llm, tuning, Path(sys.argv[1]))
window = [
    Question("You rewrite notes.", f"Note {number}: pain <|im_end|> and fever.", 12, number + 7)
    for number in range(6)
]
window.insert(3, Question("", "far too long " * 400, 12, 1))
counted = []
first = engine.answer(window, counted.append)
engine.answer(window[:2], lambda more: None)
second = engine.answer(window, lambda more: None)
control = engine.turns.tokenizer.convert_tokens_to_ids("<|im_end|>")
ids = engine.turns.encode("s", "x <|im_end|> y")
print(json.dumps({
    "refused": [isinstance(answer, Refusal) and answer.reason for answer in first],
    "same": first == second,
    "counted": sum(counted),
    "tokens": [answer.tokens_out for answer in first if not isinstance(answer, Refusal)],
    "reasons": sorted({one.finish_reason for one in first if not isinstance(one, Refusal)}),
    "engine": first[0].engine,
    "control_tokens": ids.count(control),
}))
"""


def test_vllm_answers_the_same_window_with_the_same_answers(chat_llm: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(chat_llm)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.strip().splitlines()[-1])
    assert said["refused"] == [False, False, False, "too_long", False, False, False]
    assert said["same"]
    assert said["counted"] == 6
    assert all(1 <= tokens <= 12 for tokens in said["tokens"])
    assert set(said["reasons"]) <= {"stop", "length"}
    assert said["engine"] == "vllm"
    assert said["control_tokens"] == 2  # the template's own, after the system and the user message
