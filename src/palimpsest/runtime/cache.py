"""Finished work kept by content, under results/state: an undone edit takes it from here.

Snakemake deletes the outputs of a job before it runs again, so what took long to make is kept
under a key of everything that it was made from, and copied to the declared outputs. A hard link
would cost no room, but an edit in place of what was delivered would then change what is kept.

Beside a finished folder lies its manifest with the SHA-256 of each file, as beside weights: what
does not fit it is no finished work, and is done again.

A key is made of what decides the numbers, and not of the code: an edit of a log line would change
that. The number RECIPE beside the training code stands for it, and a test says when to raise it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from palimpsest.runtime.atomic import sync_directory
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import check_bytes, copy, keep_only, read_fields, write_manifest
from palimpsest.runtime.identity import digest
from palimpsest.runtime.kept_objects import KeptFile, fetch_contents, remove_below, store_contents
from palimpsest.runtime.locks import lock
from palimpsest.runtime.owners import owned
from palimpsest.runtime.progress import announce
from palimpsest.runtime.schema import Declared

WORKING = ".working"
LIBRARIES = ("torch", "transformers")  # whose minor versions may change results


def work_key(recipe: int, spec: Declared, inputs: Any) -> str:
    """The key of a training: equal keys mean equal results on one kind of machine.

    recipe: the RECIPE of the training code. spec: the specification with all seeds. inputs: hashes
    of everything that is read, as JSON values.
    """
    versions = {name: _minor(name) for name in LIBRARIES}
    return digest(
        {"recipe": recipe, "spec": spec.identity(), "inputs": inputs, "versions": versions}
    )


def _minor(library: str) -> str:
    """The version of a library up to its second number; loading it would take seconds."""
    try:
        return ".".join(version(library).split(".")[:2])
    except PackageNotFoundError:
        return ""


def kept_work(state: Path) -> list["Cache"]:
    """All work of one kind that is kept, and the rooms of work that is not finished."""
    names = {path.name.removesuffix(WORKING) for path in state.glob("*") if path.is_dir()}
    return [Cache(state, name) for name in sorted(names)]


class Cache:
    """One finished piece of work, and the room in which it is made."""

    def __init__(self, state: Path, key: str) -> None:
        """state: the folder for this kind of work. key: digest of all that it is made from."""
        self.working = state / f"{key[:32]}{WORKING}"
        self.finished = state / f"{key[:32]}"
        self.manifest = state / f"{key[:32]}.json"
        self._files: dict[str, str] | None = None  # with hashes, once they were verified
        self._kept = KeptFile(self.manifest)

    @contextmanager
    def alone(self) -> Iterator[int]:
        """Keep every other process out of the working room while the block runs.

        Gives the descriptor of the lock, for processes that work on when this one is killed.

        Where one is there already (the same work under another name, or a job that outlived its
        driver) this waits for it; look again afterwards whether the work is finished.
        """
        self.working.parent.mkdir(parents=True, exist_ok=True)
        with self.working.with_suffix(".lock").open("w") as held:
            if not lock(held.fileno(), self.working):
                announce(f"{self.working}: waiting for another process that is at this very work")
                lock(held.fileno(), self.working, wait=True)
            with owned(self.working, wait=True):
                yield held.fileno()

    def is_finished(self) -> bool:
        """Whether this very work was finished before, and is what it was then."""
        if self._files is None and not self.finished.is_dir() and self._kept.fetch():
            self._fetch()
        if self._files is None and self.finished.is_dir():
            try:
                files = self.stored()
                for name, sha256 in files.items():
                    check_bytes(self.finished / name, sha256)
            except UserError as error:
                announce(f"kept work is damaged, so it is done again: {error}")
            else:
                self._files = files
        return self._files is not None

    def _fetch(self) -> None:
        """Take what another pod finished: its manifest is here. Nothing, where that is damaged."""
        try:
            files: dict[str, str] = read_fields(self.manifest, "files")["files"]
        except UserError as error:
            announce(f"{self.manifest}: damaged, so the work is done again: {error}")
            return
        fetch_contents(self.finished, files)

    def _described(self) -> Path:
        """The manifest of the finished files.

        A development version before 0.1 wrote none: then what is there is taken for whole, once,
        as it may have taken days to make.
        """
        if not self.manifest.exists():
            announce(f"{self.finished}: kept without hashes; they are taken of what is there")
            names = sorted(path.name for path in self.finished.iterdir())
            write_manifest(self.manifest, described(self.finished, names))
        return self.manifest

    def finish(self, files: Path) -> None:
        """Keep the files of a folder as the finished work, and drop the working room."""
        for path in files.iterdir():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
        # What did not fit its manifest, or was killed between the two lines below.
        shutil.rmtree(self.finished, ignore_errors=True)
        manifest = described(files, sorted(path.name for path in files.iterdir()))
        write_manifest(self.manifest, manifest)
        os.replace(files, self.finished)
        sync_directory(self.finished.parent)
        self._files = manifest["files"]
        store_contents(self.finished, self._files)
        if self._kept.replace():
            shutil.rmtree(self.finished)
            self._fetch()
            self._files = None
            if not self.is_finished():
                raise UserError(f"{self.finished}: another job kept this work and then changed it")
        shutil.rmtree(self.working, ignore_errors=True)
        remove_below(self.working)

    def stored(self) -> dict[str, str]:
        """The SHA-256 of each finished file, as it was kept; nothing of work that is not finished.

        Raises UserError when the manifest is damaged.
        """
        if not self.finished.is_dir():
            return {}
        files: dict[str, str] = read_fields(self._described(), "files")["files"]
        return files

    def drop(self) -> bool:
        """Remove the work; returns whether no other process is at it."""
        with self.working.with_suffix(".lock").open("w") as held:
            if not lock(held.fileno(), self.working):
                return False
            for folder in (self.finished, self.working):
                shutil.rmtree(folder, ignore_errors=True)
            self.manifest.unlink(missing_ok=True)
        return True

    def deliver(self, target: Path, *names: str) -> None:
        """Make `target` a folder of copies of the named files alone."""
        keep_only(target, names)
        for name in names:
            self.copy(name, target / name)

    def copy(self, name: str, target: Path) -> None:
        """Copy one of the finished files. Raises UserError when it is not what was finished."""
        assert self._files is not None, "it was not asked whether the work is finished"
        copy(self.finished / name, target, self._files[name])
