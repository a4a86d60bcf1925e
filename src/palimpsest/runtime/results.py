"""The folder of results as a whole."""

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
