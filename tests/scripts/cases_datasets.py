"""How the scripts of datasets are called, and what they read, below `datasets`."""

import json
from pathlib import Path

from cases import (
    BOTH,
    BOTH_OUT,
    OUT,
    READ,
    READ_OUT,
    TEXT,
    TOKENIZER,
    Case,
    spec,
    tables,
    weights,
)
from tiny_inputs import TEXT as NOTE
from tiny_inputs import table

from palimpsest.completions.complete import SCHEMA as COMPLETIONS
from palimpsest.notes.schema import SCHEMA as NOTES
from palimpsest.requests.config import GenerateSpec, LabelSpec
from palimpsest.requests.generate import GENERATION_REQUESTS, generation_requests
from palimpsest.requests.label import LABEL_REQUESTS, LabelRequests
from palimpsest.runtime.files import write_text
from palimpsest.runtime.labels import LABELS, REJECTED, SENTENCE_EXAMPLES, SENTENCES

CATEGORY = {
    "name": "pain",
    "title": "Pain",
    "definition": "It hurts.",
    "include": ["Pain."],
    "exclude": ["No pain."],
    "examples": ["It hurts."],
    "near_misses": [{"text": "No pain.", "why": "denied"}],
}
TAXONOMY = {"guideline": "Read.", "none": "Nothing of it.", "categories": [CATEGORY]}
SPLITS = {"train": 0.5, "valid": 0.25, "test": 0.25}
COLLECT = {"kind": "sentences", "made_by": "experts", "labels": ["pain"], "seed": 1}
COLLECT |= {"answer": "several_labels", "unit": "patient"}
COLLECT |= {"splits": SPLITS, "examples": dict.fromkeys(SPLITS, 9)}
SPANS = {**COLLECT, "kind": "spans", "answer": "spans", "labels": ["problem"]}
KEYWORDS = [{"name": "pain", "keywords": ["chest pain"]}]
NEAR = [{name: CATEGORY[name] for name in ("name", "title", "definition")}]
LABEL = {"prompt": {"user": "{title}: {definition}\n{sentence}"}, "taxonomy": TAXONOMY}
LABEL |= {"shots": 1, "calibration": False, "rationale": False}
WRITE = {"prompt": {"user": "{title}: {conditions}"}, "taxonomy": TAXONOMY}
WRITE |= {"shots": 1, "requests": 2, "max_tokens": 20, "seed": 1}
ECHOED = {name: CATEGORY[name] for name in ("name", "definition", "examples")}
SCREEN = {"taxonomy": {"guideline": "Read.", "categories": [{**ECHOED, "near_misses": []}]}}
SCREEN |= {"near_duplicate": 0.7, "generic_patients": 2}
NAMES = {"labels": ["pain"]}
QUALITY = ("out/a.csv",)


def given(**tables: str) -> list[str]:
    """Options that name tables below `datasets`."""
    named = {name.replace("_", "-"): f"datasets/{table}.parquet" for name, table in tables.items()}
    return [word for name, path in named.items() for word in (f"--{name}", path)]


def damaged(*names: str) -> dict[str, list[str]]:
    """Damages of some tables below `datasets` and of their manifests."""
    return tables(*(f"datasets/{name}" for name in names))


def asked(fields: dict, **more: str) -> list[str]:
    """The option `--spec` of a job of the dataset `a`."""
    return spec(fields, dataset="a", **more)


def choose(by: str, categories: list[dict]) -> list[str]:
    candidates = {"by": by, "random_share": 0.5}
    candidates |= {"encoder": "tiny"} if by == "embedding" else {}
    fields = {"sentences": 2, "candidates": candidates, "categories": categories, "seed": 1}
    return [*given(notes="notes", gold="gold"), *asked(fields), *OUT]


ASK = [*given(sentences="found"), *asked(LABEL), "--tokenizer", "bpe/tokenizer.json", *OUT]
CASES = [
    Case(
        "datasets/collect_examples",
        [*asked(COLLECT), *given(notes="notes"), *READ],
        damaged("notes"),
        READ_OUT,
    ),
    Case(
        "datasets/collect_examples",
        [*asked(COLLECT), "--files", "gold.jsonl", *READ],
        {"gold.jsonl": ["missing", "text", "empty", "other JSON"]},
        READ_OUT,
    ),
    Case(
        "datasets/collect_examples",
        [*asked(COLLECT), "--files", "gold.csv", *READ],
        {"gold.csv": ["missing", "text", "empty"]},
        READ_OUT,
    ),
    Case(
        "datasets/collect_examples",
        [*asked(SPANS), *given(notes="notes"), *READ],
        damaged("notes"),
        READ_OUT,
    ),
    Case(
        "datasets/collect_examples",
        [*asked({**SPANS, "reading": {"format": "conll"}, "files": [1, 1, 1]}), "--files"]
        + ["train.conll", "valid.conll", "test.conll", *READ],
        {"train.conll": TEXT},
        READ_OUT,
    ),
    Case("datasets/choose_candidates", choose("keywords", KEYWORDS), damaged("notes", "gold")),
    Case(
        "datasets/choose_candidates",
        [*choose("embedding", NEAR), "--encoder", "weights.json"],
        weights("weights"),
    ),
    Case("requests/label_requests", ASK, damaged("found") | TOKENIZER),
    Case("requests/label_requests", [*ASK, *given(labels="labels")], damaged("labels")),
    Case("requests/generate_requests", [*asked(WRITE), *OUT], {}),
    Case(
        "datasets/parse_labels",
        [
            *given(requests="asked", completions="answers"),
            *asked({"threshold": 0.0}),
            *OUT,
        ],
        damaged("asked", "answers"),
    ),
    Case(
        "screens/screen_sentences",
        [*given(requests="generation", completions="written", notes="notes"), *BOTH]
        + [*asked(SCREEN), "--generic", "out/generic.csv"],
        damaged("generation", "written", "notes"),
        (*BOTH_OUT, "out/generic.csv"),
    ),
    Case(
        "datasets/silver_examples",
        [
            *given(sentences="found", labels="labels", checks="labels"),
            *asked(NAMES),
            *BOTH,
        ],
        damaged("found", "labels"),
        BOTH_OUT,
    ),
    Case(
        "datasets/bronze_examples",
        [*given(sentences="screened", screened_out="screened.rejects", checks="checks"), *BOTH]
        + asked({**NAMES, "keep": 2, "seed": 1}),
        damaged("screened", "screened.rejects", "checks"),
        BOTH_OUT,
    ),
    Case(
        "datasets/annotation_sheet",
        [*given(dataset="bronze"), *asked({**NAMES, "sentences": 9, "seed": 1})]
        + ["--out", "out/sheet.csv"],
        damaged("bronze"),
        ("out/sheet.csv",),
    ),
    Case(
        "reports/silver_quality",
        [*given(silver="silver", sentences="found", labels="labels", checks="labels")]
        + [*given(notes="notes", gold="gold"), *asked(NAMES), "--out", "out/a.csv"],
        damaged("silver", "found", "labels", "notes", "gold"),
        QUALITY,
    ),
    Case(
        "reports/bronze_quality",
        [*given(bronze="bronze", gold="silver"), *asked(NAMES), "--out", "out/a.csv"],
        damaged("bronze", "silver"),
        QUALITY,
    ),
]


