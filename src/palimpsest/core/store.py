"""Finished work kept by content, under results/state: an undone edit takes it from here.

Snakemake deletes the outputs of a job before it runs again, so what took long to make is kept
under a key of everything that it was made from, and given to the declared outputs as hard links.
"""

import os
import shutil
from pathlib import Path

from palimpsest.core.files import link_or_copy


class Store:
    """One finished piece of work, and the room in which it is made."""

    def __init__(self, state: Path, key: str) -> None:
        """state: the folder for this kind of work. key: digest of all that it is made from."""
        self.working = state / f"{key[:32]}.working"
        self.finished = state / f"{key[:32]}"

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

    def deliver(self, target: Path) -> None:
        """Give the finished files to the folder `target`."""
        for path in sorted(self.finished.iterdir()):
            link_or_copy(path, target / path.name)
