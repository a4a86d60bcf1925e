"""How each script is called, and which of its inputs are damaged in which ways."""

import json
from dataclasses import dataclass

from tiny_inputs import DECODER, ENCODER, PROMPT, SHARD

from palimpsest.graph.places import MODEL_FILES, WEIGHTS_FILES

TABLE = ["missing", "truncated", "text"]  # damages of a table
MANIFEST = ["missing", "text", "other JSON", "list"]
TEXT = ["missing", "text"]
SHARES = {"train": 0.5, "valid": 0.25, "test": 0.25}
COLUMNS = {"text": "body", "note_id": "id", "patient_id": "patient"}


@dataclass
class Case:
    """How a script is called, which inputs are damaged in which ways, what it would write."""

    script: str
    arguments: list[str]
    damages: dict[str, list[str]]
    outputs: tuple[str, ...] = ("out/a.parquet", "out/a.json")

    def wildcards(self) -> dict[str, str] | None:
        """Those of its specification."""
        if "--spec" not in self.arguments:
            return None
        return json.loads(self.arguments[self.arguments.index("--spec") + 1])["wildcards"]

    def manifests(self) -> list[str]:
        """The outputs that are manifests: of a table, or of a model's files."""
        models = {"out/a.json", "out/bpe.json", "out/checkpoint.json", "out/weights.json"}
        tables = {name.replace(".parquet", ".json") for name in self.outputs if "parquet" in name}
        return sorted({*self.outputs} & (models | tables))


def spec(fields: dict, **wildcards: str) -> list[str]:
    """The option `--spec`, as the graph gives it."""
    return ["--spec", json.dumps({**fields, "wildcards": wildcards})]


def notes_of(kind: str, **source: object) -> list[str]:
    declared = {"name": "ward", "kind": kind, "shards": 1, **source}
    return spec({"source": declared, "splits": SHARES, "seed": 1}, source="ward")


def weights(folder: str) -> dict[str, list[str]]:
    """Damages of a model's files."""
    return {
        f"{folder}/model.safetensors": TABLE,
        f"{folder}/config.json": MANIFEST,
        f"{folder}/tokenizer.json": MANIFEST,
    }


def tables(*names: str) -> dict[str, list[str]]:
    """Damages of some tables and of their manifests."""
    return {f"{name}.parquet": TABLE for name in names} | {
        f"{name}.json": MANIFEST for name in names
    }


