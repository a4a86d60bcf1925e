"""What is wrong with a study, collected so that all of it is reported at once."""

from collections.abc import Iterable

from palimpsest.runtime.errors import UserError


class Problems:
    """Lines that name the study's file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[str] = []

    def add(self, line: str) -> None:
        self.lines.append(f"{self.file}: {line}")

    def unique(self, where: str, names: list[str]) -> None:
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.add(f"{where}: '{name}' is declared {names.count(name)} times, expected once")

    def refers(self, where: str, name: str, declared: Iterable[str]) -> bool:
        known = sorted(declared)
        if name not in known:
            self.add(f"{where}: '{name}' is not declared; declared are {known}")
        return name in known

    def stop(self) -> None:
        if self.lines:
            raise UserError("\n".join(self.lines))
