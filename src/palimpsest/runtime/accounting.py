"""The book-keeping of every stage: in = kept + rejected (by reason) + failed (by reason)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from palimpsest.runtime.errors import AccountingError


@dataclass
class Account:
    """Counts what a stage did with each record that went in.

    Reasons are short codes (`duplicate_id`, `truncated`), never note text.
    """

    kept: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def keep(self, count: int = 1) -> None:
        """Count records that go on to the next stage."""
        self.kept += count

    def reject(self, reason: str, count: int = 1) -> None:
        """Count records that a rule of ours rejects."""
        self.rejected[reason] += count

    def fail(self, reason: str, count: int = 1) -> None:
        """Count records that could not be worked on."""
        self.failed[reason] += count

    def add(self, closed: dict[str, Any]) -> None:
        """Count what another account counted: a manifest field, from `close`."""
        self.kept += closed["kept"]
        self.rejected.update(closed["rejected"])
        self.failed.update(closed["failed"])

    def close(self, entered: int, stage: str) -> dict[str, Any]:
        """The account as a manifest field.

        entered: how many records went in, counted apart from this object.
        Raises AccountingError when the sum does not match.
        """
        total = self.kept + self.rejected.total() + self.failed.total()
        if total != entered:
            raise AccountingError(
                f"{stage}: {entered} records went in, but {self.kept} kept + "
                f"{self.rejected.total()} rejected + {self.failed.total()} failed = {total}"
            )
        return {
            "in": entered,
            "kept": self.kept,
            "rejected": dict(sorted(self.rejected.items())),
            "failed": dict(sorted(self.failed.items())),
        }
