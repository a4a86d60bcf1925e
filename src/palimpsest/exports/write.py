"""Write an export: records with their provenance, and the card."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from palimpsest.exports.card import render_card
from palimpsest.exports.config import ExportedPart, ExportSpec
from palimpsest.exports.records import SCHEMA, Answered, records
from palimpsest.runtime.files import (
    read_fields,
    read_manifest,
    read_rows,
    table_writer,
    write_text,
)
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.runtime.shards import shard_tables

DATA, CARD = "data/train.parquet", "README.md"  # in the folder; all documents are of train patients
DOCUMENT = ["part", "note_id", "start", "end", "request_key", "text", "tokens", "cut"]
ROWS = 1024  # held in memory
KeyOf = Callable[[str, str], str]  # request key and the LLM's identity -> key in the ledger


def write_export(
    spec: ExportSpec,
    tables: tuple[Path, list[Path]],
    key_of: KeyOf,
    data: Path,
    card: Path,
) -> int:
    """Write the records to `data` and the card to `card`; returns how many records there are.

    tables: of the corpus, and the manifests of the first shard of each set of completions that a
    part is taken from.
    Raises UserError where the tables do not go together.
    """
    corpus, completions = tables
    manifest = read_manifest(corpus, "parts", "all")
    answered, weights = {}, {}
    for number, part in enumerate(spec.parts, start=1):
        if part.llm:
            answered[number], weights[part.llm] = _answered_of(part, completions, key_of)
    rows = records(read_rows(corpus, DOCUMENT), spec.parts, answered, str(corpus))
    with table_writer(data, SCHEMA) as table:
        while batch := list(islice(rows, ROWS)):
            table.write_rows(batch)
        # `palimpsest forget` looks here for notes that left their source.
        table.fields["parts"] = [{"source": part.source} for part in spec.parts]
        written = table.rows
    write_text(card, render_card(spec, manifest, weights, {"train": DATA}))
    return written


def _tables_of(part: ExportedPart, firsts: list[Path]) -> list[Path]:
    """The tables of a part, of all its rounds and shards."""
    found = []
    for first in firsts:
        names = read_fields(first, "wildcards")["wildcards"]
        asked = RequestSet.parse(names["request_set"])
        told = (names["llm"], asked.name, asked.prompt, asked.context)
        if told == (part.llm, part.source, part.prompt, part.context):
            found += shard_tables(first)
    return found


def _answered_of(
    part: ExportedPart, completions: list[Path], key_of: KeyOf
) -> tuple[dict[str, Answered], str]:
    """The completions of a part by request, and the identity of the LLM's weights."""
    answers, weights = dict[str, Answered](), ""
    for table in _tables_of(part, completions):
        fields = read_manifest(table, "llm", "asked_of")
        weights = fields["asked_of"]["weights"]
        for row in read_rows(table, ["request_key", "seed"]):
            if row["seed"] is not None:  # a request that failed has none
                key = row["request_key"]
                answers[key] = Answered(key_of(key, fields["llm"]), row["seed"])
    return answers, weights
