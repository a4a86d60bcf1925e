"""BRAT stand-off, as n2c2 2018 has it: a text (`.txt`) and its annotations (`.ann`).

T is an entity, with offsets in characters and perhaps gaps; R a relation; A and M are attributes of
an entity. Events, equivalences, normalizations and notes are ignored and counted
(https://brat.nlplab.org/standoff.html).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from palimpsest.datasets.annotated import (
    Document,
    Entity,
    Findings,
    Relation,
    called,
    same_text,
)
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.exact import lines_of, paired, read_exact
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.errors import UserError

ENTITY = re.compile(r"(T\S+)\t(\S+) (\d{1,9} \d{1,9}(?:;\d{1,9} \d{1,9})*)(?:\t(.*))?")
IGNORED = {"E": "event", "*": "equivalence", "N": "normalization", "#": "note"}


def read_brat(
    paths: list[Path], spec: CollectSpec, findings: Findings
) -> Iterator[Document | Rejected]:
    """The texts of some files. One without annotations is rejected; they may be empty."""
    for path, files in paired(paths):
        if ".ann" not in files:
            yield Rejected(path.name, None, None, "without_annotations")
            continue
        document = Document(path, str(path), read_exact(path, spec.reading.encoding), path.stem)
        said: dict[str, dict[str, str]] = {}
        first: dict[str, str] = {}  # the place of each entity's name
        for place, line in lines_of(files[".ann"], spec.reading.encoding):
            if not line.strip():
                continue
            if found := ENTITY.fullmatch(line):
                if found[1] in first:
                    raise UserError(
                        f"{place}: {called(found[1])} stands at {first[found[1]]}, too; expected "
                        "one entity of a name"
                    )
                first[found[1]] = place
                document.entities.append(_entity(found, place))
            elif relation := _relation(line, place):
                document.relations.append(relation)
            elif attribute := _attribute(line):
                name, entity, value = attribute
                said.setdefault(entity, {})[name] = value
            elif line[0] in IGNORED:
                findings.ignored[IGNORED[line[0]]] += 1
            else:
                raise UserError(
                    f"{place}: expected a line of BRAT, such as T1, a tab, a type and offsets, a "
                    "tab and the text"
                )
        known = {entity.name for entity in document.entities}
        for relation in document.relations:
            for name in (relation.first, relation.second):
                if name not in known:
                    raise UserError(
                        f"{relation.place}: there is no {called(name)} among the entities"
                    )
        document.entities = [
            replace(entity, attributes=said.get(entity.name, {})) for entity in document.entities
        ]
        document.text = _counted(document)
        yield document


def _relation(line: str, place: str) -> Relation | None:
    """A line such as `R1`, a tab, `Dosage-Drug Arg1:T2 Arg2:T1`."""
    name, _, rest = line.partition("\t")
    words = rest.split()
    if name[:1] != "R" or len(words) != 3:
        return None
    ends = [word.partition(":T") for word in words[1:]]
    if not all(role and number for role, _, number in ends):
        return None
    return Relation(words[0], f"T{ends[0][2]}", f"T{ends[1][2]}", place)


def _attribute(line: str) -> tuple[str, str, str] | None:
    """A line such as `A2`, a tab, `Certainty T5 Probable`: attribute, entity, value.

    One without a value holds by being there.
    """
    name, _, rest = line.partition("\t")
    words = rest.split(maxsplit=2)
    if name[:1] not in ("A", "M") or len(words) < 2:
        return None
    return words[0], words[1], words[2].strip() if len(words) == 3 else words[0]


def _entity(found: re.Match[str], place: str) -> Entity:
    parts = tuple(
        (int(start), int(end)) for start, end in (part.split() for part in found[3].split(";"))
    )
    gaps = parts if len(parts) > 1 else ()
    return Entity(parts[0][0], parts[-1][1], found[2], place, found[1], found[4], gaps)


def _counted(document: Document) -> str:
    """The text with the line ends that the offsets count.

    A text that was copied to or from Windows may have others than it had when it was annotated.
    """
    text = document.text
    for candidate in (text, text.replace("\r\n", "\n")):
        if all(
            same_text(candidate[entity.start : entity.end], entity.mention)
            for entity in document.entities
            if entity.mention is not None and not entity.parts
        ):
            return candidate
    return text
