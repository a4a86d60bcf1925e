"""Write a study of your own notes, from the header of a CSV file."""

import argparse
import csv
import os
import re
import sys
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from palimpsest.cli.study_template import STUDY
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_text

LOOKED_AT = 20_000  # rows of each file
CHARACTERS_A_TOKEN = 5.0  # of English notes it is rather 4: budgets must not be beyond the notes
TRAIN = 0.7  # of the patients, as the study splits them
ASKED = 9_500  # tokens of passages at most: minutes for a small LLM without a GPU
KEPT = 12  # of so many tokens that are asked about, one must pass the screens
# What columns are usually called, the likeliest first.
NAMES = {
    "text": (r"(note_?)?text", r"notes?", r"note_?body|body", r"report(_?text)?", r"content"),
    "note_id": (r"(note|row|document|doc|report)_?id", r"(encounter|visit|hadm|stay)_?id", r"id"),
    "patient_id": (
        r"(patient|subject|person|pat)_?(id|nr|no|number)?", r"mrn", r"(encounter|visit|case)_?id",
    ),
    "category": (r"(note_?)?(type|category|class|kind)", r"department|service", r"dataset"),
    "date": (r"(note_?)?date|chart_?(date|time)|created(_?at)?",),
}  # fmt: skip


class Seen(NamedTuple):
    """What the files hold. values: of each column, of the rows that were looked at."""

    rows: int
    values: dict[str, list[str]]


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("csv", type=Path, nargs="+", help="files of notes with one header")
    parser.add_argument("--out", type=Path, default=Path("my-study.yaml"), help="the study")
    for name, told in (
        ("text", "the notes"), ("note-id", "what tells a note from others"),
        ("patient-id", "what tells a patient from others"), ("category", "kinds of notes"),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", help=f"the column with {told}; default: guessed")
    parser.add_argument("--llm", default="smollm2-135m-instruct", help="of config/llms")
    parser.add_argument("--tokenizer", help="LLM or encoder whose tokens count; default: the LLM")
    parser.add_argument("--prompt", default="medical", help="of config/prompts")


def run(arguments: argparse.Namespace) -> None:
    """Write the study, and say what was guessed."""
    if arguments.out.exists():
        raise UserError(f"{arguments.out}: it is there; give another name with --out")
    seen = _seen(arguments.csv)
    columns = _columns(arguments, seen)
    results = re.sub(r"[^A-Za-z0-9_]+", "-", arguments.out.stem).strip("-") or "my-study"
    train = sum(map(len, seen.values[columns["text"]])) / CHARACTERS_A_TOKEN * TRAIN
    asked = max(60, min(ASKED, int(train * 0.8)))
    schema = os.path.relpath("config/schema/study.json", arguments.out.parent or ".")
    write_text(
        arguments.out,
        STUDY.format(
            schema=schema,
            study=arguments.out,
            results=results,
            paths=", ".join(_quoted(str(path)) for path in arguments.csv),
            columns=", ".join(f"{key}: {_quoted(value)}" for key, value in columns.items()),
            category="" if "category" in columns else "\n    category: Note",
            llm=arguments.llm,
            tokenizer=arguments.tokenizer or arguments.llm,
            prompt=arguments.prompt,
            asked=asked,
            budget=max(20, min(asked // KEPT, int(train * 0.4))),
        ),
    )
    for key, column in columns.items():
        print(f"{key}: column '{column}', {len(set(seen.values[column])):,} different values")
    if columns["patient_id"] == columns["note_id"]:
        print("no column names a patient: each note counts as of a patient of its own")
    print(f"{arguments.out}: written, of {seen.rows:,} rows. Next:")
    print(f"  palimpsest check {arguments.out}")
    print(f"  snakemake results/{results}/table1.csv --configfile {arguments.out}")


def _seen(paths: list[Path]) -> Seen:
    """The columns of some files. Raises UserError where their headers differ."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    head: list[str] | None = None
    values: dict[str, list[str]] = {}
    rows = 0
    for path in paths:
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                first = stream.readline()
                stream.seek(0)
                mark = max(",;\t|", key=first.count)
                table = csv.DictReader(stream, delimiter=mark)
                found = list(table.fieldnames or [])
                if head not in (None, found):
                    raise UserError(f"{path}: its header differs from that of {paths[0]}")
                head = found
                for row in islice(table, LOOKED_AT):
                    rows += 1
                    for name in found:
                        values.setdefault(name, []).append(row[name] or "")
        except OSError as error:
            raise UserError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise UserError(
                f"{path}: not UTF-8 at byte {error.start}; write the study by hand, with the "
                "source's `encoding`"
            ) from error
        except csv.Error as error:
            raise UserError(f"{path}: expected CSV: {error}") from error
    if not rows:
        raise UserError(f"{paths[0]}: no rows below the header")
    return Seen(rows, values)


def _columns(arguments: argparse.Namespace, seen: Seen) -> dict[str, str]:
    """Which column holds what. Raises UserError where the notes' is not known."""
    found: dict[str, str] = {}
    for key in ("text", "note_id", "patient_id", "category", "date"):
        given = getattr(arguments, key, None)
        if given and given not in seen.values:
            raise UserError(f"{arguments.csv[0]}: no column '{given}'; it has {[*seen.values]}")
        column = given or _guessed(key, seen, set(found.values()))
        if column:
            found[key] = column
    if "text" not in found:
        raise UserError(
            f"{arguments.csv[0]}: which column has the notes? Give --text, one of {[*seen.values]}"
        )
    if "note_id" not in found:
        raise UserError(
            f"{arguments.csv[0]}: no column tells every note from the others; give --note-id, one "
            f"of {[*seen.values]}"
        )
    found.setdefault("patient_id", found["note_id"])
    order = ("text", "note_id", "patient_id", "category", "date")
    return {key: found[key] for key in order if key in found}


def _guessed(key: str, seen: Seen, taken: set[str]) -> str | None:
    """A column that is called as such columns are, and holds what they hold."""
    for pattern in NAMES[key]:
        for column, values in seen.values.items():
            if not re.fullmatch(pattern, column.strip(), re.IGNORECASE) or column in taken:
                continue
            different = len(set(values))
            if key == "note_id" and (different < len(values) or "" in values):
                continue  # two notes of one id: the second would be rejected
            if key == "category" and (different > 50 or "" in values):
                continue
            if key == "patient_id" and ("" in values or different < 3):
                continue
            return column
    return None


def _quoted(text: str) -> str:
    """A text as YAML has it in a list in one line."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", text) and text.lower() not in ("no", "yes", "on"):
        return text
    return "'" + text.replace("'", "''") + "'"