TOKENIZER = {"bpe/tokenizer.json": MANIFEST}
OUT = ["--out", "out/a.parquet"]
READ = [*OUT, "--rejects", "out/rejects.csv"]
READ_OUT = ("out/a.parquet", "out/a.json", "out/rejects.csv")
BOTH = [*OUT, "--rejects", "out/rejects.parquet"]
BOTH_OUT = ("out/a.parquet", "out/a.json", "out/rejects.parquet", "out/rejects.json")
WRITE = ["--out", "out/a.csv", "--metrics", "out/a.metrics.csv"]
RENDERED_OUT = ("out/a.csv", "out/a.md", "out/a.tex", "out/a.metrics.csv")
PASSAGES, REQUESTS, REPHRASES = f"passages/{SHARD}", f"requests/{SHARD}", f"rephrases/{SHARD}"
COMPLETIONS = f"completions/{SHARD}"
NAMES = {"llm": "small", "request_set": "ward.p", "shard": SHARD}  # of completions and rephrases
ASKED = {"llm": {"dtype": "float32"}, "weights": None, "llm_name": "small"}
COMPLETE = {**ASKED, "source": "ward", "prompt_name": "p", "shard": SHARD}
COMPLETE = [*spec(COMPLETE, **NAMES), "--state", "state", *OUT, "--requests", f"{REQUESTS}.parquet"]
PLAN = ["--state", "state", "--requests", f"{REQUESTS}.json", "--out", "out/plan.csv"]
PLANNED = {**ASKED, "ledgers": "none"}
SERVED = {**PLANNED, "weights": "declared"}
CUT = {"max_tokens": 9, "min_tokens": 2, "tables": "keep", "medication_lists": "skip"}
PARTS = [{"kind": "notes", "source": "ward", "tokens": 9}]
SMALL = {"source": "ward", "llm": "small", "prompt": "p", "tokens": 9}
PARTS += [{"kind": kind, **SMALL} for kind in ("rephrases", "matched_notes")]
EVALUATION = {"name": "visits", "source": "ward", "split": "test", "notes": 9}
# All documents and all that is judged have one text, which is so common that it contaminates none.
MIX = {"corpus": {"name": "a", "parts": PARTS, "decontaminate": True}, "seed": 1}
MIX |= {"evaluations": [EVALUATION]}
EXPORTED = {"kind": "rephrases", "told": "Rephrases.", "use": "rephrase", "source": "ward"}
EXPORTED |= {"llm": "small", "prompt": "p", "context": "none", "screens": []}
EXPORT = {"corpus": "rephrased", "seed": 1, "tokenizer": "bpe", "parts": [EXPORTED]}
EXPORT |= {"sources": [], "llms": [], "prompts": [], "contexts": []}
TRAIN = ["--corpus", "corpus.parquet", "--state", "state", "--manifest", "out/checkpoint.json"]
TRAIN += ["--curve", "out/a.parquet"]
TRAIN_OUT = ("out/checkpoint.json", *(f"out/checkpoint/{name}" for name in MODEL_FILES))
TRAIN_OUT += ("out/a.parquet", "out/a.json", "out/a.csv")
VALIDATION = {"name": "valid", "source": "ward", "split": "valid", "notes": 9}
PREPARED_OUT = ("out/weights.json", *(f"out/weights/{name}" for name in WEIGHTS_FILES))
TRAINED = "corpus.original"
PACKING = {"kind": "encoder", "context": 16, "batch_size": 1, "steps": 1}
EVALUATION = {"name": "visits", "source": "ward", "split": "test", "notes": 9}
LOSSES = {"evaluation": EVALUATION, "context": 32, "seed": 1}
SCORED = {"model": "small", "corpus": "original", "seed": "1"}
FIGURE = ["--out", "out/a.svg", "--table", "out/a.csv", "--caption", "out/a.txt"]
FIGURE += ["--metrics", "out/a.metrics.csv"]
FIGURE_OUT = ("out/a.svg", "out/a.png", "out/a.csv", "out/a.txt", "out/a.metrics.csv")
DUPLICATED = {"name": "ward", "patients_of": None, "splits": SHARES, "joins": True}
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
        "notes/generate_notes",
        [*notes_of("generated-case-reports", patients=2), *READ],
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
        "notes/find_duplicates",
        ["--notes", "notes.parquet", *OUT, "--table", "out/duplicates.csv"]
        + spec({"sources": [DUPLICATED], "similarity": 0.8, "handling": "dropped", "seed": 1}),
        tables("notes"),
        ("out/a.parquet", "out/a.json", "out/duplicates.csv"),
    ),
    Case(
        "notes/drop_duplicates",
        ["--notes", "notes.parquet", "--decisions", "duplicates.parquet", *OUT]
        + spec({}, source="ward"),
        tables("notes", "duplicates"),
    ),
    Case(
        "passages/cut_passages",
        ["--notes", "notes.parquet", "--tokenizer", "bpe/tokenizer.json", "--shard", SHARD, *BOTH]
        + spec(CUT, source="ward", shard=SHARD),
        {**tables("notes"), **TOKENIZER},
        BOTH_OUT,
    ),
    Case(
        "requests/rephrase_requests",
        ["--passages", f"{PASSAGES}.parquet", *OUT]
        + spec({"prompt": PROMPT, "tokens": 9, "seed": 1}, source="ward", prompt="p", shard=SHARD),
        tables(PASSAGES),
    ),
    Case(
        "requests/synthesis_requests",
        ["--notes", "notes.parquet", "--tokenizer", "bpe/tokenizer.json", "--shard", SHARD, *OUT]
        + spec(
            {"prompt": PROMPT, "tokens": 9, "seed": 1, "max_tokens": 99},
            **{"source": "ward", "prompt": "p", "shard": SHARD},
        ),
        {**tables("notes"), **TOKENIZER},
    ),
    Case(
        "requests/retry_requests",
        ["--requests", f"{REQUESTS}.parquet", "--rejects", f"{REPHRASES}.rejects.parquet"]
        + ["--tokenizer", "bpe/tokenizer.json", *OUT]
        + spec({"prompt": PROMPT, "reasons": ["copy"]}, source="ward", llm="small", round="1"),
        {**tables(REQUESTS, f"{REPHRASES}.rejects"), **TOKENIZER},
    ),
    Case(
        "completions/complete_requests",
        [*COMPLETE, "--llm", "local.yaml", "--weights", "decoder.json"],
        {
            **tables(REQUESTS),
            **weights("decoder"),
            "local.yaml": TEXT,
            "decoder.json": MANIFEST,
        },
    ),
    Case(
        "plan/plan_llm",
        [*PLAN, "--llm", "llm.yaml", "--weights", *spec(SERVED, llm="small")],
        {**tables(REQUESTS), "llm.yaml": TEXT},
        ("out/plan.csv",),
    ),
    Case(
        "plan/plan_llm",
        [*PLAN, "--llm", "local.yaml", "--weights", "decoder.json", *spec(PLANNED, llm="small")],
        {"decoder.json": MANIFEST, "decoder/tokenizer.json": MANIFEST},
        ("out/plan.csv",),
    ),
    Case(
        "plan/plan_table",
        "--plans plan.csv --out out/plan.csv".split(),
        {"plan.csv": [*TEXT, "empty"]},
        ("out/plan.csv",),
    ),
    Case(
        "screens/screen_completions",
        ["--requests", f"{REQUESTS}.parquet", "--completions", "completions.parquet", *BOTH]
        + ["--tokenizer", "bpe/tokenizer.json"]
        + spec({"screens": [{"name": "truncated"}], "lead_in": []}, **NAMES),
        {**tables(REQUESTS, "completions"), **TOKENIZER},
        BOTH_OUT,
    ),
    Case(
        "corpora/mix_corpus",
        [
            "--parts",
            f"{PASSAGES}.json",
            f"{REPHRASES}.json",
            f"{REQUESTS}.json",
            "--tokenizer",
            "bpe/tokenizer.json",
            "--judged",
            "notes.parquet",
            "sets/gold.parquet",
            *OUT,
        ]
        + spec(MIX, corpus="a"),
        {**tables(PASSAGES, REPHRASES, REQUESTS, "notes", "sets/gold"), **TOKENIZER},
    ),
    Case(
        "pretraining/count_tokens",
        ["--corpus", "corpus.parquet", "--tokenizer", "bpe/tokenizer.json", "--out", "out/a.json"]
        + spec(PACKING, model="small", corpus="original"),
        {**tables("corpus"), **TOKENIZER},
        ("out/a.json",),
    ),
    Case(
        "exports/export_corpus",
        ["--corpus", "rephrased.parquet", "--completions", f"{COMPLETIONS}.json", "--verdicts"]
        + [*OUT, "--card", "out/README.md"]
        + spec(EXPORT, corpus="rephrased"),
        tables("rephrased", COMPLETIONS),
        ("out/a.parquet", "out/a.json", "out/README.md"),
    ),
    Case(
        "pretraining/train_tokenizer",
        ["--passages", f"{PASSAGES}.json", "--manifest", "out/bpe.json"]
        + spec({"vocab_size": 300}, tokenizer="bpe"),
        tables(PASSAGES),
        ("out/bpe.json", "out/bpe/tokenizer.json"),
    ),
    Case(
        "pretraining/train_tokenizer",
        ["--corpus", "corpus.parquet", "--manifest", "out/bpe.json"]
        + spec({"vocab_size": 300, "marks": "encoder"}, tokenizer="bpe", corpus="original"),
        tables("corpus"),
        ("out/bpe.json", "out/bpe/tokenizer.json"),
    ),
    Case(
        "pretraining/train_model",
        [*TRAIN, "--valid", "notes.parquet", "--model", "decoder.yaml", "--start", "bpe.json"]
        + spec(
            {"model": DECODER, "seed": 1, "validation": VALIDATION, "sampling_seed": 1},
            model="small",
            corpus="original",
            seed="1",
        ),
        {**tables("corpus", "notes"), "decoder.yaml": TEXT, "bpe.json": MANIFEST, **TOKENIZER},
        TRAIN_OUT,
    ),
    Case(
        "pretraining/train_model",
        [*TRAIN, "--model", "encoder.yaml", "--start", "weights.json"]
        + spec({"model": ENCODER, "seed": 1}, model="bert", corpus="original", seed="1"),
        {
            **weights("weights"),
            "weights/tokenizer_config.json": ["missing"],
            "encoder.yaml": TEXT,
            "weights.json": MANIFEST,
        },
        TRAIN_OUT,
    ),
    Case(
        "perplexity/token_losses",
        ["--checkpoint", "decoder.json", "--notes", "notes.parquet", *OUT]
        + spec(LOSSES | {"stride": 8, "masked_tokens": None}, **SCORED, evaluation="visits"),
        {**tables("notes"), **weights("decoder")},
    ),
    Case(
        "perplexity/token_losses",
        ["--checkpoint", "weights.json", "--notes", "notes.parquet", *OUT]
        + spec(LOSSES | {"stride": None, "masked_tokens": 4}, **SCORED, evaluation="visits"),
        {**tables("notes"), **weights("weights")},
    ),
    Case(
        "perplexity/measure_perplexity",
        ["--losses", "losses.parquet", "--tokenizer", "decoder/tokenizer.json"]
        + ["--corpus", "corpus.parquet", "--notes", "notes.parquet", *OUT]
        + spec({"evaluation": EVALUATION, "seed": 1}, **SCORED, evaluation="visits"),
        {**tables("losses", "notes", "corpus"), "decoder/tokenizer.json": MANIFEST},
    ),
    Case(
        "reports/figure",
        ["--scores", "perplexity.parquet", *FIGURE]
        + spec(
            {"kind": "perplexity", "model": "small", "metric": "bits_per_byte", "seed": 1}
            | {"evaluations": ["visits"], "references": ["original"]}
            | {"places": [{"corpus": "original", "llm": "small", "prompt": "p"}]},
            figure="a",
        ),
        tables("perplexity"),
        FIGURE_OUT,
    ),
    Case(
        "reports/figure",
        ["--scores", "perplexity.parquet", *FIGURE]
        + spec(
            {"kind": "token_budget", "model": "small", "metric": "perplexity", "seed": 1}
            | {"evaluations": ["visits"], "systems": []}
            | {"lines": [{"corpus": "a", "points": [{"budget": 9, "corpus": "original"}]}]},
            figure="a",
        ),
        tables("perplexity"),
        FIGURE_OUT,
    ),
    Case(
        "leaks/check_splits",
        ["--notes", "notes.parquet", "--datasets", "sets/gold.parquet"]
        + spec({"sources": {"ward": None}, "datasets": {"gold": None}, "evaluations": [EVALUATION]})
        + ["--out", "out/splits.csv", "--marker", "out/splits.json"],
        tables("notes", "sets/gold"),
        ("out/splits.csv", "out/splits.json"),
    ),
    Case(
        "leaks/measure_overlap",
        ["--judged", "notes.parquet", "--trained", "corpus.parquet", *OUT]
        + spec(
            {"evaluation": EVALUATION, "seed": 1}, judged="evaluation.v", trained="corpus.original"
        ),
        tables("notes", "corpus"),
    ),
    Case(
        "leaks/measure_overlap",
        ["--judged", "sets/gold.parquet", "--trained", "sets/silver.parquet", *OUT]
        + spec({"evaluation": None, "seed": 1}, judged="dataset.gold", trained="dataset.silver"),
        tables("sets/gold", "sets/silver"),
    ),
    Case(
        "leaks/overlap_table",
        ["--overlaps", "overlap.parquet", "--out", "out/overlap.csv"],
        {"overlap.json": MANIFEST},
        ("out/overlap.csv",),
    ),
    Case(
        "reports/corpus_table",
        ["--sources", "notes.json", "--corpora", "corpus.json", "--tokens", "tokens.json", *WRITE]
        + ["--models", "out/a.models.csv"],
        {"notes.json": MANIFEST, "corpus.json": MANIFEST, "tokens.json": MANIFEST},
        (*RENDERED_OUT, "out/a.models.csv"),
    ),
    Case(
        "reports/collect_metrics",
        ["--metrics", "table.metrics.csv", "--out", "out/metrics.csv"],
        {"table.metrics.csv": [*TEXT, "empty"]},
        ("out/metrics.csv",),
    ),
    Case(
        "reports/screens_table",
        ["--kept", f"{REPHRASES}.json", *spec({"seed": 1})]
        + ["--out", "out/screens.csv", "--monitor", "out/screens.monitor.csv"],
        tables(REPHRASES, f"{REPHRASES}.rejects"),
        ("out/screens.csv", "out/screens.monitor.csv"),
    ),
    Case(
        "weights/prepare_weights",
        ["--files", *(f"weights/{name}" for name in MODEL_FILES)]
        + ["--manifest", "out/weights.json"]
        + spec({**dict.fromkeys(["package", "file", "hub", "revision"]), "versions": {}}),
        {
            "weights/model.safetensors": TABLE,
            "weights/config.json": TEXT,
            "weights/tokenizer.json": ["missing"],
            "weights/tokenizer_config.json": ["text"],
        },
        PREPARED_OUT,
    ),
]
