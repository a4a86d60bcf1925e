"""Bronze: confirmed by the check, balanced, and every answer accounted for."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from palimpsest.completions.complete import SCHEMA as COMPLETIONS
from palimpsest.datasets.bronze import balanced, category_of, check_reason, example
from palimpsest.datasets.silver import by_sentence
from palimpsest.notes.schema import SCHEMA as NOTES
from palimpsest.requests.generate import GENERATION_REQUESTS
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_table, write_table
from palimpsest.runtime.labels import LABELS, SENTENCE_EXAMPLES

ROOT = Path(__file__).parents[3]
NAMES = ["memory", "mood"]


def sentence(name, *wanted):
    return {"sentence_id": name, "text": f"Text of {name}.", "group": name, "wanted": list(wanted)}


def label(name, category, answer, failure=None):
    given = {"sentence_id": name, "category": category, "request_key": "k"}
    return given | {"answer": answer, "failure": failure}


@pytest.mark.parametrize(
    ("wanted", "answers", "reason"),
    [
        (["mood"], {"mood": True}, None),
        (["mood"], {"mood": False}, "not_confirmed"),
        (["mood"], {"mood": None}, "check_failed"),
        ([], {"memory": False, "mood": False}, None),
        ([], {"memory": False, "mood": True}, "not_confirmed"),
        ([], {"memory": None, "mood": True}, "check_failed"),
    ],
)
def test_a_category_is_confirmed_by_a_yes_and_none_by_nothing_but_no(wanted, answers, reason):
    given = [
        label("s", name, answer, "unparseable" if answer is None else None)
        for name, answer in answers.items()
    ]
    assert check_reason(sentence("s", *wanted), NAMES, by_sentence(given)) == reason


def test_an_answer_that_is_missing_is_an_error():
    only = by_sentence([label("s", "mood", False)])
    with pytest.raises(UserError, match="sentence s and category 'memory'"):
        check_reason(sentence("s"), NAMES, only)


def test_a_dataset_is_balanced_and_a_larger_one_keeps_the_same():
    sentences = [sentence(f"{name}.{at}", name) for name in NAMES for at in range(9)]
    sentences += [sentence(f"none.{at}") for at in range(2)]

    def kept(keep):
        found = [one for one, why in balanced(sentences, NAMES, None, keep, 1) if why is None]
        return {one["sentence_id"] for one in found}, [category_of(one) for one in found]

    few, categories = kept(3)
    assert [categories.count(name) for name in [*NAMES, "none"]] == [3, 3, 2]
    assert few < kept(5)[0] < kept(9)[0] == {one["sentence_id"] for one in sentences}


def test_what_is_not_confirmed_takes_no_place_of_the_balance():
    sentences = [sentence(f"mood.{at}", "mood") for at in range(6)]
    checks = by_sentence([label(f"mood.{at}", "mood", at >= 3) for at in range(6)])
    reasons = [reason for _, reason in balanced(sentences, NAMES, checks, 3, 1)]
    assert reasons == ["not_confirmed"] * 3 + [None] * 3


def test_a_written_example_is_its_own_group_and_for_training():
    row = example(sentence("mood.1", "mood"))
    assert set(row) == set(SENTENCE_EXAMPLES.names) - {"note_id", "start", "end"}
    assert row["example_id"] == row["group"] == "mood.1" and row["split"] == "train"
    assert row["labels"] == ["mood"] and example(sentence("none.1"))["labels"] == []


TAXONOMY = {
    "guideline": "Read.",
    "categories": [
        {"name": name, "definition": "Says so.", "examples": ["One."], "near_misses": []}
        for name in NAMES
    ],
}
LEAK = "On Tuesday the patient walked out of the ward barefoot with a green umbrella."
ANSWERS = {
    "memory.00000": "She forgets the names of her grandchildren.",
    "mood.00000": "He weeps each morning and no longer cares for the garden.",
    "none.00000": "The wound on the left shin is clean and dry.",
    "memory.00001": "She forgets the names of her grandchildren!",
    "mood.00001": LEAK,
    "none.00001": "I'm sorry, I cannot do that.",
    "memory.00002": None,
    "mood.00002": "Sad.",
    "none.00002": "Blood pressure was well controlled with one drug at home.",
}
CHECKS = {"memory.00000": [], "mood.00000": ["mood"], "none.00000": ["mood"], "none.00002": []}
SCREENING = {"taxonomy": TAXONOMY, "near_duplicate": 0.7, "generic_patients": 2}
BALANCE = {"labels": NAMES, "keep": 1, "seed": 1}


def run(name, folder, *arguments):
    command = [sys.executable, str(next((ROOT / "scripts").glob(f"*/{name}.py"))), *arguments]
    known = {"PYTHONPATH": str(ROOT / "src"), "PATH": ""}
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def road(tmp_path):
    """A folder in which bronze is made of `ANSWERS`, with the check that `CHECKS` has."""
    requests, completions = [], []
    for name, text in ANSWERS.items():
        place = {"request_key": name, "note_id": "", "start": 0, "end": 0}
        asked = {"sentence_id": name, "category": name.split(".")[0], "system": "", "user": ""}
        requests.append(place | asked)
        answer = {"text": text, "finish_reason": "stop"} if text else {"failure": "too_long"}
        completions.append(place | answer)
    labels = [
        label(name, category, category in yes)
        for name, yes in CHECKS.items()
        for category in ([name.split(".")[0]] if not name.startswith("none") else NAMES)
    ]
    generic = "Blood pressure was well controlled with one drug at home."
    notes = [
        {"note_id": "n1", "patient_id": "p1", "text": f"{LEAK} {generic}"},
        {"note_id": "n2", "patient_id": "p2", "text": generic},
    ]
    for name, rows, schema in (
        ("requests", requests, GENERATION_REQUESTS),
        ("completions", completions, COMPLETIONS),
        ("notes", notes, NOTES),
        ("checks", labels, LABELS),
    ):
        write_table(tmp_path / f"{name}.parquet", pa.Table.from_pylist(rows, schema=schema))
    run(
        "screen_sentences", tmp_path,
        *"--requests requests.parquet --completions completions.parquet".split(),
        *"--notes notes.parquet --out screened.parquet --rejects screened.rejects.parquet".split(),
        *"--generic generic.csv".split(), "--spec", json.dumps(SCREENING),
    )  # fmt: skip
    run(
        "bronze_examples", tmp_path,
        *"--sentences screened.parquet --screened-out screened.rejects.parquet".split(),
        *"--checks checks.parquet --out bronze.parquet".split(),
        *"--rejects bronze.rejects.parquet".split(), "--spec", json.dumps(BALANCE),
    )  # fmt: skip
    return tmp_path


def test_every_answer_is_kept_rejected_or_failed(road):
    account = read_manifest(road / "bronze.parquet")["account"]
    assert account == {
        "in": 9,
        "kept": 2,
        "rejected": {
            "near_duplicate": 1, "not_confirmed": 2, "real_text": 1, "refusal": 1, "too_short": 1,
        },
        "failed": {"too_long": 1},
    }  # fmt: skip
    counted = read_manifest(road / "bronze.parquet", "by_category")["by_category"]
    assert {name: one["in"] for name, one in counted.items()} == {"memory": 3, "mood": 3, "none": 3}
    assert counted["memory"]["failed"] == {"too_long": 1} and counted["none"]["kept"] == 1
    kept = read_table(road / "bronze.parquet", ["example_id", "labels"]).to_pylist()
    assert {row["example_id"]: row["labels"] for row in kept} == {
        "mood.00000": ["mood"],
        "none.00002": [],
    }


def test_rejects_name_sentence_and_reason_and_hold_no_text(road):
    rows = []
    for name in ("screened.rejects", "bronze.rejects"):
        table = read_table(road / f"{name}.parquet", ["sentence_id", "category", "reason"])
        rows += table.to_pylist()
    assert {row["sentence_id"]: row["reason"] for row in rows} == {
        "memory.00001": "near_duplicate",
        "mood.00001": "real_text",
        "none.00001": "refusal",
        "memory.00002": "failed:too_long",
        "mood.00002": "too_short",
        "memory.00000": "not_confirmed",
        "none.00000": "not_confirmed",
    }
    assert all(row["category"] == row["sentence_id"].split(".")[0] for row in rows)


def test_generic_8_grams_are_listed(road):
    assert (road / "generic.csv").read_text().splitlines() == [
        "gram,patients",
        "blood pressure was well controlled with one drug,2+",
        "pressure was well controlled with one drug at,2+",
        "was well controlled with one drug at home,2+",
    ]
