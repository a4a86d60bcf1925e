"""XML elements that know their line. Entities that a file declares itself are refused."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from xml.parsers import expat

from palimpsest.runtime.errors import UserError

CDATA = re.compile(rb"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
BARE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)")


class Element(ElementTree.Element):
    """An element; line: where it begins in the file, from 1."""

    line: int


def read_xml(path: Path) -> Element:
    """The root of an XML file. An ampersand that stands for itself is one, as corpora have it.

    Raises UserError naming the line where it is not well formed or declares an entity, which could
    make a small file large, or read another one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return _parsed(content, path)
    except expat.ExpatError:
        parts = CDATA.split(content)  # every second one is CDATA, where & always stands for itself
        parts[::2] = [BARE.sub(b"&amp;", part) for part in parts[::2]]
        try:
            return _parsed(b"".join(parts), path)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise UserError(f"{path}:{error.lineno}: expected XML: {reason}") from error


def _parsed(content: bytes, path: Path) -> Element:
    """The root. Raises ExpatError."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise UserError(f"{path}:{parser.CurrentLineNumber}: declares an entity; expected none")

    def element(tag: str, attributes: dict[str, str]) -> Element:
        made = Element(tag, attributes)
        made.line = parser.CurrentLineNumber
        return made

    builder = ElementTree.TreeBuilder(element_factory=element)
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.buffer_text = True
    parser.Parse(content, True)
    return builder.close()  # type: ignore[return-value]
