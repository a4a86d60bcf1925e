"""Pin what jobs that share no disk need beside the lock: Snakemake's plugins for S3 and Kubernetes.

    .venv/bin/python scripts/project/write_pods.py

It writes envs/pods.lock: what pip would take for the extra `pods` of pyproject.toml beside the
lock, with hashes as in the lock. Nothing of it is installed by `make`: images have it, and
`make test-cluster`. It is no section of the lock, as botocore declares an older python-dateutil
than the lock has, with which it runs: so pip must be told `--no-deps`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from lock import Lock, normalised, read_lock
from packaging.requirements import Requirement
from wheels import environment, files_of
from write_lock import block

ROOT = Path(__file__).resolve().parents[2]
PODS = ROOT / "envs" / "pods.lock"
EVERYWHERE = ("core", "train", "demo")  # sections of the lock that every environment has
LEFT_OUT = ("python-dateutil",)  # the lock's own is newer than what botocore declares
HEADER = """\
# What jobs that share no disk need beside requirements.lock, pinned. Written by
# scripts/project/write_pods.py from pyproject.toml: do not edit.
# Install it with `pip install --no-deps --require-hashes -r`.
"""


def declared(pyproject: dict) -> list[Requirement]:
    """The plugins and libraries that the extra `pods` names."""
    return [Requirement(line) for line in pyproject["project"]["optional-dependencies"]["pods"]]


def beside(lock: Lock, starts: list[Requirement]) -> dict[str, str]:
    """Name and version of what the requirements need and what not every environment has.

    Raises RuntimeError with what pip says where there is no answer.
    """
    pins = {name: version for section in lock.values() for name, version in section.items()}
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as held:
        held.writelines(
            f"{name}=={version}\n" for name, version in pins.items() if name not in LEFT_OUT
        )
        held.flush()
        found = resolved([str(start) for start in starts], held.name)
    common = {name for section in EVERYWHERE for name in lock[section]}
    return {name: found[name] for name in sorted(found) if name not in common | set(LEFT_OUT)}


def resolved(requirements: list[str], constraints: str) -> dict[str, str]:
    """What pip would install for requirements, with what they need, under some constraints."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "-q"]
    command += ["--no-input", "--report", "-", "-c", constraints, *requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    if done.returncode:
        raise RuntimeError(f"pip failed for {requirements}:\n{done.stderr}")
    entries = [entry["metadata"] for entry in json.loads(done.stdout)["install"]]
    return {normalised(entry["name"]): entry["version"] for entry in entries}


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    try:
        pins = beside(read_lock(ROOT / "requirements.lock"), declared(pyproject))
        blocks = {name: block(name, pins[name], files) for name, files in files_of(pins).items()}
    except (LookupError, ValueError, RuntimeError) as error:
        sys.exit(f"error: {error}")
    text = HEADER + "".join(f"{line}\n" for name in pins for line in blocks[name])
    PODS.write_text(text, encoding="utf-8", newline="\n")
    print(f"{PODS.relative_to(ROOT)}: {len(pins)} packages")


if __name__ == "__main__":
    main()
