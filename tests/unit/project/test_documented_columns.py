"""docs/outputs.md names every file below the results folder, and every column of every table."""

import csv
import io
import re
import runpy
from collections.abc import Iterable
from types import SimpleNamespace

import pyarrow as pa
import pytest
from rule_files import ROOT, block, rules

from palimpsest.completions.complete import SCHEMA as COMPLETIONS
from palimpsest.corpora.mix import SCHEMA as DOCUMENTS
from palimpsest.datasets.annotation import sheet
from palimpsest.exports.records import SCHEMA as EXPORTED
from palimpsest.fidelity.findings import SCHEMA as COMPARED
from palimpsest.fidelity.judged import JUDGEMENTS
from palimpsest.fidelity.judged import RATES as JUDGED
from palimpsest.fidelity.rates import SCHEMA as RATES
from palimpsest.leaks import overlap, splits
from palimpsest.notes import duplicates
from palimpsest.notes.normalize import REJECTS as REJECTED_ROWS
from palimpsest.notes.schema import SCHEMA as NOTES
from palimpsest.passages.cut import REJECTS as SKIPPED
from palimpsest.passages.cut import SCHEMA as PASSAGES
from palimpsest.perplexity.tables import LOSSES, PERPLEXITIES
from palimpsest.pretraining import curves
from palimpsest.release.check import FINDINGS
from palimpsest.release.losses import LOSSES as LOSSES_OF_PATIENTS
from palimpsest.reports import (
    bronze_quality,
    comparison,
    pilot,
    plan,
    screens,
    silver_quality,
    tidy,
)
from palimpsest.reports.corpora import COUNTS, MODELS, REASONS, corpus_table
from palimpsest.reports.figures import base as figures
from palimpsest.requests.generate import GENERATION_REQUESTS
from palimpsest.requests.judge import JUDGE_REQUESTS
from palimpsest.requests.label import LABEL_REQUESTS
from palimpsest.requests.rephrase import IN_CONTEXT
from palimpsest.runtime.dataset_tables import PREDICTIONS
from palimpsest.runtime.labels import (
    LABELS,
    REJECTED,
    SENTENCE_EXAMPLES,
    SENTENCES,
    SPAN_EXAMPLES,
    TEXT_EXAMPLES,
)
from palimpsest.runtime.overlap_tables import OVERLAPS
from palimpsest.scoring.score import SCHEMA as SCORES
from palimpsest.screens.rephrases import REJECTS as REJECTED_COMPLETIONS
from palimpsest.screens.rephrases import SCHEMA as REPHRASES

TEXT = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
NAMES = re.compile(r"`([^`]+)`")
# One reason stands for all of them.
OF_A_REASON = re.compile(r"^(rejected|failed)_[a-z].*")
ACCOUNT = {"in": 3, "kept": 1, "rejected": {"copy": 1}, "failed": {"too_long": 1}}


def script(path: str) -> dict[str, object]:
    """What a program defines."""
    return runpy.run_path(str(ROOT / "scripts" / path))


def rows_of_tables(section: str, head: str) -> list[tuple[list[str], str]]:
    """The names in the first cell of each row, and the rest, of the tables with some first head."""
    found, inside = [], False
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line[:1] == "|" else []
        if not cells:
            inside = False
        elif cells[0] == head:
            inside = True
        elif inside and not set(cells[0]) <= {"-"}:
            found.append((NAMES.findall(cells[0]), " ".join(cells[1:])))
    return found


def sections() -> dict[str, str]:
    """The text below each heading of level three."""
    parts = re.split(r"^#{2,3} (.*)$", TEXT, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def columns_documented(heading: str) -> list[str]:
    return [name for names, _ in rows_of_tables(sections()[heading], "column") for name in names]


def union(*schemas: pa.Schema) -> list[str]:
    return list(dict.fromkeys(name for schema in schemas for name in schema.names))


def one_reason(columns: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(OF_A_REASON.sub(r"\1_REASON", column) for column in columns))


def of_corpora() -> list[str]:
    part = {"kind": "rephrases", "source": "s", "llm": "l", "prompt": "p", "budget": 1}
    part |= dict.fromkeys(COUNTS, 1) | {"account": ACCOUNT}
    part["removed"] = dict.fromkeys(REASONS, {"documents": 1, "tokens": 1})
    part["spent"] = dict.fromkeys(["tokens", "tokens_in", "tokens_out"], 1)
    manifest = {"corpus": "c", "parts": [part], "all": dict.fromkeys(COUNTS, 1)}
    return one_reason(corpus_table({"s": {"account": ACCOUNT}}, [manifest]).columns)


def of_bronze_quality() -> list[str]:
    accounts = dict.fromkeys(["pain", "none"], ACCOUNT)
    kept = [{"text": "It hurts.", "labels": ["pain"]}]
    table = bronze_quality.quality(kept, accounts, True, ["It hurts."], ["pain"])
    return one_reason(table.columns)


def of_annotation() -> list[str]:
    return header(sheet([], ["CATEGORY"]).removeprefix("\ufeff"))


def header(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text)))


