"""Finished work kept by content, under results/state: an undone edit takes it from here.

Snakemake deletes the outputs of a job before it runs again, so what took long to make is kept
under a key of everything that it was made from, and given to the declared outputs as hard links.

A key is made of what decides the numbers, and not of the code: an edit of a log line would change
that. The number RECIPE beside the training code stands for it, and a test says when to raise it.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from palimpsest.runtime.files import keep_only, link_or_copy
from palimpsest.runtime.identity import digest
from palimpsest.runtime.progress import announce
from palimpsest.runtime.schema import Declared

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


class Cache:
    """One finished piece of work, and the room in which it is made."""

    def __init__(self, state: Path, key: str) -> None:
        """state: the folder for this kind of work. key: digest of all that it is made from."""
        self.working = state / f"{key[:32]}.working"
        self.finished = state / f"{key[:32]}"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other process out of the working room while the block runs.

        Where one is there already (the same work under another name, or a job that outlived its
        driver) this waits for it; look again afterwards whether the work is finished.
        """
        self.working.parent.mkdir(parents=True, exist_ok=True)
        with self.working.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                announce(f"{self.working}: waiting for another process that is at this very work")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def is_finished(self) -> bool:
        """Whether this very work was finished before."""
        return self.finished.is_dir()

    def finish(self, files: Path) -> None:
        """Keep the files of a folder as the finished work, and drop the working room."""
        for path in files.iterdir():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
        os.replace(files, self.finished)
        shutil.rmtree(self.working, ignore_errors=True)

    def deliver(self, target: Path, but: tuple[str, ...] = ()) -> None:
        """Make `target` a folder of the finished files alone. but: names of those that stay."""
        given = [path for path in sorted(self.finished.iterdir()) if path.name not in but]
        keep_only(target, [path.name for path in given])
        for path in given:
            link_or_copy(path, target / path.name)
