"""Errors that a user can act on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from palimpsest.runtime.progress import show


class UserError(Exception):
    """Bad input, configuration or environment.

    The message names the thing, what was found, what was expected and what to do. It never
    contains note text. Programs print it without a traceback and exit with status 1.
    """


class AccountingError(UserError):
    """Records appeared or vanished between two stages."""


def diverged(title: str, found: str) -> UserError:
    """The error of a training that went where there are no numbers. found: what shows it."""
    return UserError(
        f"{title}: {found}; expected a number: lower the learning rate, or use precision float32"
    )


@contextmanager
def in_one_line() -> Iterator[None]:
    """End the program with status 1 on a UserError, whose message is all that is printed."""
    try:
        yield
    except UserError as error:
        line = f"error: {error}"
        try:
            print(line, file=sys.stderr, flush=True)
        except OSError:  # the log is on the disk that is full
            show(line)
        sys.exit(1)
