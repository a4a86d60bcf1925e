"""Install what submits jobs to SLURM into an environment of its own, made if it is not there.

    .venv/bin/python scripts/project/install_driver.py .venv-slurm

Run by the Makefile, after .venv was installed, with its Python. Snakemake's executor plugin and
vLLM's mistral-common want different versions of numpy, so no environment can have both. This one
has [core] of the lock, and what requirements-slurm.lock has before it; jobs run in .venv.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import bundled
from install import ROOT, pip, pip_locked, run, step, target
from lock import DRIVER_LOCK, DRIVER_SECTIONS, Lock, read_lock

from palimpsest.runtime.environments import JOBS_FILE


def driver_requirements(lock: Lock, driver: Lock) -> list[str]:
    """The lines of the driver's pins: the driver's own, and those of [core] beside them."""
    core = lock.requirements(target(), "core", without=driver["slurm"])
    return core + driver.requirements(target(), "slurm")


def install(python: Path, lock: Lock, driver: Lock) -> None:
    """Install the driver's pins with its pip, from the bundle where this is one."""
    requirements = driver_requirements(lock, driver)
    pins = [line.removesuffix(" \\") for line in requirements if "==" in line]
    with step(f"[1/3] {len(pins)} packages"):
        if (ROOT / bundled.MANIFEST).exists():
            os.environ["PIP_CONFIG_FILE"] = os.devnull
            files = bundled.read_manifest(ROOT)["files"]
            bundled.verify(
                ROOT, {name: files[name] for name in files if name.startswith("bundle/")}
            )
            folders = [
                f"--find-links={ROOT / folder}"
                for folder in (bundled.WHEELS, bundled.DRIVER_WHEELS)
            ]
            pip(python, "--no-deps", "--no-index", *folders, *pins)
        else:
            pip_locked(python, requirements)


def compile_packages(python: Path) -> None:
    """Compile what was installed: jobs load it on every node, and may write nothing there.

    Packages ship files for other Pythons, which do not compile: that is no failure.
    """
    command = [python, "-m", "compileall", "-q", "-j", "0", python.parents[1] / "lib"]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("venv", type=Path, help="folder of the virtual environment")
    venv = parser.parse_args().venv.resolve()
    python = venv / "bin" / "python"
    try:
        lock = read_lock(ROOT / "requirements.lock")
        driver = read_lock(ROOT / DRIVER_LOCK, DRIVER_SECTIONS)
        run(sys.executable, "-m", "venv", venv)
        install(python, lock, driver)
        with step("[2/3] bytecode"):
            compile_packages(python)
        with step("[3/3] pip check"):
            run(python, "-m", "pip", "check")
        named = os.path.relpath(sys.prefix, venv)
        (venv / JOBS_FILE).write_text(f"{named}\n", encoding="utf-8")
    except (RuntimeError, ValueError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
