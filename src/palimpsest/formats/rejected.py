"""Rows that do not become notes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rejected:
    """A row that is rejected. Never holds note text.

    file: the file's name without folder. row: 1-based, the header not counted; None where rows
    have no number. byte: where the row starts in the decompressed file; None where unknown.
    reason: a short code, such as `unclosed_quote`.
    """

    file: str
    row: int | None
    byte: int | None
    reason: str
