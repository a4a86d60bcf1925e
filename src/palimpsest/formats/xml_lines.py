"""XML elements that know their line. Entities that a file declares itself are refused."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from xml.parsers import expat

from palimpsest.formats.containers import HEAD, check_file
from palimpsest.formats.encodings import HINT
from palimpsest.runtime.errors import UserError

UTF8 = "utf-8"
INVALID = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]
CDATA, CDATA_END = b"<![CDATA[", b"]]>"
BARE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);)")


class Element(ElementTree.Element):
    """An element; line: where it begins in the file, from 1."""

    line: int


def read_xml(path: Path, encoding: str = UTF8) -> Element:
    """The root of an XML file. An ampersand that stands for itself is one, as corpora have it.

    encoding: another one than UTF-8 is the file's, whatever the file says itself.
    Raises UserError naming the line where it is not well formed or declares an entity, which could
    make a small file large, or read another one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    check_file(path, content[:HEAD], "")
    try:
        return _parsed(content, path, encoding)
    except expat.ExpatError:
        try:
            return _parsed(_without_bare(content), path, encoding)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            if error.code == INVALID and encoding == UTF8 and not _decodable(content):
                reason += f"; it is not UTF-8: {HINT}"
            raise UserError(f"{path}:{error.lineno}: expected XML: {reason}") from error
    except (LookupError, ValueError) as error:
        raise UserError(
            f"{path}: declares an encoding that is not known; save it as UTF-8"
        ) from error


def _decodable(content: bytes) -> bool:
    try:
        content.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _without_bare(content: bytes) -> bytes:
    """XML whose ampersands are all entities; in CDATA each always stands for itself."""
    pieces, position = [], 0
    while (begin := content.find(CDATA, position)) >= 0:
        end = content.find(CDATA_END, begin)
        end = end + len(CDATA_END) if end >= 0 else len(content)
        pieces += [BARE.sub(b"&amp;", content[position:begin]), content[begin:end]]
        position = end
    return b"".join([*pieces, BARE.sub(b"&amp;", content[position:])])


def _parsed(content: bytes, path: Path, encoding: str) -> Element:
    """The root. Raises ExpatError."""
    parser = expat.ParserCreate(None if encoding == UTF8 else encoding)

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