def of_generic(folder) -> list[str]:
    """The program names the columns of the list of generic 8-grams."""
    return script("screens/screen_sentences.py")["GENERIC"]


def of_collected(folder) -> list[str]:
    """The program writes what was rejected of a file of experts."""
    (folder / "gold.csv").write_text(
        "text,labels,patient_id,note_id,split\n"
        "A,pain,1,1,train\nB,pain,2,2,valid\nC,pain,3,3,test\nD,other,4,4,test\n"
    )
    program = script("datasets/collect_examples.py")
    spec = program["CollectSpec"].model_validate(
        {"kind": "sentences", "made_by": "experts", "labels": ["pain"], "seed": 1}
        | {"answer": "several_labels", "unit": "patient"}
        | {"splits": {"train": 0.5, "valid": 0.25, "test": 0.25}}
        | {"examples": {"train": 1, "valid": 1, "test": 1}}
    )
    program["main"](
        SimpleNamespace(
            spec=spec,
            notes=[],
            files=[folder / "gold.csv"],
            out=folder / "out.parquet",
            rejects=folder / "rejects.csv",
        )
    )
    return header((folder / "rejects.csv").read_text())


MEASURED = [
    ("`TABLE.csv` of kind `corpora`", of_corpora),
    ("`TABLE.models.csv`", lambda: MODELS),
    ("`TABLE.csv`, `TABLE.md`, `TABLE.tex` of kind `comparison`", lambda: comparison.COLUMNS),
    ("`DATASET.quality.csv` of silver", lambda: silver_quality.COLUMNS),
    ("`DATASET.quality.csv` of bronze", of_bronze_quality),
    ("`annotation/DATASET.csv`", of_annotation),
    ("`splits.csv`, `splits.json`", lambda: splits.COLUMNS),
    ("`overlap.csv`", lambda: overlap.COLUMNS),
    ("`duplicates.csv`", lambda: duplicates.COLUMNS),
    ("`screens.csv`", lambda: screens.COLUMNS),
    ("`screens.monitor.csv`", lambda: screens.MONITOR_COLUMNS),
    ("`plan.csv`, `plan/LLM.csv`", lambda: plan.COLUMNS),
    ("`pilot.csv`, `pilot.svg`, `pilot.png`", lambda: pilot.COLUMNS),
    ("`FIGURE.svg`, `FIGURE.png`, `FIGURE.csv`, `FIGURE.txt`", lambda: figures.COLUMNS),
    ("`metrics.csv`, `TABLE.metrics.csv`, `FIGURE.metrics.csv`", lambda: tidy.COLUMNS),
    ("`notes/SOURCE.rejects.csv`", lambda: REJECTED_ROWS.names),
    (
        "`curves/MODEL/CORPUS/seedSEED.csv`, `curves/MODEL/CORPUS/seedSEED.parquet`",
        lambda: [*curves.NAMES, *curves.SCHEMA.names],
    ),
]
SCHEMAS = {
    "`notes/SOURCE.parquet`, `distinct/SOURCE.parquet`": [NOTES],
    "`duplicates.parquet`": [duplicates.DUPLICATES],
    "`passages/SOURCE/SHARD.parquet`": [PASSAGES],
    "`passages/SOURCE/SHARD.rejects.parquet`": [SKIPPED],
    "`requests/SOURCE.PROMPT/SHARD.parquet`, `requests/SOURCE.PROMPT.CONTEXT/SHARD.parquet`, "
    "`requests/LLM/SOURCE.PROMPT.retryROUND/SHARD.parquet`, "
    "`requests/LLM/SOURCE.PROMPT.CONTEXT.retryROUND/SHARD.parquet`, "
    "`requests/DATASET.PROMPT/000-of-001.parquet`, "
    "`pilot/requests/LLM/REQUEST_SET/SHARD.parquet`": [
        LABEL_REQUESTS,
        GENERATION_REQUESTS,
        IN_CONTEXT,
    ],
    "`completions/LLM/REQUEST_SET/SHARD.parquet`, "
    "`pilot/completions/LLM/SAMPLING/REQUEST_SET/SHARD.parquet`": [COMPLETIONS],
    "`rephrases/LLM/REQUEST_SET/SHARD.parquet`, `synthetic-notes/LLM/REQUEST_SET/SHARD.parquet`, "
    "`pilot/rephrases/LLM/SAMPLING/REQUEST_SET/SHARD.parquet`": [REPHRASES],
    "`rephrases/LLM/REQUEST_SET/SHARD.rejects.parquet`, "
    "`synthetic-notes/LLM/REQUEST_SET/SHARD.rejects.parquet`, "
    "`pilot/rephrases/LLM/SAMPLING/REQUEST_SET/SHARD.rejects.parquet`": [REJECTED_COMPLETIONS],
    "`fidelity/LLM/REQUEST_SET/SHARD.parquet`, "
    "`pilot/fidelity/LLM/SAMPLING/REQUEST_SET/SHARD.parquet`": [COMPARED],
    "`FIGURE.csv` of kind `fidelity`": [RATES],
    "`requests/JUDGE.PROMPT/000-of-001.parquet`": [JUDGE_REQUESTS],
    "`judgements/JUDGE.parquet`": [JUDGEMENTS],
    "`FIGURE.csv` of kind `judge`": [JUDGED],
    "`corpora/CORPUS.parquet`": [DOCUMENTS],
    "`export/CORPUS/data/train.parquet`, `export/CORPUS/README.md`": [EXPORTED],
    "`release/RELEASE/STAGE/CHECK.parquet`": [FINDINGS],
    "`release/RELEASE/losses/MODEL/CORPUS/seedSEED.parquet`": [LOSSES_OF_PATIENTS],
    "`overlap/JUDGED/TRAINED.parquet`": [OVERLAPS],
    "`losses/MODEL/CORPUS/seedSEED/EVALUATION.parquet`": [LOSSES],
    "`perplexity/MODEL/CORPUS/seedSEED/EVALUATION.parquet`": [PERPLEXITIES],
    "`sentences/DATASET.parquet`": [SENTENCES],
    "`sentences/DATASET.rejects.parquet`, `datasets/DATASET.rejects.parquet`": [REJECTED],
    "`labels/DATASET.PROMPT.parquet`": [LABELS],
    "`datasets/DATASET.parquet`": [SENTENCE_EXAMPLES, SPAN_EXAMPLES, TEXT_EXAMPLES],
    "`predictions/EXPERIMENT/MODEL/CORPUS/MIXTURE/SIZE/seedSEED/runRUN.parquet`, "
    "`predictions/EXPERIMENT/MODEL.parquet`": [PREDICTIONS],
    "`scores/EXPERIMENT/MODEL/CORPUS/MIXTURE/SIZE.parquet`": [SCORES],
}
WRITTEN = {
    "`sentences/DATASET.generic.csv`": of_generic,
    "`datasets/DATASET.rejects.csv`": of_collected,
}


