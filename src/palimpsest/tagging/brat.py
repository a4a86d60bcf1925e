"""BRAT stand-off: each note's text (`.txt`) and its spans (`.ann`), which BRAT and others read.

https://brat.nlplab.org/standoff.html
"""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from palimpsest.runtime.identity import digest
from palimpsest.runtime.rows import Row

LONGEST = 200  # bytes of a file's name without its ending; file systems take 255
LINE = re.compile(r"[^\r\n]+")
BREAKS = re.compile(r"[\t\v\f\x1c-\x1e\x85\u2028\u2029]")  # what some readers end a line at


class Brat:
    """Writes a pair of files for each note into a folder."""

    def __init__(self, folder: Path, labels: list[str]) -> None:
        """folder: made here. labels: that spans may have."""
        self.folder = folder
        self._taken: set[str] = set()
        folder.mkdir()
        types = "".join(f"{label}\n" for label in labels)
        others = "".join(f"\n[{kind}]\n" for kind in ("relations", "events", "attributes"))
        self._write("annotation.conf", f"[entities]\n{types}{others}")

    def write(self, note_id: str, text: str, spans: Iterable[Row]) -> None:
        """Write a note. spans: start, end and label, in characters of the text."""
        name = self._name(note_id)
        self._write(f"{name}.txt", text)
        self._write(f"{name}.ann", "".join(lines(text, spans)))

    def _name(self, note_id: str) -> str:
        """A name that every file system takes, and that no other note has."""
        name = quote(note_id, safe=" ")
        same = name.casefold()  # to some file systems
        if len(name) > LONGEST or same in self._taken:
            name = f"{name[: LONGEST - 20]}-{digest(note_id)[:16]}"
            same = name.casefold()
        self._taken.add(same)
        return name

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_bytes(text.encode())


def lines(text: str, spans: Iterable[Row]) -> Iterable[str]:
    """A line of `.ann` for each span. One that goes on on another line is given line by line."""
    for number, span in enumerate(spans, start=1):
        parts = [found.span() for found in LINE.finditer(text, span["start"], span["end"])]
        offsets = ";".join(f"{start} {end}" for start, end in parts)
        mention = " ".join(BREAKS.sub(" ", text[start:end]) for start, end in parts)
        yield f"T{number}\t{span['label']} {offsets}\t{mention}\n"
