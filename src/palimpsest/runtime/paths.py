"""Which files the declared paths of a source stand for: the same for the workflow and its jobs."""

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from palimpsest.runtime.errors import UserError

FOLDERS = "**"  # any number of folders, none among them
# What Snakemake takes for a wildcard, or for a variable of paths, in the name of an input.
_TAKEN = re.compile(r"\{[^{}]*\}|<[^<>/]*>")


def matching(patterns: Iterable[str]) -> list[str]:
    """The files that paths with `*`, `?`, `[...]` and `**` stand for, each once.

    In the order of the patterns, and by name within one; a path that is there stands for itself,
    whatever characters it has. `**` is any number of folders; those that are linked are not looked
    into. Patterns that match nothing give nothing.
    """
    found: list[str] = []
    for pattern in patterns:
        found += [pattern] if os.path.exists(pattern) else sorted(set(_matches(pattern)))
    return list(dict.fromkeys(found))


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

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise UserError(f"{error.filename}: cannot be read: {error.strerror}") from error

    found = []
    for parent, _, names in os.walk(folder, onerror=refuse):
        found += [Path(parent, name) for name in names if name.lower().endswith(endings)]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())
