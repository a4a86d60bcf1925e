"""Which files the declared paths of a source stand for: the same for the workflow and its jobs."""

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from palimpsest.runtime.errors import UserError


def matching(patterns: Iterable[str]) -> list[str]:
    """The files that paths with `*`, `?` and `[...]` stand for, each once.

    In the order of the patterns, and by name within one; a path that is there stands for itself,
    whatever characters it has. Patterns that match nothing give nothing.
    """
    found: list[str] = []
    for pattern in patterns:
        found += [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern))
    return list(dict.fromkeys(found))


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
