"""Small valid inputs for every script, made with the package's own functions."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import yaml
from datasets import Dataset
from tokenizers import Tokenizer

from palimpsest.completions.complete import SCHEMA as COMPLETIONS
from palimpsest.corpora.description import Description
from palimpsest.corpora.mix import COUNTED
from palimpsest.corpora.mix import SCHEMA as CORPUS
from palimpsest.fidelity.findings import SCHEMA as FINDINGS
from palimpsest.fidelity.findings import finding_rows
from palimpsest.notes.duplicates import DUPLICATES
from palimpsest.notes.schema import SCHEMA as NOTES
from palimpsest.passages.cut import SCHEMA as PASSAGES
from palimpsest.perplexity.tables import LOSSES, PERPLEXITIES
from palimpsest.pretraining.config import PackingSpec
from palimpsest.pretraining.counts import packed
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.reports.plan import COLUMNS as PLAN
from palimpsest.reports.plan import Work, planned
from palimpsest.reports.tidy import long_rows
from palimpsest.requests.config import Prompt
from palimpsest.requests.rephrase import SCHEMA as REQUESTS
from palimpsest.requests.rephrase import rephrase_request
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.evaluation_notes import evaluation_notes
from palimpsest.runtime.files import write_manifest, write_table, write_text
from palimpsest.runtime.identity import digest
from palimpsest.runtime.overlap_tables import OVERLAPS
from palimpsest.runtime.schema import EvaluationNotes
from palimpsest.screens.rephrases import REJECTS
from palimpsest.screens.rephrases import SCHEMA as REPHRASES
from palimpsest.text.tokenizers import load_tokenizer

TEXT = "The patient has chest pain. Aspirin was started. Home tomorrow."
ROW = {"patient": "p0", "body": TEXT}
SHARD = "000-of-001"
PROMPT = {"system": "", "user": "Rewrite:\n{passage}", "max_output_ratio": 1.5}
ACCOUNT = {"in": 6, "kept": 6, "rejected": {}, "failed": {}}
LLM = {
    "weights": {"hub": "a/b", "revision": "c" * 40},
    "engine": {"backend": "server", "url": "http://127.0.0.1:9/v1", "served_model": "m"},
}
TRAINING = {
    "steps": 1,
    "batch_size": 1,
    "context": 8,
    "learning_rate": 0.01,
    "warmup_steps": 0,
    "weight_decay": 0.0,
    "precision": "float32",
}
DECODER = {
    "kind": "decoder",
    "architecture": {"hidden_size": 8, "intermediate_size": 8, "layers": 1, "heads": 1},
    "training": TRAINING,
}
ENCODER = {"kind": "encoder", "training": TRAINING, "mask_probability": 0.5}
FINETUNING = {
    "epochs": 1,
    "batch_size": 2,
    "learning_rate": 0.01,
    "max_tokens": 32,
    "precision": "float32",
}


def table(folder: Path, name: str, rows: list[dict], schema: pa.Schema | None, **fields) -> None:
    made = (
        pa.Table.from_pylist(rows) if schema is None else pa.Table.from_pylist(rows, schema=schema)
    )
    write_table(folder / f"{name}.parquet", made, **fields)


def with_manifest(folder: Path) -> None:
    """Write the manifest of a folder of weights."""
    names = sorted(path.name for path in folder.iterdir())
    write_manifest(folder.with_suffix(".json"), described(folder, names))


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
    fields = {"account": ACCOUNT, "identical_notes": {"moved": 0}, "alike_in_train": {}}
    table(folder, "notes", notes, NOTES, **fields, files=[], wildcards={"source": "ward"})
    decided = {"source": "ward", "note_id": "n0", "outcome": "rejected", "reason": "duplicate"}
    fields = {"moved": {"ward": 0}, "alike_in_train": {"ward": {}}}
    table(folder, "duplicates", [decided], DUPLICATES, **fields, wildcards={})
    tokenizer = train_bpe([TEXT] * 5, 300)
    write_text(folder / "bpe" / "tokenizer.json", tokenizer.to_str())
    with_manifest(folder / "bpe")
    tokens = len(tokenizer.encode(TEXT).ids)
    place = [{"note_id": f"n{at}", "start": 0, "end": len(TEXT)} for at in range(6)]
    passages = [
        {**row, "patient_id": f"p{at}", "text": TEXT, "tokens": tokens}
        for at, row in enumerate(place)
    ]
    names = {"source": "ward", "shard": SHARD}
    table(folder, f"passages/{SHARD}", passages, PASSAGES, wildcards=names)
    requests = [rephrase_request(passage, Prompt(**PROMPT)) for passage in passages]
    fields = {"asked_with": digest(PROMPT), "tokens": 6 * tokens}
    fields |= {"wildcards": {**names, "prompt": "p"}}
    table(folder, f"requests/{SHARD}", requests, REQUESTS, **fields)
    keys = [request["request_key"] for request in requests]
    answer = {"text": "Chest pain; aspirin.", "finish_reason": "stop"}
    completions = [{"request_key": key, **answer} for key in keys]
    spent = {"tokens_in": 90, "tokens_out": 60}
    table(folder, "completions", completions, COMPLETIONS, **spent)
    rephrases = [
        {**row, "request_key": key, "tokens": tokens}
        for row, key in zip(passages, keys, strict=True)
    ]
    fields = {"account": ACCOUNT, "tokens": 6 * tokens, **spent}
    names = {"llm": "small", "request_set": "ward.p", "shard": SHARD}
    table(folder, f"rephrases/{SHARD}", rephrases, REPHRASES, **fields, wildcards=names)
    found = list(
        finding_rows(rephrases, dict.fromkeys(keys, TEXT), {f"n{at}": "p0" for at in range(6)})
    )
    fields = {"account": ACCOUNT, "context": "none", "wildcards": names}
    table(folder, f"fidelity/{SHARD}", found, FINDINGS, **fields)
    fields = {"llm": "identity", "asked_of": {"weights": "identity"}, "wildcards": names}
    done = [{**row, "seed": 1} for row in completions]
    table(folder, f"completions/{SHARD}", done, COMPLETIONS, **fields)
    reject = {**place[0], "request_key": keys[0], "outcome": "rejected", "reason": "copy"}
    table(folder, f"rephrases/{SHARD}.rejects", [reject], REJECTS)
    part = {"kind": "notes", "source": "ward", "llm": None, "prompt": None, "budget": 9}
    documents = [{**row, "part": 1, "repeat": 0, "cut": False} for row in passages]
    made = Description()
    made.add(pa.Table.from_pylist(documents, schema=pa.schema([*CORPUS, *COUNTED])))
    manifest = {"corpus": "original", "parts": [part | made.fields()], "all": made.fields()}
    manifest["wildcards"] = {"corpus": "original"}
    table(folder, "corpus", documents, CORPUS, **manifest)
    part = {"kind": "rephrases", "source": "ward", "llm": "small", "prompt": "p", "budget": 9}
    manifest["parts"] = [part | made.fields() | {"account": ACCOUNT}]
    manifest["wildcards"] = {"corpus": "rephrased"}
    asked = [{**row, "request_key": key} for row, key in zip(documents, keys, strict=True)]
    table(folder, "rephrased", asked, CORPUS, **manifest)
    counted = packed(6 * tokens, 6, PackingSpec(kind="decoder", context=8, batch_size=1, steps=1))
    names = {"model": "small", "corpus": "original"}
    write_manifest(folder / "tokens.json", counted | {"wildcards": names})
    overlap = {"n": 1, "exact": 0, "any_13gram": 0, "mean_share": None, "overlapping": 0}
    names = {"judged": "dataset.gold", "trained": "corpus.a"}
    found = [{"example_id": "n0", "exact": False, "share": None}]
    table(folder, "overlap", found, OVERLAPS, **overlap, wildcards=names)
    write_text(folder / "llm.yaml", yaml.safe_dump(LLM))
    local = {"weights": {"path": "decoder"}, "engine": {"backend": "transformers"}}
    write_text(folder / "local.yaml", yaml.safe_dump(local))
    write_text(folder / "decoder.yaml", yaml.safe_dump({**DECODER, "tokenizer": "bpe"}))
    start = {"weights": {"path": "weights"}}
    write_text(folder / "encoder.yaml", yaml.safe_dump({**ENCODER, **start}))
    for split in ("train", "valid", "test"):
        write_text(folder / f"{split}.conll", f"{split}\tO\nchest\tB-problem\npain\tI-problem\n")
    write_encoder(folder / "weights", tokenizer.to_str())
    write_decoder(folder / "decoder", tokenizer)
    write_perplexities(folder)
    write_text(folder / "table.metrics.csv", long_rows([{"corpus": "plain", "value": 1}]))
    plan = planned(Work(9, 1, 90, 90, 0, 0, 0), 3.0, None, 0, 1)
    names = {"llm": "small", "source": "ward", "prompt": "p"}
    write_text(folder / "plan.csv", pd.DataFrame([names | plan], columns=PLAN).to_csv(index=False))


def write_perplexities(folder: Path) -> None:
    """Losses of the decoder on the test notes, and their sums."""
    asked = EvaluationNotes(name="visits", source="ward", notes=9)
    chosen, available = evaluation_notes(folder / "notes.parquet", asked, 1)
    tokenizer = load_tokenizer(folder / "decoder" / "tokenizer.json")
    rows = [
        {"note_id": note["note_id"], "patient_id": note["patient_id"], "places": None}
        | {"nats": [1.0] * len(tokenizer.encode(note["text"]).ids)}
        for note in chosen
    ]
    names = {"model": "small", "corpus": "original", "seed": "1", "evaluation": "visits"}
    fields = {"available": available, "pseudo": False, "wildcards": names}
    table(folder, "losses", rows, LOSSES, **fields)
    sums = {"nats": 9.0, "unigram_nats": 18.0, "tokens": 9, "bytes": 20}
    sums |= {f"plain_{name}": value for name, value in sums.items()}
    table(folder, "perplexity", [row | sums for row in rows], PERPLEXITIES, **fields, metrics=[])


def write_encoder(folder: Path, tokenizer: str) -> None:
    """A tiny BERT with random weights, and its manifest."""
    from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

    bert = Tokenizer.from_str(tokenizer)
    marks = ["[CLS]", "[SEP]", "[MASK]"]
    bert.add_special_tokens(marks)
    PreTrainedTokenizerFast(tokenizer_object=bert).save_pretrained(folder)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    sizes |= {"intermediate_size": 8, "max_position_embeddings": 32}
    BertForMaskedLM(BertConfig(vocab_size=bert.get_vocab_size(), **sizes)).save_pretrained(folder)
    with_manifest(folder)


def write_decoder(folder: Path, tokenizer: Tokenizer) -> None:
    """A tiny Llama with random weights and a chat template, and its manifest."""
    from transformers import PreTrainedTokenizerFast

    from palimpsest.pretraining.config import DecoderArchitecture
    from palimpsest.pretraining.decoder import build_decoder
    from palimpsest.text.tokenizers import END

    bpe = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END)
    bpe.chat_template = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
    bpe.save_pretrained(folder)
    architecture = DecoderArchitecture(**DECODER["architecture"])
    end = tokenizer.token_to_id(END)
    model = build_decoder(architecture, tokenizer.get_vocab_size(), 256, end)
    model.save_pretrained(folder)
    with_manifest(folder)
