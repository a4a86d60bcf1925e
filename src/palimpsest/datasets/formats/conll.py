"""CoNLL: a token and its tag a line, in columns; an empty line ends a sentence.

Tags are IOB1 (a span begins with I-, and with B- only right behind another of its label), IOB2 (a
span begins with B-), IOBES or BILOU (besides, a span's last token has E- or L-, and one of a single
token S- or U-): Ramshaw & Marcus 1995; Tjong Kim Sang & Veenstra 1999. A line that begins with
-DOCSTART- begins a document.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from palimpsest.datasets.annotated import Document, Entity, Findings
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.exact import lines_of
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import digest
from palimpsest.text.iob2 import OUTSIDE, Offsets

DOCUMENT = "-DOCSTART-"
SAME = {"B": "B", "I": "I", "E": "E", "S": "S", "L": "E", "U": "S"}  # BILOU as IOBES
LAST = {"iobes": "ES", "bilou": "LU"}
SCHEMES = ("iob1", "iob2", *LAST)


@dataclass
class _Sentence:
    """The words of a sentence with their tags, and the places of their lines."""

    words: list[str] = field(default_factory=list)
    tags: list[tuple[str, str]] = field(default_factory=list)  # prefix and label; ("O", "")
    places: list[str] = field(default_factory=list)


@dataclass
class _Part:
    """The sentences of a file, or those behind a -DOCSTART-, whose line may have a name."""

    path: Path
    name: str | None = None
    sentences: list[_Sentence] = field(default_factory=list)


def read_conll(paths: list[Path], spec: CollectSpec, findings: Findings) -> Iterator[Document]:
    """The documents of files, or their sentences where no document begins in any.

    The text of a sentence is its tokens joined by blanks. Raises UserError naming the line of a tag
    that is none of the scheme.
    """
    parts = [part for path in paths for part in _parts(path, spec)]
    scheme = _scheme(parts, spec.reading.scheme, findings)
    in_documents = any(part.name is not None for part in parts)
    for part in parts:
        for held in [part.sentences] if in_documents else [[one] for one in part.sentences]:
            document = _document(part, held, scheme)
            if in_documents:
                document.name = document.name or digest(document.text)[:16]
            else:
                document.unit = "sentence"
            yield document


def _parts(path: Path, spec: CollectSpec) -> Iterator[_Part]:
    part, sentence = _Part(path), _Sentence()
    for place, line in [*lines_of(path, spec.reading.encoding), ("", "")]:
        begins = line.split(maxsplit=1)[:1] == [DOCUMENT]
        if (begins or not line.strip()) and sentence.words:
            part.sentences.append(sentence)
            sentence = _Sentence()
        if begins:
            if part.sentences:
                yield part
            part = _Part(path, _name(line))
        elif line.strip():
            word, tag = _cells(line, spec, place)
            sentence.words.append(word)
            sentence.tags.append(tag)
            sentence.places.append(place)
    if part.sentences:
        yield part


def _name(line: str) -> str:
    """The name of a document behind -DOCSTART-, as in `-DOCSTART- (227508)`, or nothing."""
    rest = line.split(maxsplit=1)[1:]
    found = [cell.strip("()") for cell in (rest[0].split() if rest else [])]
    return next((cell for cell in found if cell not in (OUTSIDE, "-X-", "")), "")


def _cells(line: str, spec: CollectSpec, place: str) -> tuple[str, tuple[str, str]]:
    """A token, and the prefix and label of its tag."""
    # Not any white space: a token may be a blank of another kind.
    cells = line.split("\t") if "\t" in line else [cell for cell in line.split(" ") if cell]
    reading = spec.reading
    assert reading
    columns = [reading.token_column, reading.tag_column]
    if len(cells) < 2 or any(not -len(cells) <= c <= len(cells) for c in columns):
        raise UserError(
            f"{place}: has {len(cells)} columns, expected a token and its tag, separated by a tab "
            f"or blanks, in the columns {columns[0]} and {columns[1]}"
        )
    word, tag = (cells[c - 1 if c > 0 else c].strip(" ") for c in columns)
    prefix, separator, label = tag.partition("-")
    if not word or not (tag == OUTSIDE or (prefix in SAME and separator and label)):
        examples = [f"{known}-{spec.labels[0]}" for known in "BI"]
        raise UserError(
            f"{place}: expected a token and one of the tags {[*examples, OUTSIDE]} or the like"
        )
    return word, (prefix, label)


def _scheme(parts: list[_Part], declared: str, findings: Findings) -> str:
    """The scheme of the tags: as declared, or as found.

    Raises UserError naming the first line of a tag that the declared scheme does not have, or where
    tags are of no scheme.
    """
    begun: Counter[str] = Counter()  # prefixes that begin a span
    first: dict[str, str] = {}  # prefix, or how a span begins -> place
    for sentence in (sentence for part in parts for sentence in part.sentences):
        previous = (OUTSIDE, "")
        for tag, place in zip(sentence.tags, sentence.places, strict=True):
            first.setdefault(tag[0], place)
            continues = previous[1] == tag[1] and previous[0] in "BI"
            if tag[0] == "I" and not continues:
                begun["I"] += 1
                first.setdefault("begins with I", place)
            elif tag[0] == "B":
                # Right behind a span of its label a B is the same in both schemes.
                begun["B"] += not (previous[1] == tag[1] and previous[0] in "BI")
            previous = tag
    ends = {known for known, prefixes in LAST.items() if any(p in first for p in prefixes)}
    if declared == "detect":
        if len(ends) > 1:
            raise UserError(f"{first['L' if 'L' in first else 'U']}: tags of IOBES and of BILOU")
        found = ends.pop() if ends else "iob1" if begun["I"] else "iob2"
        if found == "iob1" and begun["B"]:
            raise UserError(
                f"{first['begins with I']}: I- begins {begun['I']} spans and B- {begun['B']}: "
                "neither IOB1 nor IOB2; mend the file, or declare `scheme: iob1` to take each "
                "for the beginning of a span"
            )
        findings.facts["scheme"] = found if first.keys() - {OUTSIDE} else None
        return found
    findings.facts["scheme"] = declared
    wrong = [p for p in SAME if p in first and p not in "BI" + LAST.get(declared, "")]
    if declared != "iob1" and "begins with I" in first:
        wrong.append("begins with I")
    if wrong:
        said = "I- begins a span" if "begins" in wrong[-1] else f"the tag {wrong[0]}-"
        raise UserError(
            f"{first[wrong[-1]]}: {said}, which is not of the declared scheme {declared}"
        )
    return declared


def _document(part: _Part, sentences: list[_Sentence], scheme: str) -> Document:
    pieces: list[str] = []
    document = Document(part.path, sentences[0].places[0], "", part.name or "", sentences=[])
    document.tokens = tokens = []
    assert document.sentences is not None
    start = 0
    for sentence in sentences:
        found: list[Offsets] = []
        first = start
        for word in sentence.words:
            found.append({"start": start, "end": start + len(word)})
            start += len(word) + 1
        pieces.append(" ".join(sentence.words))
        document.sentences.append((first, start - 1))
        document.entities += _entities(sentence, found, scheme)
        tokens += found
    document.text = "\n".join(pieces)
    return document


def _entities(sentence: _Sentence, tokens: list[Offsets], scheme: str) -> Iterator[Entity]:
    """The spans that tags say."""
    bounded = scheme in LAST
    opened: Entity | None = None
    for (prefix, label), token, place in zip(sentence.tags, tokens, sentence.places, strict=True):
        prefix = SAME.get(prefix, prefix)
        goes_on = opened is not None and prefix in "IE" and opened.label == label
        if bounded and (opened is not None) != goes_on:
            raise UserError(
                f"{place}: the tag {prefix}- does not go with the one before in {scheme.upper()}"
            )
        if goes_on and opened:
            opened = Entity(opened.start, token["end"], label, opened.place)
        else:
            if opened:
                yield opened
            begins = prefix != OUTSIDE
            if bounded and prefix in "IE":
                raise UserError(f"{place}: the tag {prefix}- begins a span in {scheme.upper()}")
            opened = Entity(token["start"], token["end"], label, place) if begins else None
        if bounded and prefix in "ES" and opened:
            yield opened
            opened = None
    if opened:
        if bounded:
            raise UserError(f"{sentence.places[-1]}: a span has no end in {scheme.upper()}")
        yield opened
