"""i2b2 2010: concepts (`.con`), assertions (`.ast`) and relations (`.rel`) beside tokenized texts.

A line of a text is a sentence, and blanks separate its tokens. `12:0 12:3` are the tokens 0 to 3 of
line 12: lines count from 1, tokens from 0, the last one is part of the concept (Uzuner et al. 2011,
doi 10.1136/amiajnl-2011-000203).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from palimpsest.datasets.annotated import Document, Entity, Findings, Relation, Stretch
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.exact import lines_of, paired, read_lines
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.errors import UserError

TOKEN = re.compile(r"\S+")
_CONCEPT = r'c="(.*)" (\d{1,9}):(\d{1,9}) (\d{1,9}):(\d{1,9})'
PLACED = re.compile(_CONCEPT)
CONCEPT = re.compile(_CONCEPT + r'\|\|t="([^"]*)"')
ASSERTION = re.compile(_CONCEPT + r'\|\|t="([^"]*)"\|\|a="([^"]*)"')
ENDINGS = {"spans": ".con", "assertion": ".ast", "relations": ".con"}


def read_i2b2_2010(
    paths: list[Path], spec: CollectSpec, findings: Findings
) -> Iterator[Document | Rejected]:
    """The notes of some files. One without the file that its kind needs is rejected."""
    for path, files in paired(paths):
        needed = ENDINGS[spec.kind]
        if needed not in files or (spec.kind == "relations" and ".rel" not in files):
            yield Rejected(path.name, None, None, "without_annotations")
            continue
        text = read_lines(path, spec.reading.encoding)
        note = _Note(text, spec.reading.mismatches)
        document = Document(path, str(path), text, path.stem, sentences=note.sentences)
        pattern = ASSERTION if needed == ".ast" else CONCEPT
        for place, fields in _rows(files[needed], spec.reading.encoding, pattern):
            entity = note.concept(fields[:5], place)
            said = {"assertion": fields[6]} if pattern is ASSERTION else {}
            document.entities.append(replace(entity, label=fields[5], attributes=said))
        if spec.kind == "relations":
            document.relations = list(
                _relations(note, document, files[".rel"], spec.reading.encoding)
            )
        yield document


def _relations(note: "_Note", document: Document, path: Path, encoding: str) -> Iterator[Relation]:
    known = {entity.name for entity in document.entities}
    for place, fields in _rows(path, encoding, None):
        first, second = (note.concept(part, place).name for part in (fields[:5], fields[6:]))
        for name in (first, second):
            if name not in known:
                raise UserError(f"{place}: no concept at {name} in the .con file of this name")
        yield Relation(fields[5], first, second, place)


def _rows(
    path: Path, encoding: str, pattern: re.Pattern[str] | None
) -> Iterator[tuple[str, list[str]]]:
    """The fields of each line of a file; without a pattern, those of a relation."""
    for place, line in lines_of(path, encoding):
        if not line.strip():
            continue
        found = pattern.fullmatch(line.strip()) if pattern else None
        fields = list(found.groups()) if found else [] if pattern else _related(line.strip())
        if not fields:
            expected = "r, c" if not pattern else "t, a" if pattern is ASSERTION else "t"
            raise UserError(
                f'{place}: expected c="..." line:token line:token and {expected}, separated by ||'
            )
        yield place, fields


def _related(line: str) -> list[str]:
    """The fields of a relation and its two concepts, or none.

    Taken apart piece by piece: an expression with two texts of any content would try all pairs.
    """
    first, _, rest = line.partition('||r="')
    label, _, second = rest.partition('"||')
    one, other = PLACED.fullmatch(first), PLACED.fullmatch(second)
    return [*one.groups(), label, *other.groups()] if one and other and '"' not in label else []


class _Note:
    """The lines and tokens of a text, by their numbers."""

    def __init__(self, text: str, mismatches: str) -> None:
        self.size, self.mismatches = len(text), mismatches
        self.sentences: list[Stretch] = []
        self.tokens: list[list[Stretch]] = []
        start = 0
        for line in text.split("\n"):
            end = start + len(line)
            self.sentences.append((start, end))
            self.tokens.append([match.span() for match in TOKEN.finditer(text, start, end)])
            start = end + 1

    def concept(self, fields: list[str], place: str) -> Entity:
        """What stands at a concept's place, without a label; `name` is the place.

        Where the text has no such line or token: raises UserError, or gives what stands past its
        end, by the policy for mismatches.
        """
        mention = fields[0]
        name = f"{fields[1]}:{fields[2]} {fields[3]}:{fields[4]}"
        first_line, first, last_line, last = map(int, fields[1:])
        for line, token in ((first_line, first), (last_line, last)):
            problem = ""
            if not 1 <= line <= len(self.tokens):
                problem = f"line {line}, but the text has {len(self.tokens)} lines"
            elif token >= (count := len(self.tokens[line - 1])):
                problem = f"token {token} of line {line}, but that line has {count}, counted from 0"
            if problem and self.mismatches == "error":
                raise UserError(f"{place}: names {problem}")
            if problem:
                return Entity(self.size, self.size + 1, "", place, name, mention)
        start = self.tokens[first_line - 1][first][0]
        end = self.tokens[last_line - 1][last][1]
        return Entity(start, end, "", place, name, mention)
