"""The command `palimpsest`: what is not a step of the workflow. Run it where Snakemake runs.

Every module in `commands/` is a command of its name: its docstring begins with what it is for, it
declares its arguments and runs. What several commands need of studies is in `studies.py`.
"""

import argparse
import ast
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from palimpsest.runtime import cli

COMMANDS = Path(__file__).parent / "commands"


class _Command(argparse.ArgumentParser):
    """The parser of one command, whose module is imported when the command is asked for.

    Others need not wait for it: one that only looks something up takes half a second.
    """

    module: str | None = None

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        if self.module:
            command, self.module = import_module(self.module), None
            self.set_defaults(action=getattr(command, "run", None))  # or its own commands have one
            command.declare(self)
        return super().parse_known_args(args, namespace)


def arguments_parser() -> argparse.ArgumentParser:
    """The command's arguments: those of every module in `commands/`."""
    made = argparse.ArgumentParser(prog="palimpsest", description="Tools beside the workflow.")
    listed = made.add_subparsers(required=True, metavar="COMMAND", parser_class=_Command)
    for path in sorted(COMMANDS.glob("[!_]*.py")):
        purpose = purpose_of(path)
        told = purpose[0].lower() + purpose[1:].rstrip(".")
        parser = listed.add_parser(path.stem, help=told, description=purpose)
        parser.module = f"{__name__}.commands.{path.stem}"
    return made


def purpose_of(path: Path) -> str:
    """What a command is for: the first line of its module's docstring."""
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert told, f"{path.name} has no docstring"
    return told.partition("\n")[0]


def main() -> None:
    """Run the command."""
    cli.run(lambda arguments: arguments.action(arguments), arguments_parser())
