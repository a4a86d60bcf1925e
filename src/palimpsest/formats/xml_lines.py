"""XML elements that know their line. Entities that a file declares itself are refused."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from xml.parsers import expat

from palimpsest.formats.containers import HEAD, check_file
from palimpsest.runtime.errors import UserError

CDATA, CDATA_END = b"<![CDATA[", b"]]>"
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
    check_file(path, content[:HEAD], "")
    try:
        return _parsed(content, path)
    except expat.ExpatError:
        try:
            return _parsed(_without_bare(content), path)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise UserError(f"{path}:{error.lineno}: expected XML: {reason}") from error
    except (LookupError, ValueError) as error:
        raise UserError(
            f"{path}: declares an encoding that is not known; save it as UTF-8"
        ) from error


def _without_bare(content: bytes) -> bytes:
    """XML whose ampersands are all entities; in CDATA each always stands for itself."""
    pieces, position = [], 0
    while (begin := content.find(CDATA, position)) >= 0:
        end = content.find(CDATA_END, begin)
        end = end + len(CDATA_END) if end >= 0 else len(content)
        pieces += [BARE.sub(b"&amp;", content[position:begin]), content[begin:end]]
        position = end
    return b"".join([*pieces, BARE.sub(b"&amp;", content[position:])])


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
