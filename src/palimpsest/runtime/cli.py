"""What the command-line programs under scripts/ have in common."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from palimpsest.runtime.errors import UserError


def json_argument(text: str) -> Any:
    """An argument that holds JSON, as rules pass identities."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected JSON: {error}") from error


def run(main: Callable[[argparse.Namespace], None], parser: argparse.ArgumentParser) -> None:
    """Parse the arguments and run `main`; a UserError becomes one line and exit status 1."""
    # Nothing is fetched behind the user's back: a study that allows network says so, and the
    # weights stage alone then lifts this.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    arguments = parser.parse_args()
    try:
        main(arguments)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


def parser(description: str | None, *paths: str) -> argparse.ArgumentParser:
    """An argument parser with the given required options, each a path."""
    made = argparse.ArgumentParser(description=description)
    for path in paths:
        made.add_argument(path, type=Path, required=True)
    return made
