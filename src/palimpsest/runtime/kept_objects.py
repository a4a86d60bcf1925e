"""State in a bucket: what a pod kept is there for the next one, however the first one ended.

Without a bucket nothing here does anything: the disk keeps it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from palimpsest.runtime.atomic import temporary_folder
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import check_bytes, read_json
from palimpsest.runtime.objects import ChangedError, own_objects
from palimpsest.runtime.progress import announce


class KeptFile:
    """One file that has one writer at a time: the bucket's version of it, and how it is replaced.

    Two jobs may begin with the same version, where a pod outlived its Snakemake. The first one
    to store its own then makes the other fail: nothing that was stored is ever lost.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.objects = path, own_objects()
        self.version: str | None = None

    def fetch(self) -> bool:
        """Make the file that of the bucket, if that has one; returns whether it has."""
        if self.objects:
            self.version = self.objects.fetch(self.path)
        return self.version is not None

    def store(self) -> None:
        """Return when the bucket has the file. Raises ChangedError where it has another one."""
        if self.objects:
            self.version = self.objects.store(self.path, self.version)

    def replace(self) -> bool:
        """Store the file, or where another process was first make it that one's; whether it was."""
        try:
            self.store()
        except ChangedError:
            announce(f"{self.path}: another job was first to keep it, so its work is taken")
            return self.fetch()
        return False


def fetch_below(
    folder: Path, ending: str, wanted: Callable[[Path], bool] = lambda path: True
) -> None:
    """Make the files of an ending below a folder those of the bucket, as far as they are wanted."""
    if objects := own_objects():
        for name in objects.listed(folder):
            if name.endswith(ending) and wanted(folder / name):
                objects.fetch(folder / name)


def names_below(folder: Path) -> list[str]:
    """The objects below a folder, by their paths below it."""
    objects = own_objects()
    return sorted(objects.listed(folder)) if objects else []


def remove_below(folder: Path) -> None:
    """Remove what the bucket has below a folder."""
    if objects := own_objects():
        objects.remove(folder)


def store_contents(folder: Path, files: Mapping[str, str]) -> None:
    """Put the files of a folder into the bucket, each under its hash.

    files: SHA-256 by name. So two jobs that make the same folder never mix their files: what names
    the hashes is stored afterwards, and says which belong together.
    """
    if objects := own_objects():
        there = objects.listed(folder)
        for name, sha256 in files.items():
            if sha256 not in there:
                objects.upload(folder / name, folder / sha256)


def fetch_contents(folder: Path, files: Mapping[str, str], mark: str = "") -> bool:
    """Make a folder that is not here the files that were stored of it; returns whether they are
    what they were. mark: a file that is under its own name, if any.

    What is damaged there is removed, so that it can be stored again.
    """
    objects = own_objects()
    if objects is None:
        return False
    with temporary_folder(folder) as room:
        whole = room / "whole"
        whole.mkdir()
        for name, sha256 in files.items():
            if not objects.download(folder / sha256, whole / name):
                announce(f"{folder}: what was kept lacks {name}, so it is not taken")
                return False
            try:
                check_bytes(whole / name, sha256)
            except UserError as error:
                announce(f"{folder}: what was kept is damaged, so it is not taken: {error}")
                objects.remove(folder / sha256)
                return False
        if mark and not objects.download(folder / mark, whole / mark):
            return False
        whole.rename(folder)
    return True


def store_marked(folder: Path, mark: str) -> None:
    """Put a folder into the bucket. mark: its file with the SHA-256 of the others by name."""
    if objects := own_objects():
        store_contents(folder, read_json(folder / mark))
        objects.upload(folder / mark, folder / mark)


def fetch_marked(folder: Path, mark: str) -> bool:
    """Make a folder that is not here what `store_marked` stored; returns whether it is that."""
    objects = own_objects()
    if objects is None:
        return False
    with temporary_folder(folder) as room:
        if not objects.download(folder / mark, room / mark):
            return False
        try:
            files = read_json(room / mark)
        except UserError as error:
            announce(f"{folder}: what was kept is damaged, so it is not taken: {error}")
            return False
    return isinstance(files, dict) and fetch_contents(folder, files, mark)
