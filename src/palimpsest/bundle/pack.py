"""A bundle: the project, wheels and weights in one tar, with the SHA-256 of every file.

scripts/project/install.py, which is packed with it, verifies the files where they are unpacked.
"""

import platform
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from palimpsest.runtime.atomic import atomic_path
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import sealed, sha256_file, write_json

# What the project is, whatever else lies in its folder: notes, results, environments.
FILES = (".gitattributes", ".gitignore", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md")
FILES += ("LICENSE", "Makefile", "README.md", "Snakefile", "pyproject.toml", "requirements.lock")
FILES += ("requirements-slurm.lock", "results/README.md")
FOLDERS = ("benchmarks", "config", "docs", "envs", "profiles", "rules", "scripts", "src", "tests")
NO_FILES = ("__pycache__", ".snakemake")
TOP = "palimpsest"  # the folder that a bundle unpacks into
PLACE = Path("bundle")  # of what is not the project's, within that folder
MANIFEST = "manifest.json"


def project_files(root: Path) -> list[Path]:
    """The project's files, relative to its folder, sorted."""
    found = [Path(name) for name in FILES if (root / name).is_file()]
    for folder in FOLDERS:
        for path in (root / folder).rglob("*"):
            inside = path.relative_to(root)
            if path.is_file() and not set(NO_FILES) & set(inside.parts):
                found.append(inside)
    return sorted(found)


def study_file(study: Path, root: Path) -> Path:
    """Where a study lies within the project. Raises UserError if it lies elsewhere."""
    place = study.resolve()
    if not place.is_relative_to(root.resolve()):
        raise UserError(f"{study}: a bundle has the project's folder; expected a study within it")
    return place.relative_to(root.resolve())


def pack(target: Path, root: Path, studies: Iterable[Path], gathered: Path) -> dict[str, int]:
    """Write a bundle, and return how many files of which kind it has.

    gathered: a folder with what goes into PLACE, such as `wheels` and `weights`; its manifest is
    written here. Same files, same bytes.
    """
    project = sorted({*project_files(root), *(study_file(study, root) for study in studies)})
    brought = sorted(path.relative_to(gathered) for path in gathered.rglob("*") if path.is_file())
    files = {path.as_posix(): root / path for path in project}
    files |= {(PLACE / path).as_posix(): gathered / path for path in brought}
    manifest = {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "machine": platform.machine(),
        "files": {name: sha256_file(path) for name, path in files.items()},
    }
    write_json(gathered / MANIFEST, sealed(manifest))
    with atomic_path(target) as temporary, temporary.open("wb") as out:
        _write(out, {(PLACE / MANIFEST).as_posix(): gathered / MANIFEST, **files})
    return {
        "files of the project": len(project),
        "wheels": sum(path.suffix == ".whl" for path in brought),
        "weights": sum(path.suffix == ".safetensors" for path in brought),
    }


def _write(out: IO[bytes], files: dict[str, Path]) -> None:
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry, path in _entries(files):
            with path.open("rb") as content:
                archive.addfile(entry, content)


def _entries(files: dict[str, Path]) -> Iterator[tuple[tarfile.TarInfo, Path]]:
    """Files as a tar has them, without the time and owner that they have here."""
    for name, path in files.items():
        entry = tarfile.TarInfo(f"{TOP}/{name}")
        status = path.stat()
        entry.size = status.st_size
        entry.mode = 0o755 if status.st_mode & 0o100 else 0o644
        yield entry, path
