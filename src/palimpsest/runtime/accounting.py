"""The book-keeping of every stage: in = kept + rejected (by reason) + failed (by reason)."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from palimpsest.runtime.errors import AccountingError
from palimpsest.runtime.rows import Manifest

# The key of a manifest that names what its table has a row for: entries of the account, and other
# numbers of the manifest. An empty list is of tables whose rows are something else.
ROWS_ARE = "rows_are"


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

    def add(self, closed: Manifest) -> None:
        """Count what another account counted: a manifest field, from `close`."""
        self.kept += closed["kept"]
        self.rejected.update(closed["rejected"])
        self.failed.update(closed["failed"])

    def close(self, entered: int, stage: str) -> Manifest:
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


def check_account(path: Path, manifest: Manifest) -> None:
    """Hold the account of a table's manifest against its number of rows.

    path: where the manifest lies. Raises AccountingError when the numbers do not add up.
    """
    if "account" not in manifest:
        return
    try:
        numbers = {name: value for name, value in manifest.items() if isinstance(value, int)}
        numbers |= {
            name: sum(value.values()) if isinstance(value, dict) else value
            for name, value in manifest["account"].items()
        }
        adds_up = numbers["in"] == numbers["kept"] + numbers["rejected"] + numbers["failed"]
        rows_are = manifest.get(ROWS_ARE)  # absent in development versions before 0.1
        counted = sum(numbers[name] for name in rows_are) if rows_are else manifest["rows"]
    except (AttributeError, KeyError, TypeError) as error:
        raise AccountingError(f"{path}: its account is none; delete it to rebuild it") from error
    if not adds_up or counted != manifest["rows"]:
        raise AccountingError(
            f"{path}: its account does not add up: {manifest['account']}, {manifest['rows']} rows, "
            f"which should be {rows_are}; delete it to rebuild it"
        )
