"""Small valid inputs for every script, made with the package's own functions."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import yaml
from datasets import Dataset

from palimpsest.completions.complete import SCHEMA as COMPLETIONS
from palimpsest.corpora.mix import SCHEMA as CORPUS
from palimpsest.corpora.mix import describe
from palimpsest.notes.schema import SCHEMA as NOTES
from palimpsest.passages.cut import SCHEMA as PASSAGES
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.reports.plan import COLUMNS as PLAN
from palimpsest.reports.plan import Work, planned
from palimpsest.reports.tidy import long_rows
from palimpsest.requests.rephrase import SCHEMA as REQUESTS
from palimpsest.requests.rephrase import rephrase_request
from palimpsest.runtime.files import write_json, write_table, write_text
from palimpsest.runtime.identity import digest
from palimpsest.screens.rephrases import REJECTS
from palimpsest.screens.rephrases import SCHEMA as REPHRASES

TEXT = "The patient has chest pain. Aspirin was started. Home tomorrow."
ROW = {"patient": "p0", "body": TEXT}
SHARD = "000-of-001"
PROMPT = {"system": "", "user": "Rewrite:\n{passage}", "lead_in": [], "max_output_ratio": 1.5}
ACCOUNT = {"in": 6, "kept": 6, "rejected": {}, "failed": {}}
LLM = {
    "weights": {"hub": "a/b", "revision": "c" * 40},
    "engine": {"backend": "server", "url": "http://127.0.0.1:9/v1", "served_model": "m"},
}
TRAINING = {
    "steps": 1,
    "batch_size": 1,
    "context": 16,
    "learning_rate": 0.01,
    "warmup_steps": 0,
    "weight_decay": 0.0,
    "precision": "float32",
}
DECODER = {
    "kind": "decoder",
    "tokenizer": "bpe",
    "architecture": {"hidden_size": 8, "intermediate_size": 8, "layers": 1, "heads": 1},
    "training": TRAINING,
}
ENCODER = {
    "kind": "encoder",
    "weights": {"path": "weights"},
    "training": TRAINING,
    "mask_probability": 0.15,
}
FINETUNING = {
    "epochs": 1,
    "batch_size": 2,
    "learning_rate": 0.01,
    "max_tokens": 32,
    "precision": "float32",
}
METRICS = [{"metric": name, "value": 2.0, "low": 1.0, "high": 3.0} for name in ("perplexity", "f1")]


def table(folder: Path, name: str, rows: list[dict], schema: pa.Schema | None, **fields) -> None:
    made = (
        pa.Table.from_pylist(rows) if schema is None else pa.Table.from_pylist(rows, schema=schema)
    )
    write_table(folder / f"{name}.parquet", made, **fields)


def write_inputs(folder: Path) -> None:
    """Write one of everything below `folder`."""
    splits = ["train", "train", "valid", "test", "train", "test"]
    span = {"start": 16, "end": 26, "label": "problem", "assertion": "present"}
    notes = [
        {
            "note_id": f"n{at}",
            "patient_id": f"p{at}",
            "category": "Visit",
            "text": TEXT,
            "split": split,
            "shard": 0,
            "source_row": at + 1,
            "spans": [span],
        }
        for at, split in enumerate(splits)
    ]
    rows = "".join(f'n{at},p{at},"{TEXT}"\n' for at in range(6))
    write_text(folder / "ward.csv", "id,patient,body\n" + rows)
    table(folder, "ward", [{"id": "n0", "patient": "p0", "body": TEXT}], None)
    lines = "".join(json.dumps({"id": f"n{at}", **ROW}) + "\n" for at in range(6))
    (folder / "ward.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    write_text(folder / "texts" / "n0.txt", TEXT)
    Dataset.from_list([{"id": "n0", **ROW}]).save_to_disk(folder / "saved")
    table(folder, "notes", notes, NOTES, account=ACCOUNT)
    tokenizer = train_bpe([TEXT] * 5, 300)
    write_text(folder / "tokenizer.json", tokenizer.to_str())
    tokens = len(tokenizer.encode(TEXT).ids)
    place = [{"note_id": f"n{at}", "start": 0, "end": len(TEXT)} for at in range(6)]
    passages = [{**row, "text": TEXT, "tokens": tokens} for row in place]
    table(folder, f"passages/{SHARD}", passages, PASSAGES)
    requests = [rephrase_request(passage, PROMPT) for passage in passages]
    table(folder, "requests", requests, REQUESTS, asked_with=digest(PROMPT))
    names = {"source": "ward", "prompt": "p", "shard": SHARD}
    asked_with = digest(PROMPT)
    table(folder, f"requests/{SHARD}", requests, REQUESTS, asked_with=asked_with, wildcards=names)
    keys = [request["request_key"] for request in requests]
    answer = {"text": "Chest pain; aspirin.", "finish_reason": "stop"}
    completions = [{"request_key": key, **answer} for key in keys]
    table(folder, "completions", completions, COMPLETIONS)
    rephrases = [
        {**row, "request_key": key, "text": TEXT} for row, key in zip(place, keys, strict=True)
    ]
    table(folder, f"rephrases/{SHARD}", rephrases, REPHRASES, account=ACCOUNT)
    reject = {**place[0], "request_key": keys[0], "outcome": "rejected", "reason": "copy"}
    table(folder, f"rephrases/{SHARD}.rejects", [reject], REJECTS)
    part = {"kind": "notes", "source": "ward", "llm": None, "prompt": None, "budget": 9}
    described = describe(passages)
    manifest = {"corpus": "original", "parts": [part | described], "all": described}
    table(folder, "corpus", [{**row, "part": 0} for row in passages], CORPUS, **manifest)
    write_text(folder / "llm.yaml", yaml.safe_dump(LLM))
    write_text(folder / "decoder.yaml", yaml.safe_dump(DECODER))
    write_text(folder / "encoder.yaml", yaml.safe_dump(ENCODER))
    write_text(folder / "task.conll", "chest\tB-problem\npain\tI-problem\n")
    write_folder(folder / "weights", tokenizer.to_str())
    write_json(folder / "weights.json", {"identity": "w" * 64, "files": {}})
    for corpus in ("plain", "original"):
        scores = {"note_id": "n3", "nats": 1.0}
        table(folder, f"scores/small/{corpus}/seed0/visits", [scores], None, metrics=METRICS)
    write_text(folder / "table.metrics.csv", long_rows([{"corpus": "plain", "value": 1}]))
    plan = planned(Work(9, 1, 90, 90, 0, 0, 0), 3.0, None, 0, 1)
    names = {"llm": "small", "source": "ward", "prompt": "p"}
    write_text(folder / "plan.csv", pd.DataFrame([names | plan], columns=PLAN).to_csv(index=False))


def write_folder(folder: Path, tokenizer: str) -> None:
    """A folder of weights: a tiny BERT without a trained tokenizer of its own."""
    from tokenizers import Tokenizer

    marks = Tokenizer.from_str(tokenizer)
    marks.add_special_tokens(["[CLS]", "[SEP]", "[MASK]"])
    write_text(folder / "tokenizer.json", marks.to_str())
    config = {
        "model_type": "bert",
        "architectures": ["BertForMaskedLM"],
        "vocab_size": marks.get_vocab_size(),
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "intermediate_size": 8,
        "max_position_embeddings": 32,
    }
    write_json(folder / "config.json", config)
    # Valid safetensors without any tensor: enough for every script but those that compute.
    header = json.dumps({"__metadata__": {"format": "pt"}}).encode()
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
