"""What the command-line programs under scripts/ have in common.

A program of a job is given its inputs, its outputs and one specification: JSON of a typed object,
which is also what Snakemake compares. Its key `wildcards` names the job, and every manifest that
the program writes records it: who reads an output learns from there what it is of.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from palimpsest.runtime.errors import UserError, in_one_line
from palimpsest.runtime.faults import GOES_ON, explained, full_disk, stoppable
from palimpsest.runtime.origins import WILDCARDS, record

__all__ = ["WILDCARDS", "parser", "run", "specification"]


def specification(kind: Any) -> Callable[[str], Any]:
    """The type of an argument that holds a specification: JSON of a `kind`, with `wildcards`."""

    def read(text: str) -> Any:
        from pydantic import TypeAdapter, ValidationError  # a command that looks up needs none

        try:
            value = json.loads(text)
            if isinstance(value, dict) and WILDCARDS in value:
                record(value.pop(WILDCARDS))
            return TypeAdapter(kind).validate_python(value)
        except ValidationError as error:
            found = error.errors()[0]
            key = ".".join(map(str, found["loc"])) or "the whole"
            raise UserError(f"--spec: {key}: {found['msg']}") from error
        except ValueError as error:
            raise UserError(f"--spec: expected JSON: {error}") from error

    return read


def run(main: Callable[[argparse.Namespace], None], parser: argparse.ArgumentParser) -> None:
    """Parse the arguments and run `main`.

    A UserError becomes one line and exit status 1, as what a disk, the memory or a signal does.
    """
    # Nothing is fetched behind the user's back: a study that allows network says so, and the
    # weights stage alone then lifts this.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    paths: list[Path] = []
    with in_one_line():
        try:
            with stoppable(), explained():
                if job := os.environ.get("SLURM_JOB_ID"):
                    print(f"SLURM job {job}", file=sys.stderr, flush=True)
                arguments = parser.parse_args()
                paths = [value for value in vars(arguments).values() if isinstance(value, Path)]
                main(arguments)
        except UserError:
            raise
        except Exception as error:
            # Some libraries say no more than that writing failed; what was to be written is not
            # there.
            if (full := full_disk(path for path in paths if not path.is_file())) is None:
                raise
            raise UserError(f"{full}: its disk is full or read-only. {GOES_ON}") from error


def parser(description: str | None, *paths: str, spec: Any = None) -> argparse.ArgumentParser:
    """An argument parser with the given options, each a path.

    They are required. An option that ends in `+` takes several paths, as in argparse, and one that
    ends in `*` takes any number: it may be left out, which is an empty list.
    spec: the type of `--spec`, where the program has one.
    """
    made = argparse.ArgumentParser(description=description)
    for path in paths:
        name = path.rstrip("+*")
        number = path.removeprefix(name) or None
        made.add_argument(name, type=Path, nargs=number, required=number != "*", default=[])
    if spec is not None:
        read = specification(spec)
        made.add_argument("--spec", type=read, required=True, help="what is asked for, as JSON")
    return made
