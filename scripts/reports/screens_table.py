"""Write what screens rejected, by LLM, prompt, round and reason, and how alike answers are."""

import argparse
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path

import pandas as pd

from palimpsest.reports.config import ScreensSpec
from palimpsest.reports.screens import COLUMNS, MONITOR_COLUMNS, Monitor, Outcomes
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest, read_rows, write_text
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.runtime.rows import Row
from palimpsest.runtime.shards import shard_tables

PLACE = ["note_id", "start", "end"]


def add_shard(table: Path, outcomes: Outcomes, monitor: Monitor) -> None:
    """Count what is kept of a shard, and its rejects."""
    for row in read_rows(table, [*PLACE, "text"]):
        outcomes.add(row, "kept")
        monitor.add(row)
    for row in read_rows(table.with_suffix(".rejects.parquet"), [*PLACE, "outcome", "reason"]):
        outcomes.add(row, row["outcome"], row["reason"])


def retried(tables: list[Path]) -> dict[str, Counter[str]]:
    """How many requests of the round before a round stands for, by outcome and reason."""
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for table in tables:
        for outcome, reasons in read_manifest(table, "retried")["retried"].items():
            total[outcome].update(reasons)
    return total


def rewritings(firsts: list[Path]) -> dict[tuple[str, RequestSet], list[list[Path]]]:
    """The tables of each LLM and what it was asked first, round by round."""
    found: dict[tuple[str, RequestSet], list[list[Path]]] = defaultdict(list)
    for first in firsts:
        names = read_manifest(first, "wildcards")["wildcards"]
        asked = RequestSet.parse(names["request_set"])
        found[names["llm"], asked._replace(round=0)].append(shard_tables(first))
    return found


def main(arguments: argparse.Namespace) -> None:
    rows: list[Row] = []
    monitored: list[Row] = []
    seed = arguments.spec.seed
    for (llm, asked), rounds in rewritings(arguments.kept).items():
        named = {"source": asked.name, "llm": llm}
        named |= {"prompt": asked.prompt, "context": asked.context}
        monitor = Monitor(seed)
        following = chain((retried(tables) for tables in rounds[1:]), [{}])
        for number, (tables, later) in enumerate(zip(rounds, following, strict=True)):
            outcomes = Outcomes(seed)
            for table in tables:
                add_shard(table, outcomes, monitor)
            rows += [{**named, "round": number, **row} for row in outcomes.rows(later)]
        monitored.append({**named, **monitor.row()})
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n"))
    table = pd.DataFrame(monitored, columns=MONITOR_COLUMNS)
    write_text(arguments.monitor, table.to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    run(main, parser(__doc__, "--kept+", "--out", "--monitor", spec=ScreensSpec))
