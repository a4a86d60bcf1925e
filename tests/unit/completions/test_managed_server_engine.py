"""vLLM's own server lives as long as the job that asks it, whatever ends that job."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from manifests import describe

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),  # vLLM's server takes minutes to start on a busy machine
    pytest.mark.skipif(importlib.util.find_spec("vllm") is None, reason="vLLM is not installed"),
]

PROGRAM = """
import json, sys
from pathlib import Path
from palimpsest.completions.config import LlmBehaviour, LlmEngine, Sampling
from palimpsest.completions.engines import start_engine
from palimpsest.completions.engines.base import Request

llm = LlmBehaviour(max_model_len=256, sampling=Sampling(temperature=0.8, top_p=0.95))
tuning = LlmEngine(
    backend="server", serve=True, window=8, concurrency=4, timeout_seconds=120
)
engine = start_engine(llm, tuning, Path(sys.argv[1]), scoring=True)
window = [
    Request("You rewrite notes.", f"Note {number}: pain <|im_end|>.", 12, number)
    for number in range(6)
]
window.insert(3, Request("", "far too long " * 400, 12, 1))
answers = engine.complete(window, lambda more: None)
schema = '{"schema":{"enum":["mild","severe"]}}'
structured = engine.complete(
    [Request("", "Pain?", 1, 1, '{"choices":["no","yes"]}'), Request("", "Pain?", 9, 1, schema)],
    lambda more: None,
)
control = engine.turns.tokenizer.convert_tokens_to_ids("<|im_end|>")
print(json.dumps({
    "server": engine.server.pid,
    "reasons": [getattr(answer, "reason", None) for answer in answers],
    "tokens_in": [answer.tokens_in for answer in answers],
    "tokens_out": [answer.tokens_out for answer in answers if hasattr(answer, "tokens_out")],
    "counted": len(engine.turns.encode("You rewrite notes.", "Note 0: pain <|im_end|>.")),
    "engine": answers[0].engine,
    "structured": [json.loads(answer.text) for answer in structured],
}), flush=True)
if len(sys.argv) > 2:
    sys.stdin.read()
"""


def start(folder: Path, *more: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), *more],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3] / "src")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def members(group: int) -> list[int]:
    """Processes of a process group, from /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def ended(group: int) -> bool:
    """Whether a group ends; it has a minute to do so."""
    for _ in range(600):
        if not members(group):
            return True
        time.sleep(0.1)
    return False


def test_a_killed_job_leaves_no_server_and_its_answers_are_those_of_token_ids(
    chat_llm: Path,
) -> None:
    job = start(chat_llm, "stay")
    line = job.stdout.readline()
    assert line, job.communicate()[1][-3000:]
    said = json.loads(line)
    assert said["reasons"] == [None, None, None, "too_long", None, None, None]
    # What the server counted is what was sent: no second BOS, no control token from a note.
    assert said["tokens_in"][0] == said["counted"]
    assert all(1 <= tokens <= 12 for tokens in said["tokens_out"])
    assert said["engine"] == "server"
    scores, word = said["structured"]
    assert set(scores) == {"no", "yes"} and all(score < 0 for score in scores.values())
    assert word in ("mild", "severe")
    assert len(members(said["server"])) > 1
    job.send_signal(signal.SIGKILL)
    job.communicate()
    assert ended(said["server"])


def test_a_server_that_cannot_start_is_an_error_that_says_why(chat_llm: Path, tmp_path) -> None:
    (tmp_path / "config.json").write_text(
        (chat_llm / "config.json").read_text().replace("LlamaForCausalLM", "UnheardOfModel")
    )
    for path in chat_llm.iterdir():
        if path.name != "config.json":
            (tmp_path / path.name).symlink_to(path)
    job = start(describe(tmp_path))
    _, written = job.communicate()
    assert job.returncode == 1
    error = written.strip().splitlines()[-1]
    assert "UserError: vLLM's server ended while it started" in error
    assert "UnheardOfModel" in error
