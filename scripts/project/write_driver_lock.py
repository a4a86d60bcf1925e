"""Pin what submits jobs to SLURM, the extra `slurm`, in the versions of an environment.

    .venv-slurm/bin/python scripts/project/write_driver_lock.py

The environment is the one that runs this. It writes requirements-slurm.lock: what the extra needs
beyond [core] of requirements.lock, or in another version. To update, install the new version into
.venv-slurm first.
"""

from __future__ import annotations

import argparse
import sys
import tomllib

from lock import DRIVER_LOCK, DRIVER_SECTIONS, Lock, read_lock
from packaging.requirements import Requirement
from write_lock import ROOT, closure, sections_text

HEADER = """\
# What submits jobs to SLURM: [core] of requirements.lock, but with these. Written by
# scripts/project/write_driver_lock.py from pyproject.toml and an installed environment.
# scripts/project/install_driver.py installs it (`make slurm` does).
"""


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["slurm"]
    path = ROOT / DRIVER_LOCK
    try:
        core = read_lock(ROOT / "requirements.lock")["core"]
        found = closure(map(Requirement, declared))
        own = {name: found[name] for name in sorted(found) if core.get(name) != found[name]}
        before = read_lock(path, DRIVER_SECTIONS) if path.exists() else Lock()
        text = HEADER + sections_text({"slurm": own}, before, DRIVER_SECTIONS)
    except (LookupError, ValueError, RuntimeError) as error:
        sys.exit(f"error: {error}")
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.name}: {', '.join(f'{name} {version}' for name, version in own.items())}")


if __name__ == "__main__":
    main()
