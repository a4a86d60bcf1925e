"""How each script is called, and which of its inputs are damaged in which ways."""

import json
from dataclasses import dataclass

from tiny_inputs import DECODER, ENCODER, PROMPT, SHARD

TABLE = ["missing", "truncated", "text"]  # damages of a table
MANIFEST = ["missing", "text", "other JSON", "list"]
TEXT = ["missing", "text"]
COLUMNS = {"text": "body", "note_id": "id", "patient_id": "patient"}


@dataclass
class Case:
    """How a script is called, which inputs are damaged in which ways, what it would write."""

    script: str
    arguments: list[str]
    damages: dict[str, list[str]]
    outputs: tuple[str, ...] = ("out/a.parquet", "out/a.json")
    succeeds: bool = True  # with whole inputs; not where that needs a server or real weights


def option(name: str, value: object) -> list[str]:
    return [f"--{name}", value if isinstance(value, str) else json.dumps(value)]


def notes_of(kind: str, **source: object) -> list[str]:
    splits = {"train": 0.5, "valid": 0.25, "test": 0.25}
    declared = {"name": "ward", "kind": kind, "shards": 1, **source}
    return option("spec", {"source": declared, "splits": splits, "seed": 1})


def part(kind: str) -> dict:
    folder = "passages" if kind == "notes" else "rephrases"
    return {"kind": kind, "source": "ward", "tokens": 9, "folders": [folder], "shards": [SHARD]}


