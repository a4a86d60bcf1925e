"""How the scripts of contexts, pilots and fidelity are called, and what they read."""

from pathlib import Path

from cases import (
    COMPLETIONS,
    MANIFEST,
    NAMES,
    OUT,
    PASSAGES,
    REPHRASES,
    REQUESTS,
    TOKENIZER,
    Case,
    spec,
    tables,
)
from tiny_inputs import SHARD

TELLING = {"user": "{context}\n{passage}", "context": "Known: {context}"}
CASES = [
    Case(
        "requests/rephrase_in_context",
        ["--passages", f"{PASSAGES}.parquet", "--notes", "notes.parquet", *OUT]
        + ["--tokenizer", "bpe/tokenizer.json"]
        + spec(
            {"prompt": TELLING, "tokens": 9, "seed": 1, "context": {"parts": ["note_type"]}},
            **{"source": "ward", "prompt": "p", "context": "stay", "shard": SHARD},
        ),
        {**tables(PASSAGES, "notes"), **TOKENIZER},
    ),
    Case(
        "plan/pilot_requests",
        ["--requests", f"{REQUESTS}.parquet", *OUT, *spec({"requests": 2}, **NAMES)],
        tables(REQUESTS),
    ),
    Case(
        "plan/pilot_table",
        ["--completions", f"{COMPLETIONS}.json", "--kept", f"{REPHRASES}.parquet"]
        + ["--rejects", f"{REPHRASES}.rejects.parquet", "--samples", f"{REPHRASES}.json"]
        + ["--requests", f"{REQUESTS}.json", "--notes", "notes.parquet", "--state", "state"]
        + ["--findings", "--out", "out/pilot.csv", "--figure", "out/pilot.svg"],
        {
            **tables(REPHRASES, f"{REPHRASES}.rejects", "notes"),
            **{f"{COMPLETIONS}.json": MANIFEST, f"{REQUESTS}.json": MANIFEST},
        },
        ("out/pilot.csv", "out/pilot.svg", "out/pilot.png"),
    ),
    Case(
        "fidelity/compare_facts",
        ["--requests", f"{REQUESTS}.parquet", "--rephrases", f"{REPHRASES}.parquet", *OUT]
        + ["--passages", f"{PASSAGES}.parquet", *spec({}, **NAMES)],
        tables(REQUESTS, REPHRASES, PASSAGES),
    ),
    Case(
        "fidelity/fidelity_rates",
        ["--findings", f"fidelity/{SHARD}.json", *OUT, *spec({"seed": 1}, source="ward")],
        tables(f"fidelity/{SHARD}"),
    ),
]


def write(folder: Path) -> None:
    """Nothing: `tiny_inputs` has what they read."""
