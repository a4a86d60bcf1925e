"""Manage stored completions."""

import argparse
from pathlib import Path

from palimpsest.cli.arguments import add_results, add_studies
from palimpsest.cli.studies import catalogues, print_table, prune_ledgers
from palimpsest.completions.errors import REPAIR
from palimpsest.completions.ledger_admin import (
    DAMAGED,
    EXPORTED,
    export_tables,
    ledgers,
    repair,
    summarize,
    verify,
)
from palimpsest.runtime.atomic import atomic_path
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import table_writer


def declare(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="list|verify|repair|export|prune")
    described = {
        "list": (list_ledgers, "print the number of completions by LLM and prompt"),
        "verify": (verify_ledgers, "check that the ledgers are intact"),
        "repair": (repair_ledgers, "keep what is sound of damaged ledgers"),
        "export": (export_ledgers, "write the completions, which contain note text, to one file"),
        "prune": (prune_unasked, "remove the completions of requests that no current study makes"),
    }
    parsers = {}
    for name, (action, text) in described.items():
        parsers[name] = actions.add_parser(name, help=text, description=text)
        parsers[name].set_defaults(action=action)
        if name != "prune":
            add_results(parsers[name])
    parsers["export"].add_argument("--out", type=Path, required=True, help=".jsonl or .parquet")
    parsers["export"].add_argument("--llm", help="only this LLM, by its file's name")
    parsers["export"].add_argument("--prompt", help="only this prompt, by its file's name")
    add_studies(parsers["prune"])
    parsers["prune"].add_argument("--dry-run", action="store_true", help="count, remove nothing")


def list_ledgers(arguments: argparse.Namespace) -> None:
    """Print the number of completions of each LLM and prompt."""
    print_table(map(summarize, ledgers(arguments.results)), "MiB on disk")


def verify_ledgers(arguments: argparse.Namespace) -> None:
    """Check every ledger. Raises UserError when one is not sound."""
    broken = 0
    for path in ledgers(arguments.results):
        problems = verify(path)
        broken += bool(problems)
        for line in problems or [f"sound, {summarize(path).completions:,} completions"]:
            print(f"{path}: {line}")
    if broken:
        raise UserError(f"{broken} ledgers are not sound: have the disk checked; {REPAIR}")


def repair_ledgers(arguments: argparse.Namespace) -> None:
    """Replace the ledgers that are not sound by what is sound of them."""
    for path in ledgers(arguments.results):
        if verify(path):
            kept, broken = repair(path)
            print(
                f"{path}: {kept:,} completions kept, {broken:,} broken rows left out; the damaged "
                f"ledger is kept as {path.with_suffix(DAMAGED).name}"
            )


def export_ledgers(arguments: argparse.Namespace) -> None:
    """Write the completions of all ledgers, or of one LLM or prompt, to one file."""
    paths = ledgers(arguments.results)
    named = {"llm_name": arguments.llm, "prompt_name": arguments.prompt}
    for name, value in named.items():
        if value:
            there = {path: getattr(summarize(path), name) for path in paths}
            paths = [path for path in paths if there[path] == value]
            if not paths:
                raise UserError(f"no ledger is of '{value}'; there are {sorted({*there.values()})}")
    tables = (table for path in paths for table in export_tables(path))
    rows = 0
    if arguments.out.suffix == ".parquet":
        with table_writer(arguments.out, EXPORTED) as writer:
            for table in tables:
                writer.write(table)
            rows = writer.rows
    elif arguments.out.suffix == ".jsonl":
        with atomic_path(arguments.out) as temporary, temporary.open("w", encoding="utf-8") as out:
            for table in tables:
                frame = table.to_pandas()
                frame.to_json(out, orient="records", lines=True, force_ascii=False)
                rows += len(frame)
    else:
        raise UserError(f"{arguments.out}: expected a name that ends in .jsonl or .parquet")
    print(f"{arguments.out}: {rows:,} completions")


def prune_unasked(arguments: argparse.Namespace) -> None:
    """Remove the completions of requests that none of the studies makes."""
    paths, studies = ledgers(arguments.results), catalogues(arguments)
    prune_ledgers(paths, studies, arguments.results, arguments.dry_run)
