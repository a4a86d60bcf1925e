"""i2b2 2012 and 2014: XML with the note in TEXT and elements with offsets in TAGS.

2012 has EVENT and TIMEX3 with their `type`, and links between them, which no dataset has (Sun et
al. 2013, doi 10.1136/amiajnl-2013-000628). 2014 has an element for each category of protected
health information, such as NAME, with a TYPE, such as DOCTOR (Stubbs & Uzuner 2015,
doi 10.1016/j.jbi.2015.07.020). An entity has its type as label where the dataset names that label,
else the name of its element.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from palimpsest.datasets.annotated import Document, Entity, Findings
from palimpsest.datasets.config import CollectSpec
from palimpsest.formats.rejected import Rejected
from palimpsest.formats.xml_lines import Element, read_xml
from palimpsest.runtime.errors import UserError

KIND = re.compile(r"[A-Z][A-Z0-9]{1,15}")  # what elements of annotations are called


def read_i2b2_xml(
    paths: list[Path], spec: CollectSpec, findings: Findings
) -> Iterator[Document | Rejected]:
    """The notes of some files, each in one."""
    named = {*spec.labels, *spec.reading.rename, *spec.reading.leave_out}
    for path in paths:
        root = read_xml(path, spec.reading.encoding)
        texts, tags = root.findall("TEXT"), root.find("TAGS")
        if len(texts) != 1 or texts[0].text is None:
            raise UserError(f"{path}: expected one element TEXT with the note")
        document = Document(path, str(path), texts[0].text, path.stem)
        for tag in tags if tags is not None else []:
            assert isinstance(tag, Element)
            if "start" not in tag.attrib:  # a link
                findings.ignored[_kind(tag)] += 1
                continue
            place = f"{path}:{tag.line}"
            kind = tag.get("TYPE") or tag.get("type") or ""
            document.entities.append(
                Entity(
                    _number(tag, "start", place),
                    _number(tag, "end", place),
                    kind if kind in named else tag.tag,
                    place,
                    tag.get("id", ""),
                    tag.get("text"),
                    attributes=dict(tag.attrib),
                )
            )
        yield document


def _number(tag: Element, name: str, place: str) -> int:
    value = tag.get(name, "")
    if not value.isdecimal() or len(value) > 9:
        raise UserError(f"{place}: {_kind(tag)} has no whole number as '{name}'")
    return int(value)


def _kind(tag: Element) -> str:
    return tag.tag if KIND.fullmatch(tag.tag) else "an element"
