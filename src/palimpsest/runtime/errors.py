"""Errors that a user can act on."""


class UserError(Exception):
    """Bad input, configuration or environment.

    The message names the thing, what was found, what was expected and what to do. It never
    contains note text. Programs print it without a traceback and exit with status 1.
    """


class AccountingError(UserError):
    """Records appeared or vanished between two stages."""