@pytest.mark.parametrize(("heading", "written"), MEASURED, ids=[entry[0] for entry in MEASURED])
def test_the_columns_of_a_report_are_documented(heading, written):
    assert set(columns_documented(heading)) == set(written())


@pytest.mark.parametrize("heading", SCHEMAS)
def test_the_columns_of_a_schema_are_documented_with_their_fields(heading):
    assert set(columns_documented(heading)) == set(union(*SCHEMAS[heading]))
    told = {
        name: text
        for names, text in rows_of_tables(sections()[heading], "column")
        for name in names
    }
    for field in (field for schema in SCHEMAS[heading] for field in schema):
        if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type):
            lacking = {part.name for part in field.type.value_type} - set(
                NAMES.findall(told[field.name])
            )
            assert not lacking, f"{heading}: {field.name} has the fields {sorted(lacking)}"


@pytest.mark.parametrize("heading", WRITTEN)
def test_the_columns_that_a_program_writes_are_documented(heading, tmp_path):
    assert columns_documented(heading) == WRITTEN[heading](tmp_path)


def test_every_table_of_columns_is_compared_with_the_code():
    documented = {heading for heading in sections() if columns_documented(heading)}
    compared = {entry[0] for entry in MEASURED} | {*SCHEMAS, *WRITTEN}
    assert documented == compared


def outputs() -> set[str]:
    """The outputs that rules declare, with wildcards in capitals; of a table not its manifest."""
    found = set()
    for body in rules().values():
        for path in re.findall(r'"<results>/([^"]+)"', block(body, "output")):
            found.add(re.sub(r"\{(\w+)\}", lambda name: name[1].upper(), path))
    return {
        path
        for path in found
        if not (path.endswith(".json") and path.removesuffix("json") + "parquet" in found)
    }


def test_every_declared_output_is_documented_and_no_other_file():
    documented = {
        name for heading in sections() for name in NAMES.findall(heading) if "." in name
    } | {
        name for text in sections().values() for names, _ in rows_of_tables(text, "file")
        for name in names
    }  # fmt: skip
    assert documented == outputs()
