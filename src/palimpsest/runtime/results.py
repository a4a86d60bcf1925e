"""The folder of results as a whole."""

from collections.abc import Iterable
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_text


def keep_out_of_git(results: Path) -> None:
    """Let git ignore a results folder, whatever its name: most of what it holds is text of notes.

    A `.gitignore` that is there stays as it is. Raises UserError when none can be written.
    """
    ignored = results / ".gitignore"
    try:
        if not ignored.exists():
            write_text(ignored, "# What Palimpsest builds holds text of notes.\n*\n")
    except OSError as error:
        raise UserError(f"{ignored}: cannot be written: {error.strerror}") from error


def forget_logs(logs: Iterable[str]) -> None:
    """Remove the logs of a job that will run: were it to end before its program starts, as a job
    that a cluster kills while it waits, the log of an earlier run would be shown as its own."""
    for log in logs:
        try:
            Path(log).unlink(missing_ok=True)
        except OSError as error:
            raise UserError(f"{log}: cannot be removed: {error.strerror}") from error
