"""How the scripts of contexts, pilots and fidelity are called, and what they read."""

from pathlib import Path

import pyarrow as pa
from cases import (
    COMPLETIONS,
    MANIFEST,
    NAMES,
    OUT,
    PASSAGES,
    REPHRASES,
    REQUESTS,
    TEXT,
    TOKENIZER,
    Case,
    spec,
    tables,
)
from tiny_inputs import SHARD

from palimpsest.completions.complete import SCHEMA as COMPLETED
from palimpsest.requests.config import JudgePrompt
from palimpsest.requests.judge import JUDGE_REQUESTS, judge_requests
from palimpsest.runtime.files import write_table, write_text

TELLING = {"user": "{context}\n{passage}", "context": "Known: {context}"}
JUDGING = {"user": "{passage}\n{rephrase}"}
JUDGE = {"prompt": JUDGING, "pairs": 2, "faithful": 2, "planted": 1, "max_tokens": 99, "seed": 1}
SCREENS = ("screens.csv", "screens.monitor.csv")
SHOWN = {"files": [{"section": "screens", "name": name} for name in SCREENS], "facts": {}}
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
    Case(
        "requests/judge_requests",
        ["--findings", f"fidelity/{SHARD}.json", "--rephrases", f"{REPHRASES}.json"]
        + ["--requests", f"{REQUESTS}.json", *OUT, *spec(JUDGE, judge="j", prompt="judging")],
        tables(f"fidelity/{SHARD}", REPHRASES, REQUESTS),
    ),
    Case(
        "fidelity/judge_rates",
        ["--requests", f"judge/{SHARD}.parquet", "--completions", f"judged/{SHARD}.parquet", *OUT]
        + ["--judgements", "out/b.parquet", *spec({"source": "ward"}, judge="j")],
        tables(f"judge/{SHARD}", f"judged/{SHARD}"),
        ("out/a.parquet", "out/a.json", "out/b.parquet", "out/b.json"),
    ),
    Case(
        "reviews/review_page",
        ["--corpus", "rephrased.parquet", "--requests", f"{REQUESTS}.json"]
        + ["--findings", f"fidelity/{SHARD}.json", "--judgements", "--dataset", "--notes"]
        + ["--out", "out/a.html"]
        + spec({"review": "judged", "items": 2, "seed": 1, "titles": {}}, review="judged"),
        tables("rephrased", REQUESTS, f"fidelity/{SHARD}"),
        ("out/a.html",),
    ),
    Case(
        "summary/study_report",
        ["--shown", *SCREENS, "--out", "out/a.html", *spec({"study": "ward", **SHOWN})],
        {name: TEXT for name in SCREENS},
        ("out/a.html",),
    ),
]


def write(folder: Path) -> None:
    """Tables of screens and of a judge; `tiny_inputs` has the rest."""
    place = {"note_id": "n0", "start": 0, "end": 9, "passage": "No fever.", "passage_tokens": 3}
    pair = {**place, "section": "", "rephrase": "Fever.", "patient_id": "p0", "rules": []}
    pair |= {"origin": "rephrased", "of_llm": "small", "of_prompt": "p", "of_context": "none"}
    asked = judge_requests([{**pair, "planted": None}], JudgePrompt(**JUDGING), 99)
    answer = {"text": '{"unsupported": [], "missing": []}', "finish_reason": "stop"}
    said = [{"request_key": asked[0]["request_key"], **answer}]
    for name, rows, schema in (("judge", asked, JUDGE_REQUESTS), ("judged", said, COMPLETED)):
        write_table(folder / f"{name}/{SHARD}.parquet", pa.Table.from_pylist(rows, schema=schema))
    head = "source,llm,prompt,context,round,outcome,reason,count,share,retried\n"
    write_text(folder / SCREENS[0], f"{head}ward,small,p,none,0,kept,,6,1.0,0\n")
    head = "source,llm,prompt,context,rephrases,same_start,self_bleu\n"
    write_text(folder / SCREENS[1], f"{head}ward,small,p,none,6,1.0,1.0\n")
