"""Verifies what `palimpsest bundle` packed, where it was unpacked.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

MANIFEST = Path("bundle/manifest.json")
WHEELS = "bundle/wheels"  # of .venv
DRIVER_WHEELS = "bundle/wheels-slurm"  # what .venv-slurm has before those


def digest(fields: dict) -> str:
    """The digest of a manifest over its other fields; see palimpsest.runtime.identity."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        found = hashlib.sha256()
        while part := stream.read(1 << 20):
            found.update(part)
    return found.hexdigest()


def read_manifest(root: Path) -> dict:
    """The manifest of the bundle that was unpacked to `root`. Raises RuntimeError if damaged."""
    path = root / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest.pop("digest") == digest(manifest):
            return manifest
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        pass
    raise RuntimeError(f"{path}: it is not what was packed; copy the bundle again")


def check_target(manifest: dict, target: str) -> None:
    """Raises RuntimeError for another Python or machine than that which the wheels are for."""
    packed = f"{manifest['python']} {manifest['machine']}"
    if packed != target:
        raise RuntimeError(
            f"the bundle's wheels are for Python {packed}, and this is Python {target}. Name "
            "another Python (make PYTHON=python3.11), or pack a bundle with this one"
        )


def verify(root: Path, files: dict[str, str]) -> None:
    """Raises RuntimeError, naming the file, where one is missing, changed, or was not packed.

    files: SHA-256 by path below `root`.
    """
    for name, expected in files.items():
        path = root / name
        if not path.is_file():
            raise RuntimeError(f"{path}: it is missing; copy the bundle again")
        if sha256(path) != expected:
            raise RuntimeError(f"{path}: it is not what was packed; copy the bundle again")
    for path in sorted((root / MANIFEST).parent.rglob("*")):
        if path.is_file() and path.relative_to(root).as_posix() not in {*files, str(MANIFEST)}:
            raise RuntimeError(f"{path}: it was not packed; move it elsewhere")


def wheels(root: Path, files: dict[str, str]) -> list[str]:
    """The paths of the wheels of .venv, sorted."""
    return sorted(str(root / name) for name in files if name.startswith(f"{WHEELS}/"))
