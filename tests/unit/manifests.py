"""Manifests of folders of weights, which whatever loads from them asks for."""

from pathlib import Path

from palimpsest.runtime.checkpoints import CARD, described
from palimpsest.runtime.files import write_manifest


def describe(folder: Path) -> Path:
    """Write the manifest of a folder as it is, and return the folder."""
    names = sorted(path.name for path in folder.iterdir() if path.name != CARD)
    write_manifest(Path(f"{folder}.json"), described(folder, names))
    return folder
