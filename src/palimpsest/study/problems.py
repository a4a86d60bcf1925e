"""What is wrong with a study, collected so that all of it is reported at once."""

from collections.abc import Iterable

from palimpsest.runtime.errors import UserError

MOST_LINES = 30


def in_one(text: str) -> str:
    """A text in one line that any terminal shows: other characters are escaped."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def in_lines(lines: list[str]) -> str:
    """Mistakes as one message: the first of them, and how many there are besides."""
    more = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"and {more} more mistakes"] if more > 0 else [])])


class Problems:
    """Lines that name the study's file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[str] = []

    def add(self, line: str) -> None:
        self.lines.append(in_one(f"{self.file}: {line}"))

    def unique(self, where: str, names: list[str]) -> None:
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.add(f"{where}: '{name}' is declared {names.count(name)} times, expected once")

    def unlike(self, where: str, names: Iterable[str], reserved: Iterable[str] = ()) -> None:
        """Names of files must differ in more than case: some disks do not keep it."""
        taken = {name.casefold(): name for name in sorted(reserved)}
        for name in sorted(set(names)):
            other = taken.setdefault(name.casefold(), name)
            if other in reserved:
                self.add(f"{where}: the name '{name}' is reserved for a file of its own")
            elif other != name:
                self.add(f"{where}: '{other}' and '{name}' differ in case alone, and name files")

    def refers(self, where: str, name: str, declared: Iterable[str]) -> bool:
        known = sorted(declared)
        if name not in known:
            self.add(f"{where}: '{name}' is not declared; declared are {known}")
        return name in known

    def stop(self) -> None:
        if self.lines:
            raise UserError(in_lines(self.lines))
