"""Tables of labelled texts, pairs or concepts: CSV, TSV, JSON Lines, Parquet, and XML of rows.

MedNLI (Romanov & Shivade 2018, arXiv 1808.06752) and RadNLI are JSON Lines whose columns have the
same names.
"""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from palimpsest.datasets.annotated import Document, Entity, Findings
from palimpsest.datasets.cells import labels_in
from palimpsest.datasets.config import CollectSpec, Columns
from palimpsest.formats.ids import read_id
from palimpsest.formats.rejected import Rejected
from palimpsest.formats.tables import read_blocks
from palimpsest.formats.xml_lines import Element, read_xml
from palimpsest.runtime.errors import UserError

MEDNLI = Columns(text="sentence1", second="sentence2", labels="gold_label")
Cells = dict[str, str | None]


def read_table(
    paths: list[Path], spec: CollectSpec, findings: Findings
) -> Iterator[Document | Rejected]:
    """The rows of files in the formats of sources, whose columns the dataset names."""
    assert spec.reading and spec.reading.columns
    yield from _tables(paths, spec, spec.reading.columns)


def read_mednli(
    paths: list[Path], spec: CollectSpec, findings: Findings
) -> Iterator[Document | Rejected]:
    """The pairs of JSON Lines with sentence1, sentence2 and gold_label."""
    yield from _tables(paths, spec, MEDNLI)


def read_xml_rows(
    paths: list[Path], spec: CollectSpec, findings: Findings
) -> Iterator[Document | Rejected]:
    """The elements below the root of XML files: a column is an attribute, or an element in it."""
    assert spec.reading and spec.reading.columns
    columns = spec.reading.columns
    for path in paths:
        for number, row in enumerate(read_xml(path, spec.reading.encoding), start=1):
            assert isinstance(row, Element)
            given = [*row.attrib.items(), *((child.tag, _inner(child)) for child in row)]
            cells, times = dict(given), Counter(name for name, _ in given)
            for name in _named(columns).values():
                if times[name] != 1:
                    told = (
                        f"{times[name]} of the name" if times[name] else "no attribute or element"
                    )
                    raise UserError(f"{path}:{row.line}: {told} '{name}' here; expected one")
            read = _document(path, f"{path}:{row.line}", cells, columns, spec)
            yield Rejected(path.name, number, None, read) if isinstance(read, str) else read


def _inner(element: Element) -> str:
    return "".join(element.itertext()).strip()


def _named(columns: Columns) -> dict[str, str]:
    return {field: name for field, name in columns.model_dump().items() if name is not None}


def _tables(
    paths: list[Path], spec: CollectSpec, columns: Columns
) -> Iterator[Document | Rejected]:
    assert spec.reading
    names = list(dict.fromkeys(_named(columns).values()))
    lists = [columns.labels] if columns.labels else []
    for path in paths:
        encoding = spec.reading.encoding
        for block in read_blocks(path, path.name, names, encoding, lambda count: None, lists):
            yield from block.rejected
            values = {name: array.to_pylist() for name, array in block.columns.items()}
            for index, (number, byte) in enumerate(
                zip(block.rows.tolist(), block.bytes.tolist(), strict=True)
            ):
                cells = {name: column[index] for name, column in values.items()}
                found = _document(path, f"{path}: row {number}", cells, columns, spec)
                if isinstance(found, str):
                    yield Rejected(path.name, number, None if byte < 0 else byte, found)
                else:
                    yield found


def _document(
    path: Path, place: str, cells: Cells, columns: Columns, spec: CollectSpec
) -> Document | str:
    """A row as a document, or the reason why it is rejected."""
    given = {field: (cells.get(name) or "").strip() for field, name in _named(columns).items()}
    if any("\0" in value for value in given.values()):
        return "nul_byte"
    for field in {"patient", "note"} & given.keys():
        given[field] = read_id(given[field], place)
    for field in ("text", "second", "patient", "note"):
        if field in given and not given[field]:
            return f"missing_{field}_id" if field in ("patient", "note") else f"empty_{field}"
    document = Document(path, place, given["text"], unit=spec.unit)
    document.second = given.get("second")
    document.patient, document.note = given.get("patient"), given.get("note")
    document.split = given.get("split")
    if spec.answer == "number":
        try:
            document.value = float(given["value"])
        except ValueError:
            return "invalid_value"
        return document if math.isfinite(document.value) else "invalid_value"
    labels: list[str] | str = [given["labels"]]
    if spec.answer == "several_labels":
        labels = labels_in(cells[columns.labels or ""])
        if isinstance(labels, str):
            return labels
    elif not given["labels"]:
        return "missing_labels"
    document.labels = list(labels)
    if "concept" in given:
        return located(document, given["concept"])
    return document


def located(document: Document, concept: str) -> Document | str:
    """A sentence with its concept, where it first stands there; its label is the assertion's."""
    start = document.text.casefold().find(concept.casefold())
    end = start + len(concept)
    if not concept or start < 0 or document.text[start:end].casefold() != concept.casefold():
        return "concept_not_found"
    said = {"assertion": document.labels[0]}
    entity = Entity(start, end, "", document.place, mention=concept, attributes=said)
    document.entities, document.labels = [entity], []
    document.sentences = [(0, len(document.text))]
    return document
