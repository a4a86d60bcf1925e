"""Say what a pilot found of each LLM, prompt, context and sampling, as a table and a figure.

--completions, --kept, --rejects: of each variant, in one order. --samples: what was asked of each
LLM. --requests: the manifest of the first shard of each set of the study. --notes: say whose each
request is. --findings: of rephrases, if there are any.
"""

import argparse
from pathlib import Path

import pandas as pd

from palimpsest.completions.hardware import describe_hardware
from palimpsest.completions.throughput import measured_throughput
from palimpsest.reports.figures.pilot import draw_pilot
from palimpsest.reports.pilot import COLUMNS, Sample, Shares, pilot_row, wrong_shares
from palimpsest.runtime.answers import read_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields, read_manifest, write_text
from palimpsest.runtime.identity import canonical_json
from palimpsest.runtime.progress import announce
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.runtime.rows import Row
from palimpsest.runtime.shards import shard_tables

Variant = tuple[str, str, str]  # LLM, sampling and request set
SHOWN = ["yield", "tokens_out_per_kept", "study_tokens_out", "study_hours", "wrong"]


def variant_of(manifest: Path) -> Variant:
    """Of which variant a table is, by its manifest; the requests are the same for all samplings."""
    names = read_fields(manifest, "wildcards")["wildcards"]
    if lacking := {"llm", "request_set"} - names.keys():
        raise UserError(f"{manifest}: not of a pilot: expected the wildcards {sorted(lacking)}")
    return names["llm"], names.get("sampling", ""), names["request_set"]


def totals(firsts: list[Path]) -> dict[str, tuple[int, int]]:
    """Of each set of requests, over its shards: how many there are, and tokens of passages."""
    found = {}
    for first in firsts:
        asked = RequestSet.of_wildcards(read_fields(first, "wildcards")["wildcards"])
        manifests = [read_manifest(table, "tokens") for table in shard_tables(first)]
        rows, tokens = (sum(one[name] for one in manifests) for name in ("rows", "tokens"))
        found[str(asked)] = (rows, tokens)
    return found


def patients_of(notes: list[Path]) -> dict[tuple[str, str], str]:
    """Patients by source and note."""
    found = {}
    for table in notes:
        source = read_manifest(table, "wildcards")["wildcards"]["source"]
        for row in read_rows(table, ["note_id", "patient_id"]):
            found[source, row["note_id"]] = row["patient_id"]
    return found


def kept_shares(
    kept: Path, rejects: Path, source: str, patients: dict[tuple[str, str], str]
) -> Shares:
    """Which requests of a variant were kept, by patient."""
    shares = Shares()
    for table, hit in ((kept, True), (rejects, False)):
        for row in read_rows(table, ["note_id"]):
            shares.add(patients[source, row["note_id"]], hit)
    return shares


def main(arguments: argparse.Namespace) -> None:
    study, patients = totals(arguments.requests), patients_of(arguments.notes)
    samples = {
        variant_of(path): read_fields(path, "tokens")["tokens"] for path in arguments.samples
    }
    findings = {variant_of(path.with_suffix(".json")): path for path in arguments.findings}
    hardware = describe_hardware()
    rows: list[Row] = []
    tables = zip(arguments.completions, arguments.kept, arguments.rejects, strict=True)
    for completions, kept, rejects in tables:
        asked_of = read_fields(completions, "asked_of", "llm")
        llm, sampling, request_set = variant_of(completions)
        asked = RequestSet.parse(request_set)
        manifest = read_manifest(kept, "account", "tokens", "tokens_in", "tokens_out")
        measured = measured_throughput(arguments.state, asked_of["llm"], hardware)
        sample = Sample(
            **{name: manifest[name] for name in ("account", "tokens", "tokens_in", "tokens_out")},
            passage_tokens=samples[llm, "", request_set],
            study_requests=study[request_set][0],
            study_passage_tokens=study[request_set][1],
            rate=measured.tokens_out if measured else None,
        )
        row = {"llm": llm, "sampling": sampling, "source": asked.name, "prompt": asked.prompt}
        row |= {"context": asked.context}
        row["sampled_by"] = canonical_json(asked_of["asked_of"].get("sampling"))
        row |= pilot_row(sample, kept_shares(kept, rejects, asked.name, patients))
        if found := findings.get((llm, sampling, request_set)):
            row |= wrong_shares(read_rows(found, ["patient_id", "findings"]))
        rows.append(row)
    more = sorted({name for row in rows for name in row} - set(COLUMNS))
    table = pd.DataFrame(rows, columns=[*COLUMNS, *more])
    whole = ["study_tokens_in", "study_tokens_out", "study_kept_tokens"]
    table[whole] = table[whole].round().astype("Int64")
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n", float_format="%.4g"))
    draw_pilot(rows, arguments.figure)
    shown = table[[name for name in (*COLUMNS[:5], *SHOWN) if name in table]]
    announce(shown.to_string(index=False, na_rep="", float_format=lambda value: f"{value:,.4g}"))


if __name__ == "__main__":
    several = ("--completions+", "--kept+", "--rejects+", "--samples+", "--requests+", "--notes+")
    run(main, parser(__doc__, *several, "--findings*", "--state", "--out", "--figure"))
