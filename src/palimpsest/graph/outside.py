"""Files outside the results, such as a source's: what tells a job that they are others.

Snakemake runs a job for an input that is newer than what was made of it, so a file that is replaced
by an older copy would go unseen, with patients in the results who were taken out of it. Therefore
these files decide by a digest in the job's specification, and as inputs they are `Data`.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from palimpsest.runtime.files import sha256_file
from palimpsest.runtime.identity import digest
from palimpsest.runtime.paths import are_read, is_file, is_folder, stamp_of

SMALL = 1 << 26  # bytes of a job's files together whose content counts; they are read in 0.1 s


def outside_digest(
    paths: Iterable[str], below: Callable[[str], Iterable[Path]] = lambda folder: []
) -> str:
    """What some files and folders are, for a specification; nothing where there are none.

    It is their names and contents, so that a copy with new times reruns nothing. Where they are
    large together, planning would take long: then it is their names, sizes and times. Of objects in
    a bucket it is names, sizes and versions.

    below: the files of a folder that are read.
    """
    files = [file for path in paths for file in _files(path, below)]
    if not files:
        return ""
    stamps = [(file, *stamp_of(file)) for file in files]
    if are_read() and sum(size for _, size, _ in stamps) <= SMALL:
        return digest([[ascii(stamp[0]), _content(*stamp)] for stamp in stamps])
    return digest([[ascii(file), size, version] for file, size, version in stamps])


def _files(path: str, below: Callable[[str], Iterable[Path]]) -> list[Path]:
    found = below(path) if is_folder(path) else [Path(path)]
    return [file for file in found if is_file(file)]  # a dry run can plan without them


@cache
def _content(file: Path, size: int, version: str | int) -> str:
    """The SHA-256 of a file, read once for its jobs and for what Snakemake asks of each twice."""
    return sha256_file(file)
