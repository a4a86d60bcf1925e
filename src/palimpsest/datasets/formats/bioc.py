"""BioC, as XML and as JSON: documents of passages, with offsets in the document.

A passage may have sentences, which then have the text. Relations are those between two annotations
(Comeau et al. 2013, doi 10.1093/database/bat064).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from palimpsest.datasets.annotated import Document, Entity, Findings, Relation, called
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.exact import read_exact
from palimpsest.formats.rejected import Rejected
from palimpsest.formats.xml_lines import Element, read_xml
from palimpsest.runtime.errors import UserError

Json = dict[str, Any]
LARGEST_GAP = 1 << 20  # characters between two passages
HELD = ("passage", "sentence", "annotation", "relation", "node", "location")


def read_bioc(
    paths: list[Path], spec: CollectSpec, findings: Findings
) -> Iterator[Document | Rejected]:
    """The documents of some files: `.xml`, or `.json` with one collection or one on each line."""
    for path in paths:
        number, name = 0, None
        try:
            if path.suffix.lower() == ".xml":
                root = read_xml(path, spec.reading.encoding)
                documents = [_values(element) for element in root.iter("document")]  # type: ignore[arg-type]
            else:
                documents = _documents(path, read_exact(path, spec.reading.encoding))
            for values in documents:
                number += 1
                name = values.get("id") if isinstance(values, dict) else None
                yield _document(values, path, findings)
        except (
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            ArithmeticError,
            RecursionError,
        ) as error:
            # Not the error's words: they may quote a value.
            raise UserError(
                f"{path}: document '{called(name)}': expected BioC with "
                "passages, their offset and text, and annotations with `type` and locations "
                f"({type(error).__name__})"
            ) from error
        if not number:
            raise UserError(f"{path}: expected BioC with documents, found none")


def _values(element: Element) -> Json:
    """An element of BioC XML as the object that BioC JSON has."""
    values: Json = {**element.attrib, "line": element.line, "infons": {}}
    for child in element:
        assert isinstance(child, Element)
        if child.tag == "infon":
            values["infons"][child.get("key")] = (child.text or "").strip()
        elif child.tag in HELD:
            values.setdefault(f"{child.tag}s", []).append(_values(child))
        else:
            values[child.tag] = child.text or ""
    return values


def _documents(path: Path, text: str) -> list[Json]:
    def parsed(part: str, place: str) -> Any:
        try:
            return json.loads(part)
        except ValueError as error:
            raise UserError(f"{place}: expected JSON") from error

    lines = [line for line in text.splitlines() if line.strip()]
    whole = len(lines) < 2 or not lines[0].rstrip().endswith("}")
    if whole:
        values = [parsed(text, str(path))]
    else:
        values = [parsed(line, f"{path}:{number}") for number, line in enumerate(lines, start=1)]
    found: list[Json] = []
    for value in values:
        for collection in value if isinstance(value, list) else [value]:
            known = isinstance(collection, dict)
            found += collection.get("documents", [collection]) if known else []
    return found


def _document(values: Json, path: Path, findings: Findings) -> Document:
    name = str(values["id"])
    document = Document(path, f"{path}: document '{called(name)}'", "", name, paragraphs=[])
    relations = list(values.get("relations", []))
    for passage in values["passages"]:
        held = passage.get("sentences") if not passage.get("text") else None
        for part in held or [passage]:
            _append(document, int(part["offset"]), _text(part.get("text") or ""))
            document.entities += _entities(part, document)
            relations += part.get("relations", [])
        if held:
            document.entities += _entities(passage, document)
            relations += passage.get("relations", [])
    known = {entity.name for entity in document.entities}
    for relation in relations:
        ends = [str(node.get("refid")) for node in relation.get("nodes", [])]
        if len(ends) == 2 and known.issuperset(ends):
            label = relation["infons"].get("type") or relation["infons"]["relation"]
            document.relations.append(Relation(_text(label), ends[0], ends[1], document.place))
        else:  # between concepts, or of several
            findings.ignored["relation"] += 1
    return document


def _append(document: Document, offset: int, text: str) -> None:
    """A passage at its place; blanks stand for what lies between two."""
    gap = offset - len(document.text)
    if gap < 0:
        raise UserError(f"{document.place}: a passage at {offset} overlaps the one before")
    if gap > LARGEST_GAP:
        raise UserError(f"{document.place}: a passage at {offset}, far behind the one before")
    document.text += "\n" * min(gap, 1) + " " * (gap - 1) + text
    assert document.paragraphs is not None
    start = document.paragraphs[-1][1] if document.paragraphs else 0
    document.paragraphs.append((start, len(document.text)))


def _entities(part: Json, document: Document) -> Iterator[Entity]:
    for values in part.get("annotations", []):
        parts = tuple(
            sorted(
                (int(at["offset"]), int(at["offset"]) + int(at["length"]))
                for at in values["locations"]
            )
        )
        name = str(values.get("id", ""))
        line = values.get("line")
        told = f"{document.place}: annotation '{called(name)}'"
        place = f"{document.path}:{line}" if line else told
        gaps = parts if len(parts) > 1 else ()
        mention = _text(values.get("text") or "") or None
        said = {str(key): str(value) for key, value in values["infons"].items()}
        label = _text(values["infons"]["type"])
        yield Entity(parts[0][0], parts[-1][1], label, place, name, mention, gaps, said)


def _text(value: Any) -> str:
    """A value that should be text. Raises TypeError if it is none."""
    if not isinstance(value, str):
        raise TypeError
    return value
