"""The shell in which the workflow runs a job's program, wherever the project and Snakemake lie."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from palimpsest.runtime.environments import jobs_environment, packages_of
from palimpsest.runtime.errors import UserError


def literal(text: str) -> str:
    """Text that Snakemake's formatting leaves as it is: a brace of the project's folder is none."""
    return text.replace("{", "{{").replace("}", "}}")


def job_prefix(root: Path, network: bool, scratch: bool = False) -> str:
    """What the command of every job begins with.

    The package is found without an installation, also in conda environments, and programs by their
    path below the project, in whatever folder the job runs. A program replaces the shell, so that
    it gets its signals, and reads nothing from the terminal. Descriptor 3 is the terminal, for
    progress lines; other output goes to the log.
    root: the project's folder. network: whether the study allows it. scratch: whether the job's
    `tmpdir`, which Snakemake gives it as TMPDIR, was declared: then work in progress is there.
    Raises UserError where no command can name the folder.
    """
    for sign, called in ((":", "a colon"), ("\n", "a line break")):
        if sign in str(root):
            raise UserError(
                f"the project's folder {str(root)!r} has {called} in its name, which PYTHONPATH "
                "cannot hold; move the project to another folder"
            )
    parts = (
        "set -euo pipefail",
        f"export PYTHONPATH={shlex.quote(str(root / 'src'))}",
        f'python() {{ program="$1"; shift; exec python {shlex.quote(str(root))}/"$program" "$@"; '
        f"}}",
        f"export PALIMPSEST_PROGRESS_FD=3 PALIMPSEST_NETWORK={int(network)}",
        'export PALIMPSEST_SCRATCH="$TMPDIR"' if scratch else "unset PALIMPSEST_SCRATCH",
        "exec 3>&2 </dev/null",
    )
    return "; ".join(parts) + "; "


def declares_scratch(defaults: Mapping[str, Any]) -> bool:
    """Whether a profile's default resources declare `tmpdir`. Snakemake's own is system_tmpdir."""
    tmpdir = defaults.get("tmpdir")
    return tmpdir is not None and tmpdir.raw != "system_tmpdir"


def call_own_python(interpreter: str | None = None) -> None:
    """Let `python` be, in this process and its jobs, the interpreter in which jobs run.

    That is the one that runs Snakemake, if its environment names no other: then what depends on the
    versions of packages sees the jobs'. A conda environment of a rule comes before it.
    Raises UserError where there is no `python`.
    """
    if interpreter is None and (environment := jobs_environment()):
        interpreter = str(environment / "bin" / "python")
        if (packages := str(packages_of(environment))) not in sys.path:
            sys.path.append(packages)  # behind Snakemake's own
    interpreter = interpreter or sys.executable
    folder, inherited = str(Path(interpreter).parent), os.environ.get("PATH", os.defpath)
    if os.pathsep in folder or not shutil.which("python", path=folder):
        folder = ""  # such as /usr/bin/python3 alone: what is activated decides
    elif inherited.split(os.pathsep)[0] == folder:
        return
    found = os.pathsep.join(filter(None, (folder, inherited)))
    if not shutil.which("python", path=found):
        raise UserError(
            f"jobs call 'python', and there is none beside {interpreter} or in PATH; activate the "
            "environment in which Palimpsest is installed"
        )
    os.environ["PATH"] = found
