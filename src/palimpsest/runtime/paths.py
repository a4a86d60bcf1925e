"""Which files the declared paths of a source stand for: the same for the workflow and its jobs.

Where jobs share no disk, these files are objects of a bucket, for Snakemake on each machine: it
calls `lie_in`. The programs of jobs find them on their own disks, where Snakemake puts them.
"""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.objects import Objects, Stamp

FOLDERS = "**"  # any number of folders, none among them
# What Snakemake takes for a wildcard, or for a variable of paths, in the name of an input.
_TAKEN = re.compile(r"\{[^{}]*\}|<[^<>/]*>")
_MAGIC = re.compile(r"[*?\[]")


class _Bucket:
    """What is seen of a bucket: each folder is listed once."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self._seen: dict[str, dict[str, Stamp]] = {}

    def below(self, folder: str | Path) -> dict[str, Stamp]:
        """The files below a folder by their paths below it; a file is below itself, unnamed."""
        key = self.objects.key(folder)
        if key not in self._seen:
            self._seen[key] = self.objects.listed(folder)
        return self._seen[key]

    def matching(self, pattern: str) -> list[str]:
        """The files and folders that a pattern stands for, as on a disk."""
        if self.below(pattern):
            return [pattern]
        parts = os.path.normpath(pattern).split("/")
        magic = next((at for at, part in enumerate(parts) if _MAGIC.search(part)), len(parts))
        base, rest = "/".join(parts[:magic]) or ".", parts[magic:]
        files = {tuple(name.split("/")) for name in self.below(base) if name} if rest else set()
        folders = {name[:end] for name in files for end in range(1, len(name))}
        found = {name for name in files if _fits(rest, name)}
        if rest and rest[-1] != FOLDERS:
            found |= {name for name in folders if _fits(rest, name)}
        return sorted(os.path.normpath("/".join((base, *name))) for name in found)


_bucket: _Bucket | None = None


def lie_in(objects: Objects | None) -> None:
    """Look for declared files in a bucket from now on; None: on this disk."""
    global _bucket
    _bucket = _Bucket(objects) if objects else None


def _fits(parts: list[str], names: tuple[str, ...]) -> bool:
    """Whether a path, name by name, is one that the parts of a pattern stand for."""
    if not parts:
        return not names
    if parts[0] == FOLDERS:
        rest = parts[1:] or ["*"]
        shown = next((at for at, name in enumerate(names) if name.startswith(".")), len(names))
        return any(_fits(rest, names[at:]) for at in range(shown + 1))
    hidden = names[:1] and names[0].startswith(".") and not parts[0].startswith(".")
    return bool(names and not hidden and fnmatchcase(names[0], parts[0])) and _fits(
        parts[1:], names[1:]
    )


def matching(patterns: Iterable[str]) -> list[str]:
    """The files that paths with `*`, `?`, `[...]` and `**` stand for, each once.

    In the order of the patterns, and by name within one; a path that is there stands for itself,
    whatever characters it has. `**` is any number of folders; those that are linked are not looked
    into. Patterns that match nothing give nothing.
    """
    found: list[str] = []
    for pattern in patterns:
        if _bucket:
            found += _bucket.matching(pattern)
        else:
            found += [pattern] if os.path.exists(pattern) else sorted(set(_matches(pattern)))
    return list(dict.fromkeys(found))


def is_folder(path: str | Path) -> bool:
    """Whether a declared path is a folder that is there."""
    return any(_bucket.below(path)) if _bucket else os.path.isdir(path)


def is_file(path: str | Path) -> bool:
    """Whether a declared path is a file that is there."""
    return "" in _bucket.below(path) if _bucket else os.path.isfile(path)


def all_files(folder: str | Path) -> list[Path]:
    """All files below a folder, by name."""
    if _bucket:
        return sorted(Path(folder, name) for name in _bucket.below(folder) if name)
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


def files_in(folder: str | Path) -> list[Path]:
    """The files of a folder itself, by name."""
    if _bucket:
        return [path for path in all_files(folder) if path.parent == Path(folder)]
    return sorted(path for path in Path(folder).iterdir() if path.is_file())


def stamp_of(path: str | Path) -> Stamp:
    """What tells a declared file that is there from another one, without reading it."""
    if _bucket:
        return _bucket.below(path)[""]
    found = os.stat(path)
    return Stamp(found.st_size, found.st_mtime_ns)


def are_read() -> bool:
    """Whether Snakemake can read declared files at once: they are on this disk."""
    return _bucket is None


def check_stars(pattern: str) -> str:
    """The pattern. Raises ValueError where `**` is no whole part of it: what should it mean?"""
    if any(FOLDERS in part and part != FOLDERS for part in pattern.split("/")):
        raise ValueError(f"'{pattern}': expected `**` alone between slashes, such as data/**/*.csv")
    return pattern


def _matches(pattern: str) -> Iterator[str]:
    parts = pattern.split("/")
    if FOLDERS not in parts:
        yield from glob.glob(pattern)
        return
    at = parts.index(FOLDERS)
    rest = "/".join(parts[at + 1 :])
    before = "/".join(parts[:at]) or ("/" if at else "")
    for base in glob.glob(before) if before else [""]:
        for folder, below, _ in os.walk(base or "."):
            below[:] = [name for name in below if not name.startswith(".")]
            place = folder if base else os.path.relpath(folder)
            inside = "" if place == "." else glob.escape(place).rstrip("/") + "/"
            for path in _matches(inside + (rest or "*")):
                if rest or os.path.isfile(path):
                    yield path


def printable(path: str) -> str:
    """A path as messages and lists can hold it: bytes that are no UTF-8 as `\\xe9`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_utf8(path: str) -> bool:
    """Whether a path is text: file systems allow any bytes."""
    return printable(path) == path


def unfit_path(path: str) -> str:
    """Why a path cannot be the input of a job, or nothing."""
    if not is_utf8(path):
        return "its name is not UTF-8"
    if _TAKEN.search(path):
        return "its name has braces or angle brackets, which Snakemake takes for a wildcard"
    if any(character in path for character in "\n\r"):
        return "its name has a line end"
    if path.startswith(("-", "~")):
        return f"it begins with '{path[0]}'"
    if is_special(path):
        return "it is a pipe or a device"
    return ""


def is_special(path: str) -> bool:
    """Whether a path is a pipe, a device or the like: reading one may never end."""
    return os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path))


def text_files(folder: str, endings: tuple[str, ...] = (".txt",)) -> list[Path]:
    """The files below a folder with some endings, by their paths below it; without linked folders.

    endings: in lower case; those of names may be in upper case.

    Raises UserError when a folder below it cannot be read; one that is not there has no files.
    """

    if _bucket:
        below = [path for path in all_files(folder) if path.name.lower().endswith(endings)]
        return sorted(below, key=lambda path: path.relative_to(folder).as_posix())

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise UserError(f"{error.filename}: cannot be read: {error.strerror}") from error

    found = []
    for parent, _, names in os.walk(folder, onerror=refuse):
        found += [Path(parent, name) for name in names if name.lower().endswith(endings)]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())
