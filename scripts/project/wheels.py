"""Which files a pin is, by Python and machine: what pip would install, without installing it.

Standard library only, and pip of the environment that runs this: it asks the index that pip is
configured for, and that alone.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")  # x86-64 and ARM64
# Of the C library that a wheel may need: Ubuntu 22.04 has 2.35, RHEL 9 has 2.34.
NEWEST_GLIBC = 35
# Nothing is installed, and pip wants to know where.
NOWHERE = os.path.join(tempfile.gettempdir(), "palimpsest-no-such-folder")
NONE_FOUND = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)==")


class Found(NamedTuple):
    """A file that pip would take, by its name and hash.

    sha256: 64 hex digits; empty where the index gives none, as that of torch's builds may.
    """

    filename: str
    sha256: str


def platforms(machine: str) -> list[str]:
    """The options by which pip takes wheels for a machine with Linux and glibc."""
    names = [f"manylinux_2_{minor}_{machine}" for minor in range(5, NEWEST_GLIBC + 1)]
    names += [f"manylinux{old}_{machine}" for old in ("1", "2010", "2014")]
    return [option for name in names for option in ("--platform", name)]


def asked_pip(*arguments: str, python: str | Path = sys.executable) -> tuple[dict[str, Found], str]:
    """The files that `pip install` would take, by name of the package, and else what it says."""
    command = [str(python), "-m", "pip", "install", "--dry-run", "--ignore-installed"]
    command += ["--no-deps", "--no-input", "-q", "--report", "-", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    if done.returncode:
        return {}, done.stderr
    found = {}
    for entry in json.loads(done.stdout)["install"]:
        origin = entry["download_info"]
        filename = origin["url"].rpartition("/")[2].replace("%2B", "+")
        sha256 = origin.get("archive_info", {}).get("hashes", {}).get("sha256", "")
        found[re.sub(r"[-_.]+", "-", entry["metadata"]["name"]).lower()] = Found(filename, sha256)
    return found, ""


def wheels(pins: Sequence[str], python: str, machine: str) -> dict[str, Found]:
    """The wheels of some pins on a Python and a machine; a package without one is not among them.

    Raises RuntimeError with what pip says if that is anything but a missing wheel.
    """
    target = ["--only-binary", ":all:", "--python-version", python, "--target", NOWHERE]
    target += platforms(machine)
    waiting = list(pins)
    while waiting:
        found, said = asked_pip(*target, *waiting)
        if found:
            return found
        missing = NONE_FOUND.search(said)
        if not missing:
            raise RuntimeError(f"pip failed for Python {python} on {machine}:\n{said}")
        waiting = [pin for pin in waiting if pin.partition("==")[0] != missing[1].lower()]
    return {}


def with_build(requirements: list[str], pin: str, python: str | Path) -> list[str]:
    """Requirements in which a pin names the build that pip finds, such as `torch===2.13.0+cpu`.

    Where hashes decide, pip itself would rather take another build, of an index that gives hashes.
    """
    name, _, version = pin.partition("==")
    found, _ = asked_pip(pin, python=python)
    if name in found:
        version = found[name].filename.split("-")[1]
    return [line.replace(pin, f"{name}==={version}", 1) for line in requirements]


def source(pin: str) -> Found | None:
    """The source distribution of a pin, where there is one that pip can read."""
    name = pin.partition("==")[0]
    found, _ = asked_pip("--no-binary", name, pin)
    return found.get(name)


class Files(NamedTuple):
    """The files of a pin.

    hashes: sorted. without: the targets without a wheel, such as `3.13 aarch64`; there it is built
    from its source, if there is that, or cannot be had: `3.13 aarch64 (nor source)`.
    """

    hashes: list[str]
    without: list[str]


def files_of(pins: dict[str, str]) -> dict[str, Files]:
    """What pip would take for each of some pins (name -> version), on every target."""
    hashes: dict[str, set[str]] = {name: set() for name in pins}
    without: dict[str, list[str]] = {name: [] for name in pins}
    exact = [f"{name}=={version}" for name, version in pins.items()]
    for python in PYTHONS if pins else ():
        for machine in MACHINES:
            found = wheels(exact, python, machine)
            for name in pins:
                if name in found:
                    hashes[name].add(found[name].sha256)
                else:
                    without[name].append(f"{python} {machine}")
            # A build of this machine's own, such as torch's for CPUs, hides that of the index.
            local = [name for name, file in found.items() if "+" in file.filename]
            for name in local:
                plain = wheels([f"{name}==={pins[name]}"], python, machine)
                hashes[name] |= {file.sha256 for file in plain.values()}
    for name in pins:
        if without[name]:
            archive = source(f"{name}=={pins[name]}")
            if archive:
                hashes[name].add(archive.sha256)
            else:
                without[name] = [f"{target} (nor source)" for target in without[name]]
    return {name: Files(sorted(hashes[name] - {""}), without[name]) for name in pins}


def environment() -> dict[str, str]:
    """Without a constraint of the machine: the lock is one."""
    return {**os.environ, "PIP_CONSTRAINT": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
