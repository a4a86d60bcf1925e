"""PubTator, as BC5CDR and NCBI-disease have it: a title, an abstract, and entities with offsets.

Offsets count characters of the title, one character, and the abstract. Relations are between
concepts and not between mentions: they are ignored and counted
(https://www.ncbi.nlm.nih.gov/research/pubtator3/tutorial).
"""

import re
from collections.abc import Iterator
from pathlib import Path

from palimpsest.datasets.annotated import Document, Entity, Findings
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.exact import lines_of
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.errors import UserError

OFFSET = re.compile(r"\d{1,9}")
PART = re.compile(r"([^|\t]+)\|([ta])\|(.*)")


def read_pubtator(
    paths: list[Path], spec: CollectSpec, findings: Findings
) -> Iterator[Document | Rejected]:
    """The abstracts of some files."""
    for path in paths:
        document: Document | None = None
        for place, line in [*lines_of(path, spec.reading.encoding), ("", "")]:
            if not line.strip():
                if document:
                    yield document
                document = None
            elif found := PART.fullmatch(line):
                document = _part(document, found, path, place)
            elif document and len(fields := line.split("\t")) >= 4 and fields[0] == document.name:
                if OFFSET.fullmatch(fields[1]) and OFFSET.fullmatch(fields[2]) and len(fields) >= 5:
                    start, end = int(fields[1]), int(fields[2])
                    entity = Entity(start, end, fields[4], place, mention=fields[3])
                    document.entities.append(entity)
                else:
                    findings.ignored["relation"] += 1
            else:
                raise UserError(
                    f"{place}: expected `id|t|title`, `id|a|abstract`, or the id, offsets, text "
                    "and type of an entity, separated by tabs"
                )


def _part(document: Document | None, found: re.Match[str], path: Path, place: str) -> Document:
    """The document with a title, or with the abstract behind it."""
    name, part, text = found.groups()
    if document is None and part == "t":
        return Document(path, place, text, name, paragraphs=[(0, len(text))])
    if (
        document is None
        or document.name != name
        or len(document.paragraphs or []) != 1
        or part == "t"
    ):
        raise UserError(
            f"{place}: expected a title and then its abstract, and an empty line between documents"
        )
    start = len(document.text) + 1
    document.text += "\n" + text
    document.paragraphs = [(0, start), (start, start + len(text))]
    return document