def write(folder: Path) -> None:
    """Write what these scripts read below `folder`, where the others' inputs are already."""

    def put(name: str, rows: list[dict], schema: object, **fields: object) -> None:
        table(folder, f"datasets/{name}", rows, schema, **fields)

    place = {"start": 0, "end": 27}
    span = {"start": 16, "end": 26, "label": "problem", "assertion": "present"}
    people = [(f"n{number}", f"p{number}", split) for number, split in enumerate(SPLITS)]
    notes = [
        {"note_id": note, "patient_id": patient, "text": NOTE, "split": split, "spans": [span]}
        | {"sentences": [{**place, "categories": ["pain"]}]}
        for note, patient, split in people
    ]
    put("notes", notes, NOTES)
    lines = [
        {"text": NOTE, "labels": ["pain"], "patient_id": patient, "note_id": note, "split": split}
        for note, patient, split in people
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    write_text(folder / "gold.jsonl", text)
    cells = [f'"{NOTE}",pain,{patient},{note},{split}' for note, patient, split in people]
    head = "text,labels,patient_id,note_id,split"
    write_text(folder / "gold.csv", "\n".join([head, *cells, ""]))
    name = "n0:0-27"
    found = {"text": NOTE[:27], "note_id": "n0", **place, "group": "p0"}
    sentence = {"sentence_id": name, **found, "chosen_by": "random", "wanted": None}
    compared = {"sentence_id": "gold:e0", "chosen_by": "gold:gold"}
    put("found", [sentence, {**sentence, **compared}], SENTENCES)
    example = {"example_id": "e0", "group": "p1", "split": "valid", "text": NOTE, "labels": []}
    put("gold", [example], SENTENCE_EXAMPLES, wildcards={"dataset": "gold"})
    request = LabelRequests(LabelSpec(**LABEL)).request({**sentence, "tokens": 6}, "pain")
    put("asked", [request], LABEL_REQUESTS)
    key = {"request_key": request["request_key"]}
    put("answers", [{**key, "text": '{"No":-2.0,"Yes":-1.0}'}], COMPLETIONS)
    label = {"category": "pain", "score": 1.0, "answer": True}
    both = [{**key, "sentence_id": one, **label} for one in (name, "gold:e0")]
    put("labels", both, LABELS)
    put("silver", [{"example_id": name, **found, "labels": ["pain"]}], SENTENCE_EXAMPLES)
    requests = list(generation_requests(GenerateSpec(**WRITE)))
    texts = ["He has pain in his chest.", "The wound is quite dry.", "No.", "It hurts her a lot."]
    answers = [
        {"request_key": request["request_key"], "text": text, "finish_reason": "stop"}
        for request, text in zip(requests, texts, strict=True)
    ]
    put("generation", requests, GENERATION_REQUESTS)
    put("written", answers, COMPLETIONS)
    names = {"pain.00000": ["pain"], "none.00000": []}
    screened = [
        {"sentence_id": name, "text": text, "group": name, "wanted": wanted}
        for (name, wanted), text in zip(names.items(), texts, strict=False)
    ]
    accounts = {
        "pain": {"in": 2, "kept": 1, "rejected": {"too_short": 1}, "failed": {}},
        "none": {"in": 1, "kept": 1, "rejected": {}, "failed": {}},
    }
    put("screened", screened, SENTENCES, by_category=accounts)
    reject = {"sentence_id": "pain.00001", "category": "pain", "reason": "too_short"}
    put("screened.rejects", [reject], REJECTED)
    checks = [{"sentence_id": name, **label, "answer": bool(names[name])} for name in names]
    put("checks", checks, LABELS)
    bronze = [
        {"example_id": row["sentence_id"], "text": row["text"], "labels": row["wanted"]}
        for row in screened
    ]
    put("bronze", bronze, SENTENCE_EXAMPLES, by_category=accounts, checked=True)
