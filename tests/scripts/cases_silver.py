"""How the scripts of gold and silver sentences are called, and what they read."""

import json
from pathlib import Path

from cases import MANIFEST, OUT, READ, READ_OUT, TABLE, Case, option
from tiny_inputs import TEXT, table

from palimpsest.completions.complete import SCHEMA as COMPLETIONS
from palimpsest.notes.schema import SCHEMA as NOTES
from palimpsest.requests.label import ABOUT, Questions
from palimpsest.runtime.files import write_text
from palimpsest.runtime.labels import DECISIONS, SENTENCES

PROMPT = {"system": "", "user": "{title}: {definition}\n{sentence}"}
CATEGORY = {
    "name": "pain",
    "title": "Pain",
    "definition": "It hurts.",
    "include": ["Pain."],
    "exclude": ["No pain."],
    "keywords": ["chest pain"],
    "examples": ["It hurts."],
    "near_misses": [{"text": "No pain.", "why": "denied"}],
}
TAXONOMY = {"guideline": "", "none": "", "categories": [CATEGORY]}
ASKED = {"examples": 1, "calibration": False}
SPLITS = {"train": 0.5, "valid": 0.25, "test": 0.25}
BUDGET = dict.fromkeys(SPLITS, 9)
TAXONOMY_OPTION = option("taxonomy", TAXONOMY)
GOLD = [*TAXONOMY_OPTION, *option("splits", SPLITS), "--seed", "1"]
CHOOSE = ["--notes", "gold-notes.parquet", *TAXONOMY_OPTION, "--seed", "1", *OUT]
ASK = ["--sentences", "found-sentences.parquet", *option("set", ASKED), *TAXONOMY_OPTION]
ASK += ["--tokenizer", "tokenizer.json", *option("prompt", PROMPT), *OUT]
REJECTS = ["--rejects", "out/rejects.parquet"]
SILVER = ["--sentences", "found-sentences.parquet", "--labels", "decisions.parquet"]
SILVER += [*TAXONOMY_OPTION, *OUT, *REJECTS]


def damaged(*tables: str) -> dict[str, list[str]]:
    """Damages of some tables and of their manifests."""
    return {f"{name}.parquet": TABLE for name in tables} | {
        f"{name}.json": MANIFEST for name in tables
    }


def chosen(**candidates: object) -> list[str]:
    return option("set", {"sentences": 2, "candidates": {"random_share": 0.5, **candidates}})


def files(path: str) -> list[str]:
    return option("set", {"files": [path], "sentences": BUDGET})


CASES = [
    Case(
        "datasets/gold_sentences",
        [*GOLD, "--notes", "gold-notes.parquet", *option("set", {"sentences": BUDGET}), *READ],
        damaged("gold-notes"),
        READ_OUT,
    ),
    Case(
        "datasets/gold_sentences",
        [*GOLD, *files("gold.jsonl"), *READ],
        {"gold.jsonl": ["missing", "text", "empty", "other JSON"]},
        READ_OUT,
    ),
    Case(
        "datasets/gold_sentences",
        [*GOLD, *files("gold.csv"), *READ],
        {"gold.csv": ["missing", "text", "empty"]},
        READ_OUT,
    ),
    Case(
        "datasets/choose_sentences",
        [*CHOOSE, *chosen(by="keywords")],
        damaged("gold-notes"),
    ),
    Case(
        "datasets/choose_sentences",
        [*CHOOSE, *chosen(by="embedding"), "--encoder", "weights"],
        {
            "weights/model.safetensors": TABLE,
            "weights/config.json": MANIFEST,
            "weights/tokenizer.json": MANIFEST,
        },
        succeeds=False,
    ),
    Case(
        "requests/ask_about_sentences",
        ASK,
        damaged("found-sentences") | {"tokenizer.json": MANIFEST},
    ),
    Case(
        "requests/ask_about_sentences",
        [*ASK, "--decisions", "decisions.parquet"],
        damaged("decisions"),
    ),
    Case(
        "datasets/read_decisions",
        ["--requests", "about.parquet", "--completions", "answers.parquet"]
        + ["--threshold", "0.0", *OUT],
        damaged("about", "answers"),
    ),
    Case(
        "datasets/silver_sentences",
        [*SILVER, "--checks", "decisions.parquet"],
        damaged("found-sentences", "decisions"),
        ("out/a.parquet", "out/a.json", "out/rejects.parquet", "out/rejects.json"),
    ),
]


def write(folder: Path) -> None:
    """Write what these scripts read below `folder`, where the others' inputs are already."""
    place = {"start": 0, "end": 27}
    notes = [
        {
            "note_id": f"n{at}",
            "patient_id": f"p{at}",
            "text": TEXT,
            "split": split,
            "sentences": [{**place, "categories": ["pain"]}],
        }
        for at, split in enumerate(SPLITS)
    ]
    table(folder, "gold-notes", notes, NOTES)
    rows = [
        {"text": TEXT, "labels": ["pain"], "patient_id": f"p{at}", "note_id": f"n{at}"}
        | {"split": split}
        for at, split in enumerate(SPLITS)
    ]
    write_text(folder / "gold.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    lines = [f'"{TEXT}",pain,p{at},n{at},{split}' for at, split in enumerate(SPLITS)]
    write_text(folder / "gold.csv", "\n".join(["text,labels,patient_id,note_id,split", *lines, ""]))
    sentence = {"sentence_id": "n0:0-27", "text": TEXT[:27], "note_id": "n0", **place}
    sentence |= {"group": "p0", "chosen_by": "random", "wanted": None}
    table(folder, "found-sentences", [sentence], SENTENCES)
    request = Questions(TAXONOMY, PROMPT, ASKED).request({**sentence, "tokens": 6}, "pain")
    table(folder, "about", [request], ABOUT)
    key = {"request_key": request["request_key"]}
    table(folder, "answers", [{**key, "text": '{"No":-2.0,"Yes":-1.0}'}], COMPLETIONS)
    decision = {"sentence_id": "n0:0-27", "category": "pain", "score": 1.0, "answer": True}
    table(folder, "decisions", [{**key, **decision}], DECISIONS)
