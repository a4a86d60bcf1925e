"""What a note is made of, line by line: section headers, paragraphs, tables, medication lists.

Made for English notes; a header, table or list that is not recognised is prose.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from itertools import accumulate

from palimpsest.text.sentences import DOSE, ORDER

TABLE, MEDICATIONS = "table", "medication_list"
LONGEST_HEADER = 60
LONGEST_ROW = 400  # characters; a longer line is prose
LONGEST_ITEM = 120  # of an item without a number or bullet

_OWN_LINE = re.compile(r"[#*=\s]*([A-Z][\w /&,'().+-]*?)[\s*]*:[\s*=]*$")
_INLINE = re.compile(r"[#*\s]*([A-Z][A-Z /&,'()-]+[A-Z)])[\s*]*:")
_CAPITALS = re.compile(r"[#*=\s]*([A-Z][A-Z /&,'()-]*[A-Z)])[\s*=]*$")
# Lines that end in a colon and yet are sentences.
_SENTENCE = re.compile(
    r"\b(?:was|were|is|are|be|been|has|had|have|following|includ\w+|showed|shows|with|and|he|she|"
    r"they|you|we|please)\b"
)
_KNOWN = re.compile(
    r"FINDINGS?|IMPRESSION|INDICATIONS?|TECHNIQUE|COMPARISON|EXAM(?:INATION)?|HISTORY|ASSESSMENT|"
    r"PLAN|CONCLUSION|PROCEDURE|ADDENDUM|REASON FOR (?:THIS )?EXAM(?:INATION)?|SUBJECTIVE|OBJECTIVE"
)
_MEDICATION_HEADER = re.compile(r"\b(?:medications?|meds|prescriptions?|drugs)\b", re.I)
_BULLET = re.compile(r"\s*(?:\d{1,2}[.)]|[-*•+])\s*(?=[A-Za-z])")
_BULLETS = frozenset("0123456789-*•+")
_GAP = re.compile(r"(?<=[^\s.!?:,;])(?: {2,}| ?\t\s*)(?=\S)")
_COLUMN = re.compile(r"[A-Za-z%)]\s+[<>]?\d+(?:\.\d+)?\*? {2,}\S")
_STAMP = re.compile(r"\d{1,2}:\d\d\s?(?:[AaPp][Mm])?\*{0,2}\]?\s+(?:[A-Z]{3,}\b|.*[A-Za-z]-\d)")
_DASHED = re.compile(r"[A-Za-z)%]-[<>]?\d+(?:\.\d+)?\*?(?=\s|$)")
_PAIR = re.compile(r"[A-Za-z][\w%/]*[ :=]{1,3}[<>]?\d+(?:\.\d+)?\*?[HL]?(?=[\s|;]|$)")
_RESULT = re.compile(
    r"\s*[A-Za-z%][\w %()/,+-]{0,40}?[:=\s]\s*[<>]?\d+(?:\.\d+)?\s*(?:[HL*]|\([HL]\))?\s+"
    r"(?:%|[A-Za-zµ]{1,6}/[A-Za-z0-9µ^.]{1,8}|fL|pg|secs?|seconds)(?:\s|$)"
)
_DIGIT = re.compile(r"\d")


@dataclass
class Layout:
    """Character offsets in a note, each list in order."""

    sections: list[int] = field(default_factory=list)  # where header lines start
    names: list[str] = field(default_factory=list)  # of those headers
    paragraphs: list[int] = field(default_factory=list)  # and starts and ends of blocks
    blocks: list[tuple[int, int, str]] = field(default_factory=list)  # start, end, kind
    rows: list[int] = field(default_factory=list)  # of blocks, without the first of each
    breaks: list[int] = field(default_factory=list)  # sections that do not follow a bare header
    below: set[int] = field(default_factory=set)  # lines that follow a header: no place to cut

    def segments(self, end: int, skipped: Set[str]) -> Iterator[tuple[int, int, str | None]]:
        """The blocks of some kinds, and what lies between them, of which the kind is None.

        end: of the note.
        """
        done = 0
        for start, stop, kind in self.blocks:
            if kind in skipped:
                if start > done:
                    yield done, start, None
                yield start, stop, kind
                done = stop
        if end > done:
            yield done, end, None

    def section_at(self, position: int) -> str:
        """The header under which an offset lies; empty before the first."""
        index = bisect_right(self.sections, position) - 1
        return self.names[index] if index >= 0 else ""

    def inside_block(self, position: int) -> bool:
        """Whether a cut at an offset goes through a table or a list."""
        index = bisect_right(self.blocks, position, key=lambda block: block[0]) - 1
        return index >= 0 and self.blocks[index][0] < position < self.blocks[index][1]


def read_layout(text: str) -> Layout:
    """The layout of a note. Lines end at a line feed, with or without a carriage return."""
    layout = Layout()
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    starts[-1] = len(text)
    rows = []
    blank_before, header_before = True, False
    for number, line in enumerate(lines):
        if not line or line.isspace():
            blank_before = True
            continue
        if header_before:
            layout.below.add(starts[number])
        elif blank_before and number:
            layout.paragraphs.append(starts[number])
        name = ""
        if len(line) <= LONGEST_ROW:
            following = lines[number + 1] if number + 1 < len(lines) else ""
            name = _header(line, blank_before, header_before and not blank_before, following)
            if name:
                layout.sections.append(starts[number])
                layout.names.append(name)
                if not header_before:
                    layout.breaks.append(starts[number])
            elif _is_row(line):
                rows.append(number)
        blank_before, header_before = False, bool(name) and _is_bare(line)
    listed = _find_medication_lists(layout, lines, starts)
    _find_tables(layout, lines, starts, [number for number in rows if number not in listed])
    if layout.blocks:
        layout.blocks.sort()
        layout.rows.sort()
        edges = {edge for start, end, _ in layout.blocks for edge in (start, end)}
        layout.paragraphs = sorted(edges.union(layout.paragraphs) - layout.below - {0})
    return layout


def _header(line: str, blank_before: bool, header_before: bool, following: str) -> str:
    """The name in a header line, or nothing."""
    colon = line.find(":", 0, LONGEST_HEADER + 8)
    if colon >= 0:
        match = _OWN_LINE.match(line) if line.rstrip(" \t\r*=").endswith(":") else None
        if match:
            name = match.group(1).strip()
            lower = len(name.split()) > 4 and not name.istitle() and not name.isupper()
            small = sum(word[:1].islower() and len(word) > 3 for word in name.split())
            if len(name) <= LONGEST_HEADER and not _SENTENCE.search(name):
                return "" if lower and small > 1 else name
            return ""
        match = _INLINE.match(line) if line[:colon].isupper() else None
        if match and len(match.group(1)) <= LONGEST_HEADER:
            name = match.group(1).strip()
            return name if blank_before or _KNOWN.fullmatch(name) else ""
        return ""
    if len(line) <= LONGEST_HEADER and line.isupper():
        match = _CAPITALS.match(line)
        if match is None or sum(map(str.isalpha, match.group(1))) < 4 or _CAPITALS.match(following):
            return ""
        name = match.group(1).strip()
        if header_before:  # the value of "Service:", or a header below a header
            return name if " " in name and following.strip() else ""
        return name if blank_before or following.strip() else ""
    return ""


def _is_bare(header: str) -> bool:
    """Whether a header line holds nothing but the header."""
    return ":" not in header or header.rstrip(" \t\r*=").endswith(":")


def _is_row(line: str) -> bool:
    """Whether a line looks like the row of a table."""
    if line.count("|") >= 2 or line.count("\t") >= 2:
        return True
    if "  " in line and (len(_GAP.findall(line.strip())) >= 2 or _COLUMN.search(line)):
        return True
    if not _DIGIT.search(line):
        return False
    if ":" in line and _STAMP.search(line):
        return True
    if "-" in line and len(_DASHED.findall(line)) >= 3:
        return True
    if "," not in line and "." != line.rstrip()[-1] and len(_PAIR.findall(line)) >= 3:
        return True
    return bool(_RESULT.match(line))


def _find_tables(layout: Layout, lines: list[str], starts: list[int], rows: list[int]) -> None:
    """Note runs of rows as tables: two or more, half of them with a number."""
    run: list[int] = []
    for number in [*rows, -1]:
        if run and number != run[-1] + 1:
            numbers = sum(bool(_DIGIT.search(lines[row])) for row in run)
            if len(run) > 1 and 2 * numbers >= len(run):
                _add_block(layout, lines, starts, run, run[-1], TABLE)
            run = []
        run.append(number)


def _find_medication_lists(layout: Layout, lines: list[str], starts: list[int]) -> set[int]:
    """Note runs of medication items: two, or one below a header that says so. Gives their lines.

    Below such a header a list goes on to the next blank line; elsewhere to the next line that is
    neither an item nor indented.
    """
    headers = dict(zip(layout.sections, layout.names, strict=True))
    listed: set[int] = set()
    below_header = False
    items: list[int] = []
    last = -1

    def close() -> None:
        if len(items) >= (1 if below_header else 2):
            _add_block(layout, lines, starts, items, last, MEDICATIONS)
            listed.update(range(items[0], last + 1))
        items.clear()

    for number, line in enumerate(lines):
        if not line or line.isspace():
            if items:
                close()
            continue
        if starts[number] in headers:
            close()
            below_header = bool(_MEDICATION_HEADER.search(headers[starts[number]]))
            continue
        if not items and not below_header and line.lstrip()[0] not in _BULLETS:
            continue
        bullet = bool(_BULLET.match(line))
        if _is_item(line, bullet, below_header) or (items and below_header and bullet):
            items.append(number)
            last = number
        elif items and (below_header or (line[0] in " \t" and not bullet)):
            last = number
        else:
            close()
    close()
    return listed


def _is_item(line: str, bullet: bool, below_header: bool) -> bool:
    """Whether a line names a drug with its dose, or with its route and frequency."""
    if not (bullet and len(line) <= LONGEST_ROW or below_header and len(line) <= LONGEST_ITEM):
        return False
    return bool(DOSE.search(line) or ORDER.search(line))


def _add_block(
    layout: Layout, lines: list[str], starts: list[int], rows: list[int], last: int, kind: str
) -> None:
    """Note a block of rows, which ends where the next line that is not blank starts."""
    after = last + 1
    while after < len(lines) and (not lines[after] or lines[after].isspace()):
        after += 1
    layout.blocks.append((starts[rows[0]], starts[after], kind))
    layout.rows += [starts[number] for number in rows[1:]]
