"""A single flipped bit anywhere in what is stored is refused, or changes nothing.

The suite flips a few of each kind; `PALIMPSEST_FLIPS=200 pytest tests/unit/test_flips.py -n 0 -s`
flips as many, and prints what became of them.
"""

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from manifests import describe
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoTokenizer,
)

from palimpsest.completions.ledger import Completion, Ledger, completion_key, request_seed
from palimpsest.runtime.cache import Cache
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import (
    manifest_path,
    read_manifest,
    read_table,
    write_json,
    write_table,
)
from palimpsest.text.tokenizers import load_tokenizer

FLIPS = int(os.environ.get("PALIMPSEST_FLIPS", "12"))
Load = Callable[[], Any]


def tensors(kind: Any, folder: Path) -> dict[str, bytes]:
    state = load_pretrained(kind, folder, dtype=torch.float32).state_dict()
    return {name: tensor.numpy().tobytes() for name, tensor in state.items()}


def weights(encoder: Path, folder: Path) -> tuple[list[Path], Load]:
    made = describe(Path(shutil.copytree(encoder, folder / "bert")))
    return [made / "model.safetensors"], lambda: tensors(AutoModelForMaskedLM, made)


def checkpoints(decoder: Path, folder: Path) -> tuple[list[Path], Load]:
    """As a job takes them from the store, and as another loads what was delivered."""
    cache = Cache(folder / "state", "a" * 64)
    cache.finish(Path(shutil.copytree(decoder, cache.working / "made")))
    names = sorted(path.name for path in cache.finished.iterdir())

    def load() -> Any:
        again = Cache(folder / "state", "a" * 64)
        if not again.is_finished():
            raise UserError("it is made again")
        again.deliver(folder / "out", *names)
        return tensors(AutoModelForCausalLM, describe(folder / "out"))

    return [*(cache.finished / name for name in names), cache.manifest], load


def tokenizers(bpe: Path, folder: Path) -> tuple[list[Path], Load]:
    made = describe(Path(shutil.copytree(bpe.parent, folder / "bpe")))
    path = made / "tokenizer.json"
    return [path], lambda: load_tokenizer(path).to_str()


def configs(chat_llm: Path, folder: Path) -> tuple[list[Path], Load]:
    made = Path(shutil.copytree(chat_llm, folder / "llm"))
    write_json(made / "generation_config.json", {"temperature": 0.5})
    describe(made)

    def load() -> Any:
        tokenizer = load_pretrained(AutoTokenizer, made)
        config = load_pretrained(AutoConfig, made).to_dict()
        return config, tokenizer.chat_template, tokenizer.special_tokens_map

    return [path for path in made.iterdir() if path.suffix in (".json", ".jinja")], load


def ledgers(folder: Path) -> tuple[list[Path], Load]:
    path = folder / "ward.000-of-001.sqlite"
    keys = [completion_key(str(number), "llm") for number in range(40)]
    answers = {
        key: Completion(f"Pain {key} " * 20, "stop", 9, 3, request_seed(key), "test", "1")
        for key in keys
    }
    with Ledger.open(path, llm="llm") as ledger:
        ledger.commit(answers)

    def load() -> Any:
        with Ledger.open(path, llm="llm") as ledger:
            rows = ledger.rowids(keys)
            return [ledger.read([row])[row] if row else None for row in rows]

    return [path], load


def tables(folder: Path) -> tuple[list[Path], Load]:
    path = folder / "a.parquet"
    rows = pa.table({"note_id": [str(number) for number in range(500)], "text": ["Pain."] * 500})
    write_table(path, rows)
    return [path], lambda: read_table(path, ["note_id", "text"]).to_pydict()


def manifests(folder: Path) -> tuple[list[Path], Load]:
    path = folder / "a.parquet"
    account = {"in": 3, "kept": 2, "rejected": {"copy": 1}, "failed": {}}
    write_table(path, pa.table({"x": [1, 2]}), account=account, wildcards={"source": "ward"})
    known = read_manifest(path)

    def load() -> Any:
        found = read_manifest(path)
        return {name: found.get(name) for name in known}

    return [manifest_path(path)], load


KINDS = {
    "weights": (weights, "encoder"),
    "checkpoints": (checkpoints, "decoder"),
    "tokenizers": (tokenizers, "bpe"),
    "configs": (configs, "chat_llm"),
    "ledgers": (ledgers, None),
    "Parquet": (tables, None),
    "manifests": (manifests, None),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_is_refused_or_changes_nothing(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    make, fixture = KINDS[kind]
    given = [request.getfixturevalue(fixture)] if fixture else []
    paths, load = make(*given, tmp_path)
    good = {path: path.read_bytes() for path in paths}
    known, draw, found = load(), random.Random(kind), Counter[str]()
    for _ in range(FLIPS):
        path = draw.choices(paths, [len(data) for data in good.values()])[0]
        data = bytearray(good[path])
        at = draw.randrange(8 * len(data))
        data[at // 8] ^= 1 << at % 8
        path.write_bytes(data)
        try:
            same = load() == known
        except UserError:
            found["refused"] += 1
        else:
            found["harmless" if same else "another result"] += 1
        finally:
            for changed, whole in good.items():
                changed.write_bytes(whole)
    print(f"{kind}: {FLIPS} flips: {dict(found)}")
    assert found["refused"] + found["harmless"] == FLIPS
    assert load() == known
