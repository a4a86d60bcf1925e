"""Write what screens turned down, by LLM, prompt, round and reason, and how alike answers are."""

import argparse
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from palimpsest.reports.screens import COLUMNS, MONITOR_COLUMNS, Monitor, Outcomes
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_batches, read_manifest, write_text

PLACE = ["note_id", "start", "end"]
ROWS = 4096  # held in memory


def add_shard(table: Path, outcomes: Outcomes, monitor: Monitor) -> None:
    """Count a shard's rephrases and rejects."""
    for batch in read_batches(table, [*PLACE, "text"], ROWS):
        for row in batch.to_pylist():
            outcomes.add(row, "kept")
            monitor.add(row)
    rejects = table.with_suffix(".rejects.parquet")
    for batch in read_batches(rejects, [*PLACE, "outcome", "reason"], ROWS):
        for row in batch.to_pylist():
            outcomes.add(row, row["outcome"], row["reason"])


def asked_again(tables: list[Path]) -> dict[str, dict[str, int]]:
    """How many requests of the round before a round stands for, by outcome and reason."""
    total: dict[str, dict[str, int]] = {}
    for table in tables:
        for outcome, reasons in read_manifest(table, "asked_again")["asked_again"].items():
            counts = total.setdefault(outcome, {})
            for reason, count in reasons.items():
                counts[reason] = counts.get(reason, 0) + count
    return total


def main(arguments: argparse.Namespace) -> None:
    rows: list[dict[str, Any]] = []
    monitored: list[dict[str, Any]] = []
    for entry in arguments.rephrasings:
        named = {key: entry[key] for key in ("source", "llm", "prompt")}
        monitor = Monitor(arguments.seed)
        rounds = [
            [Path(folder) / f"{shard}.parquet" for shard in entry["shards"]]
            for folder in entry["folders"]
        ]
        following = chain((asked_again(tables) for tables in rounds[1:]), [{}])
        for number, (tables, again) in enumerate(zip(rounds, following, strict=True)):
            outcomes = Outcomes(arguments.seed)
            for table in tables:
                add_shard(table, outcomes, monitor)
            rows += [{**named, "round": number, **row} for row in outcomes.rows(again)]
        monitored.append({**named, **monitor.row()})
    for path, made, columns in (
        (arguments.out, rows, COLUMNS),
        (arguments.monitor, monitored, MONITOR_COLUMNS),
    ):
        table = pd.DataFrame(made).reindex(columns=columns)
        write_text(path, table.to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    options = parser(__doc__, "--out", "--monitor")
    options.add_argument(
        "--rephrasings", type=json_argument, required=True, help="with folders and shards"
    )
    options.add_argument("--seed", type=int, required=True, help="of the sampling order")
    run(main, options)