ASKED = {"llm": {}, "weights": None, "llm_name": "small"}
COMPLETIONS = {**ASKED, "source": "ward", "prompt_name": "p", "shard": SHARD, "first_window": False}
SERVED = {**ASKED, "weights": "declared"}
PLAN = ["--llm", "llm.yaml", "--state", "state", "--requests", f"requests/{SHARD}.json"]
PLAN += ["--out", "out/plan.csv"]
OUT = ["--out", "out/a.parquet"]
READ = [*OUT, "--rejects", "out/rejects.csv"]
READ_OUT = ("out/a.parquet", "out/a.json", "out/rejects.csv")
CUT = {"max_tokens": 9, "min_tokens": 2, "tables": "keep", "medication_lists": "skip"}
PASSAGES = f"passages/{SHARD}.parquet"
REPHRASES = f"rephrases/{SHARD}"
MIX = ["--tokenizer", "tokenizer.json", "--seed", "1", *OUT]
TRAIN = ["--corpus", "corpus.parquet", "--seed", "1", "--code", "c", "--state", "state"]
TRAIN += ["--out", "out/checkpoint", "--manifest", "out/checkpoint.json"]
TRAIN_OUT = ("out/checkpoint", "out/checkpoint.json")
TABLE_OUT = ("out/a.csv", "out/a.metrics.csv")
WRITE = ["--out", "out/a.csv", "--metrics", "out/a.metrics.csv"]
SCORES = "scores/small/plain/seed0/visits"
FIGURE = {
    "decoder": "small",
    "evaluations": ["visits"],
    "corpora": [{"name": "plain", "llm": "l", "prompt": "p"}],
    "references": [{"name": "original"}],
    "seed": 0,
}
EVALUATION = {"name": "visits", "category": None, "split": "test", "notes": 9}
TABLE_NOTES = notes_of("table", columns=COLUMNS, category="Visit", only={}, encoding="utf-8")
TEXTS = notes_of("folder", patient_id="file", category="Visit", encoding="utf-8")
SAVED = notes_of("dataset", hub=None, parts=None, columns=COLUMNS, category="Visit", only={})
CASES = [
    Case(
        "notes/generate_notes",
        [*notes_of("generated", patients=2, noise=0.0), *READ],
        {},
        READ_OUT,
    ),
    Case(
        "notes/read_notes",
        [*TEXTS, "--files", "texts", *READ],
        {"texts": ["missing"]},
        READ_OUT,
    ),
    Case(
        "notes/read_notes",
        [*SAVED, "--files", "saved", *READ],
        {"saved": ["missing"]},
        READ_OUT,
    ),
    Case(
        "notes/read_notes",
        [*TABLE_NOTES, "--files", "ward.jsonl.gz", *READ],
        {"ward.jsonl.gz": [*TABLE, "empty"]},
        READ_OUT,
    ),
    Case(
        "notes/read_notes",
        [*TABLE_NOTES, "--files", "ward.csv", *READ],
        {"ward.csv": ["missing", "text", "empty"]},
        READ_OUT,
    ),
    Case(
        "notes/read_notes",
        [*TABLE_NOTES, "--files", "ward.parquet", *READ],
        {"ward.parquet": TABLE},
        READ_OUT,
    ),
    Case(
        "passages/cut_passages",
        "--notes notes.parquet --tokenizer tokenizer.json --shard 000-of-001".split()
        + [*option("spec", CUT), *OUT, "--rejects", "out/rejects.parquet"],
        {"notes.parquet": TABLE, "notes.json": MANIFEST, "tokenizer.json": MANIFEST},
        ("out/a.parquet", "out/a.json", "out/rejects.parquet", "out/rejects.json"),
    ),
    Case(
        "requests/build_requests",
        ["--passages", PASSAGES, *option("prompt", PROMPT), "--tokens", "9", "--seed", "1", *OUT],
        {PASSAGES: TABLE, f"passages/{SHARD}.json": MANIFEST},
    ),
    Case(
        "requests/ask_again",
        ["--requests", "requests.parquet", "--rejects", f"{REPHRASES}.rejects.parquet"]
        + ["--tokenizer", "tokenizer.json", *option("prompt", PROMPT)]
        + [*option("reasons", ["copy"]), *OUT],
        {
            "requests.parquet": TABLE,
            "requests.json": MANIFEST,
            f"{REPHRASES}.rejects.parquet": TABLE,
            f"{REPHRASES}.rejects.json": MANIFEST,
            "tokenizer.json": MANIFEST,
        },
    ),
    Case(
        "completions/complete_requests",
        "--requests requests.parquet --llm llm.yaml --weights weights.json --state state".split()
        + [*option("spec", COMPLETIONS), *OUT],
        {
            "requests.parquet": TABLE,
            "requests.json": MANIFEST,
            "llm.yaml": TEXT,
            "weights.json": MANIFEST,
        },
        succeeds=False,
    ),
    Case(
        "plan/plan_llm",
        [*PLAN, "--weights", *option("spec", SERVED | {"ledgers": "none"})],
        {
            f"requests/{SHARD}.parquet": TABLE,
            f"requests/{SHARD}.json": MANIFEST,
            "llm.yaml": TEXT,
        },
        ("out/plan.csv",),
    ),
    Case(
        "plan/plan_llm",
        [*PLAN, "--weights", "weights.json", *option("spec", ASKED | {"ledgers": "none"})],
        {"weights.json": MANIFEST, "weights/tokenizer.json": MANIFEST},
        ("out/plan.csv",),
        succeeds=False,  # no chat template
    ),
    Case(
        "plan/plan_table",
        "--plans plan.csv --out out/plan.csv".split(),
        {"plan.csv": [*TEXT, "empty"]},
        ("out/plan.csv",),
    ),
    Case(
        "screens/screen_completions",
        ["--requests", "requests.parquet", "--completions", "completions.parquet", *READ]
        + option("spec", {"screens": [{"name": "truncated"}], "lead_in": []}),
        {"requests.parquet": TABLE, "completions.parquet": TABLE, "completions.json": MANIFEST},
        READ_OUT,
    ),
    Case(
        "corpora/mix_corpus",
        [*option("corpus", {"name": "a", "parts": [part("notes"), part("rephrases")]}), *MIX],
        {
            PASSAGES: TABLE,
            f"{REPHRASES}.parquet": TABLE,
            f"{REPHRASES}.json": MANIFEST,
            "tokenizer.json": MANIFEST,
        },
    ),
    Case(
        "pretraining/train_tokenizer",
        ["--passages", PASSAGES, "--vocab-size", "300", "--out", "out/tokenizer.json"],
        {PASSAGES: TABLE, f"passages/{SHARD}.json": MANIFEST},
        ("out/tokenizer.json",),
    ),
    Case(
        "pretraining/train_model",
        [*TRAIN, *option("model", DECODER), "--model-file", "decoder.yaml"]
        + ["--tokenizer", "tokenizer.json"],
        {
            "corpus.parquet": TABLE,
            "corpus.json": MANIFEST,
            "decoder.yaml": TEXT,
            "tokenizer.json": MANIFEST,
        },
        TRAIN_OUT,
    ),
    Case(
        "pretraining/train_model",
        [*TRAIN, *option("model", ENCODER), "--model-file", "encoder.yaml"]
        + ["--weights", "weights", "--weights-manifest", "weights.json"],
        {
            "weights.json": MANIFEST,
            "weights/model.safetensors": TABLE,
            "weights/config.json": MANIFEST,
            "weights/tokenizer.json": MANIFEST,
        },
        TRAIN_OUT,
        succeeds=False,
    ),
    Case(
        "perplexity/score_decoder",
        ["--checkpoint", "weights", "--notes", "notes.parquet", "--seed", "1", *OUT]
        + option("evaluation", EVALUATION),
        {
            "notes.parquet": TABLE,
            "notes.json": MANIFEST,
            "weights/model.safetensors": TABLE,
            "weights/config.json": MANIFEST,
            "weights/tokenizer.json": MANIFEST,
        },
        succeeds=False,
    ),
    Case(
        "reports/corpus_table",
        ["--sources", "notes.json", "--corpora", "corpus.json", *WRITE],
        {"notes.json": MANIFEST, "corpus.json": MANIFEST},
        TABLE_OUT,
    ),
    Case(
        "reports/perplexity_figure",
        ["--perplexity", "scores", *option("figure", FIGURE)]
        + ["--out", "out/a.svg", "--metrics", "out/a.metrics.csv"],
        {f"{SCORES}.json": MANIFEST},
        ("out/a.svg", "out/a.metrics.csv"),
    ),
    Case(
        "reports/collect_metrics",
        ["--metrics", "table.metrics.csv", "--out", "out/metrics.csv"],
        {"table.metrics.csv": [*TEXT, "empty"]},
        ("out/metrics.csv",),
    ),
    Case(
        "reports/screens_table",
        [*option("rephrasings", [part("rephrases") | {"llm": "l", "prompt": "p"}])]
        + ["--seed", "1", "--out", "out/screens.csv", "--monitor", "out/screens.monitor.csv"],
        {
            f"{REPHRASES}.parquet": TABLE,
            f"{REPHRASES}.json": MANIFEST,
            f"{REPHRASES}.rejects.parquet": TABLE,
            f"{REPHRASES}.rejects.json": MANIFEST,
        },
        ("out/screens.csv", "out/screens.monitor.csv"),
    ),
    Case(
        "weights/prepare_weights",
        [*option("weights", {"path": "weights"}), "--out", "out/weights"]
        + ["--manifest", "out/weights.json"],
        {
            "weights/model.safetensors": ["missing"],
            "weights/config.json": TEXT,
            "weights": ["missing"],
        },
        ("out/weights/config.json", "out/weights.json"),
    ),
]
