"""Texts as their offsets count them, and the files that belong to one text."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from palimpsest.formats.containers import HEAD, check_text, returns_error
from palimpsest.formats.encodings import codec_of
from palimpsest.runtime.errors import UserError

BOM = "\ufeff"


def read_exact(path: Path, encoding: str) -> str:
    """The text of a file with its own line ends, without a byte order mark.

    Raises UserError when it cannot be read, is no text or in another encoding, or holds NUL bytes.
    """
    codec = codec_of(encoding)
    try:
        content = path.read_bytes()
        check_text(path, content[:HEAD], markup=True)
        text = codec.decode(content)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path}: not {codec.name} at byte {error.start}; name its encoding as `encoding` of "
            "the dataset, such as cp1252"
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UserError(f"{path}:{line}: holds a NUL byte; expected text")
    return text.removeprefix(BOM)


def read_lines(path: Path, encoding: str) -> str:
    """As `read_exact`, of lines. Raises UserError where they end in CR alone, too."""
    text = read_exact(path, encoding)
    if "\n" not in text and "\r" in text.rstrip("\r"):
        raise returns_error(path)
    return text


def lines_of(path: Path, encoding: str) -> Iterator[tuple[str, str]]:
    """The lines of a file without their ends, each with its place, `file:line`."""
    for number, line in enumerate(read_lines(path, encoding).split("\n"), start=1):
        yield f"{path}:{number}", line.removesuffix("\r")


def paired(paths: Iterable[Path], text: str = ".txt") -> Iterator[tuple[Path, dict[str, Path]]]:
    """Each text with the files of the same name and other endings, by ending, in order of names.

    Raises UserError where two files have one name and ending, or a file has no text.
    """
    found: dict[str, dict[str, Path]] = {}
    for path in paths:
        files = found.setdefault(path.stem, {})
        ending = path.suffix.lower()
        if ending in files:
            raise UserError(
                f"{path}: {files[ending]} has the same name; expected one file of a name and ending"
            )
        files[ending] = path
    for name in sorted(found):
        files = found[name]
        if text not in files:
            raise UserError(
                f"{next(iter(files.values()))}: there is no {name}{text} among the files"
            )
        yield files.pop(text), files
