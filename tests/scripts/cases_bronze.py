"""How the scripts of bronze, of the quality tables and of the review are called."""

from pathlib import Path

from cases import MANIFEST, TABLE, Case, option
from tiny_inputs import table

from palimpsest.completions.complete import SCHEMA as COMPLETIONS
from palimpsest.notes.schema import SCHEMA as NOTES
from palimpsest.requests.generate import WRITE, write_requests
from palimpsest.runtime.labels import DECISIONS, LABELLED, REJECTED, SENTENCES

SET = {
    "requests": 2,
    "keep": 2,
    "max_tokens": 20,
    "examples": 1,
}
PROMPT = {"system": "", "user": "{title}: {conditions}"}
CATEGORY = {
    "name": "memory",
    "title": "Memory",
    "definition": "Memory is lost.",
    "include": ["Forgetting."],
    "exclude": ["Delirium."],
    "keywords": ["forgets"],
    "examples": ["He forgets."],
    "near_misses": [{"text": "His father forgets.", "why": "about a relative"}],
}
TAXONOMY = {"guideline": "Read.", "none": "Nothing of it.", "categories": [CATEGORY]}
ECHOED = {key: CATEGORY[key] for key in ("name", "definition", "examples")}
ECHOED["near_misses"] = [miss["text"] for miss in CATEGORY["near_misses"]]
SCREENING = {
    "taxonomy": {"guideline": TAXONOMY["guideline"], "categories": [ECHOED]},
    "near_duplicate": 0.7,
    "generic_patients": 2,
}
NAMES = option("taxonomy", {"categories": [{"name": "memory"}]})
OUT = ["--out", "out/a.parquet", "--rejects", "out/rejects.parquet"]
BOTH = ("out/a.parquet", "out/a.json", "out/rejects.parquet", "out/rejects.json")


def damaged(*names: str) -> dict[str, list[str]]:
    """All damages of some tables and of their manifests."""
    return {f"{name}.parquet": TABLE for name in names} | {
        f"{name}.json": MANIFEST for name in names
    }


CASES = [
    Case(
        "requests/ask_sentences",
        [*option("set", SET), *option("taxonomy", TAXONOMY), *option("prompt", PROMPT)]
        + ["--seed", "1", "--out", "out/a.parquet"],
        {},
    ),
    Case(
        "screens/screen_sentences",
        "--requests written/requests.parquet --completions written/completions.parquet".split()
        + ["--notes", "written/notes.parquet", *option("spec", SCREENING)]
        + [*OUT, "--generic", "out/generic.csv"],
        damaged("written/requests", "written/completions", "written/notes"),
        (*BOTH, "out/generic.csv"),
    ),
    Case(
        "datasets/bronze_sentences",
        "--sentences written/screened.parquet --screened-out written/rejects.parquet".split()
        + ["--checks", "written/checks.parquet", *option("set", SET), *NAMES, "--seed", "1", *OUT],
        damaged("written/screened", "written/rejects", "written/checks"),
        BOTH,
    ),
    Case(
        "datasets/lay_out_review",
        ["--labelled", "written/bronze.parquet", *NAMES, "--sentences", "9", "--seed", "1"]
        + ["--out", "out/review.csv"],
        damaged("written/bronze"),
        ("out/review.csv",),
    ),
    Case(
        "reports/silver_quality",
        "--silver written/silver.parquet --sentences written/found.parquet".split()
        + "--labels written/labels.parquet --checks written/checked.parquet".split()
        + ["--notes", "written/notes.parquet", *NAMES, "--seed", "1", "--out", "out/a.csv"],
        damaged(*(f"written/{name}" for name in "silver found labels checked notes".split())),
        ("out/a.csv",),
    ),
    Case(
        "reports/bronze_quality",
        ["--bronze", "written/bronze.parquet", "--gold", "written/silver.parquet", *NAMES]
        + ["--out", "out/a.csv"],
        damaged("written/bronze", "written/silver"),
        ("out/a.csv",),
    ),
]


def write(folder: Path) -> None:
    """Write what these scripts read, below `folder`/written."""
    requests = list(write_requests(SET, TAXONOMY, PROMPT, 1))
    texts = ["He forgets names of friends.", "The wound is quite dry.", "No.", "She loses her way."]
    answers = [
        {"request_key": request["request_key"], "text": text, "finish_reason": "stop"}
        for request, text in zip(requests, texts, strict=True)
    ]
    table(folder, "written/requests", requests, WRITE)
    table(folder, "written/completions", answers, COMPLETIONS)
    note = {"note_id": "n1", "patient_id": "p1", "text": "He forgets. Home tomorrow."}
    gold = {"start": 0, "end": 11, "categories": ["memory"]}
    table(folder, "written/notes", [note | {"sentences": [gold]}], NOTES)
    names = ["memory.00000", "none.00000"]
    screened = [
        {"sentence_id": name, "text": text, "group": name, "wanted": wanted}
        for name, text, wanted in zip(names, texts, (["memory"], []), strict=False)
    ]
    accounts = {
        "memory": {"in": 2, "kept": 1, "rejected": {"too_short": 1}, "failed": {}},
        "none": {"in": 1, "kept": 1, "rejected": {}, "failed": {}},
    }
    table(folder, "written/screened", screened, SENTENCES, by_category=accounts)
    reject = {"sentence_id": "memory.00001", "category": "memory", "reason": "too_short"}
    table(folder, "written/rejects", [reject], REJECTED)
    checks = [
        {"sentence_id": name, "category": "memory", "answer": name == names[0]} for name in names
    ]
    table(folder, "written/checks", checks, DECISIONS)
    bronze = [{**row, "categories": row["wanted"]} for row in screened]
    table(folder, "written/bronze", bronze, LABELLED, by_category=accounts, checked=True)
    found = {"sentence_id": "n1:0-11", "text": "He forgets.", "group": "p1", "note_id": "n1"}
    found |= {"start": 0, "end": 11}
    table(folder, "written/found", [found], SENTENCES)
    table(folder, "written/silver", [{**found, "categories": ["memory"]}], LABELLED)
    decision = {"sentence_id": "n1:0-11", "category": "memory", "answer": True}
    for name in ("labels", "checked"):
        table(folder, f"written/{name}", [decision], DECISIONS)
