"""The program that writes a pilot's table, from tables of two samplings of one LLM."""

import csv
import runpy
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from palimpsest.completions.complete import SCHEMA as COMPLETIONS
from palimpsest.notes.schema import SCHEMA as NOTES
from palimpsest.requests.rephrase import SCHEMA as REQUESTS
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table
from palimpsest.screens.rephrases import REJECTS
from palimpsest.screens.rephrases import SCHEMA as REPHRASES

PROGRAM = Path(__file__).parents[3] / "scripts/plan/pilot_table.py"
SHARD = "000-of-001"
SET = "ward.plain.stay"
FINDINGS = pa.schema(
    [
        ("patient_id", pa.string()),
        ("findings", pa.list_(pa.struct([("type", pa.string()), ("status", pa.string())]))),
    ]
)


def table(path: Path, rows, schema, **fields) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_table(path, pa.Table.from_pylist(rows, schema=schema), **fields)
    return path


@pytest.fixture
def arguments(tmp_path):
    """Four requests were asked, of which one sampling kept three and the other one."""
    names = {"llm": "alpha", "request_set": SET, "shard": SHARD}
    made = SimpleNamespace(
        completions=[], kept=[], rejects=[], findings=[], state=tmp_path / "state"
    )
    for sampling, count in (("declared", 3), ("cold", 1)):
        wildcards = {**names, "sampling": sampling}
        folder = tmp_path / sampling
        asked_of = {"asked_of": {"sampling": {"temperature": count / 10}}, "llm": sampling}
        path = table(folder / "completions" / f"{SHARD}.parquet", [], COMPLETIONS,
                     wildcards=wildcards, **asked_of)  # fmt: skip
        made.completions.append(path.with_suffix(".json"))
        account = {"in": 4, "kept": count, "rejected": {"copy": 4 - count}, "failed": {}}
        kept = [{"note_id": f"n{number}", "tokens": 10} for number in range(count)]
        spent = {"tokens": 10 * count, "tokens_in": 200, "tokens_out": 60}
        made.kept.append(
            table(folder / f"{SHARD}.parquet", kept, REPHRASES, wildcards=wildcards,
                  account=account, **spent)
        )  # fmt: skip
        rejected = [{"note_id": f"n{number}", "outcome": "rejected"} for number in range(count, 4)]
        path = folder / f"{SHARD}.rejects.parquet"
        made.rejects.append(table(path, rejected, REJECTS, wildcards=wildcards))
    sample = tmp_path / "sample" / f"{SHARD}.parquet"
    made.samples = [table(sample, [], REQUESTS, wildcards=names, tokens=40).with_suffix(".json")]
    asked = {"source": "ward", "prompt": "plain", "context": "stay", "shard": SHARD}
    rows = [{"note_id": f"n{number}"} for number in range(40)]
    whole = table(
        tmp_path / "requests" / f"{SHARD}.parquet", rows, REQUESTS, wildcards=asked, tokens=400
    )
    made.requests = [whole.with_suffix(".json")]
    notes = [{"note_id": f"n{number}", "patient_id": f"p{number}"} for number in range(4)]
    made.notes = [table(tmp_path / "notes.parquet", notes, NOTES, wildcards={"source": "ward"})]
    made.out, made.figure = tmp_path / "pilot.csv", tmp_path / "pilot.svg"
    return made


def rows_of(arguments) -> list[dict[str, str]]:
    runpy.run_path(str(PROGRAM))["main"](arguments)
    with arguments.out.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_a_row_says_what_a_variant_kept_and_what_the_study_costs(arguments):
    first, second = rows_of(arguments)
    assert [row["sampling"] for row in (first, second)] == ["declared", "cold"]
    assert first["context"] == "stay" and first["sampled_by"] == '{"temperature":0.3}'
    assert (first["yield"], second["yield"]) == ("0.75", "0.25")
    assert first["tokens_out_per_kept"] == "2" and second["tokens_out_per_kept"] == "6"
    assert first["study_requests"] == "40" and first["study_tokens_out"] == "600"
    assert first["study_kept_tokens"] == "300" and first["study_hours"] == ""
    assert arguments.figure.exists() and arguments.figure.with_suffix(".png").exists()
    assert "wrong" not in first


def test_findings_are_told_where_there_are_any(arguments, tmp_path):
    rows = [
        {"patient_id": f"p{number}", "findings": [{"type": "dose", "status": status}]}
        for number, status in enumerate(["kept", "changed", "kept"])
    ]
    names = {"llm": "alpha", "sampling": "declared", "request_set": SET, "shard": SHARD}
    path = tmp_path / "findings" / f"{SHARD}.parquet"
    arguments.findings = [table(path, rows, FINDINGS, wildcards=names)]
    first, second = rows_of(arguments)
    assert first["wrong"] == first["wrong_dose"] == "0.3333" and second["wrong"] == ""


def test_what_is_of_no_pilot_is_refused(arguments):
    arguments.samples = arguments.requests
    with pytest.raises(UserError, match="not of a pilot"):
        rows_of(arguments)
