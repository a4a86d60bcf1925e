"""CoNLL: a token, a tab and its IOB2 tag a line; an empty line ends a sentence."""

from collections.abc import Iterator
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_text
from palimpsest.runtime.rows import Row
from palimpsest.text.iob2 import OUTSIDE, Offsets, tag_names


def read_conll(paths: list[Path], labels: list[str]) -> Iterator[Row]:
    """The sentences of files, whose text is the tokens joined by blanks."""
    for words, tags in (found for path in paths for found in _sentences(path, labels)):
        tokens: list[Offsets] = []
        start = 0
        for word in words:
            tokens.append({"start": start, "end": start + len(word)})
            start += len(word) + 1
        yield {"text": " ".join(words), "tokens": tokens, "spans": _tagged(tokens, tags)}


def _tagged(tokens: list[Offsets], tags: list[str]) -> list[Row]:
    """The spans that IOB2 tags say; an `I-` that continues nothing begins a span."""
    found: list[Row] = []
    previous = OUTSIDE
    for token, tag in zip(tokens, tags, strict=True):
        prefix, _, label = tag.partition("-")
        if prefix == "I" and previous.partition("-")[2] == label:
            found[-1]["end"] = token["end"]
        elif tag != OUTSIDE:
            found.append({**token, "label": label})
        previous = tag
    return found


def _sentences(path: Path, labels: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Tokens and tags of a CoNLL-style file: `token<TAB>tag`, blank between sentences."""
    known = set(tag_names(labels))
    tokens: list[str] = []
    tags: list[str] = []
    for number, line in enumerate([*read_text(path).split("\n"), ""], start=1):
        line = line.rstrip("\r")
        if line.strip():
            fields = line.split("\t")
            if len(fields) < 2 or fields[-1] not in known:
                raise UserError(
                    f"{path}:{number}: expected a token, a tab and one of the tags {sorted(known)}"
                )
            tokens.append(fields[0])
            tags.append(fields[-1])
        elif tokens:
            yield tokens, tags
            tokens, tags = [], []
