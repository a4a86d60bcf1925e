"""A ledger of version 0.1 serves the present program: nothing is asked again.

tests/data/earlier_ledger was written by the programs of commit b5df448 with the tests' scripted
server: 20 requests for rephrases under a prompt with a system text, their completions and ledger.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from palimpsest.completions.config import CompletionsSpec, Llm, LlmBehaviour
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.identity import canonical_json
from palimpsest.runtime.schema import Weights
from palimpsest.weights.identity import declared_identity

ROOT = Path(__file__).parents[3]
EARLIER = ROOT / "tests" / "data" / "earlier_ledger"
sys.path.append(str(ROOT / "tests" / "workflow"))
from scripted_server import ScriptedServer  # noqa: E402

REQUESTS = 20


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    made = ScriptedServer()
    yield made
    made.close()


def complete(folder: Path, server: ScriptedServer, shard: str = "000-of-001", **changes) -> Path:
    """Run the present program on the earlier requests and a copy of the ledger."""
    declared = yaml.safe_load((EARLIER / "llm.yaml").read_text())
    declared["engine"]["url"] = server.url
    (folder / "llm.yaml").write_text(yaml.safe_dump(declared))
    shutil.copytree(EARLIER / "state", folder / "state")
    llm = Llm(**declared).narrowed(LlmBehaviour).model_copy(update=changes)
    spec = CompletionsSpec(
        llm=llm.identity(),
        weights=declared_identity(Weights(**declared["weights"])),
        llm_name="renamed",
        source="clinic",
        prompt_name="renamed",
        shard=shard,
    )
    out = folder / "completions.parquet"
    command = [sys.executable, ROOT / "scripts" / "completions" / "complete_requests.py"]
    command += ["--requests", EARLIER / "requests.parquet", "--llm", folder / "llm.yaml"]
    command += ["--weights", "--spec", canonical_json(spec.identity() | {"wildcards": {}})]
    command += ["--state", folder / "state", "--out", out]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize("shard", ["000-of-001", "000-of-002"])
def test_the_completions_of_an_earlier_ledger_are_found(
    server: ScriptedServer, tmp_path: Path, shard: str
) -> None:
    out = complete(tmp_path, server, shard)
    assert server.requests == []
    columns = ["request_key", "text", "finish_reason", "tokens_in", "tokens_out", "seed", "engine"]
    rows = read_table(out, columns).to_pylist()
    assert len(rows) == REQUESTS and all(row["text"] for row in rows)
    earlier = EARLIER / "completions.parquet"
    assert rows == read_table(earlier, columns).to_pylist()
    kept = ("account", "asked_of", "asked_with", "engines", "llm", "tokens_in", "tokens_out")
    made, before = read_manifest(out), json.loads(earlier.with_suffix(".json").read_text())
    assert {key: made[key] for key in kept} == {key: before[key] for key in kept}


def test_another_llm_is_asked_for_all_of_them(server: ScriptedServer, tmp_path: Path) -> None:
    complete(tmp_path, server, max_model_len=2047)
    assert len(server.requests) == REQUESTS
