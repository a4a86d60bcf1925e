"""Draw the report of a study as one page."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from palimpsest.pages.page import render
from palimpsest.runtime.errors import UserError
from palimpsest.summary.config import SummarySpec
from palimpsest.summary.content import Bars, File, Part, Picture, Table, Words
from palimpsest.summary.glossary import occurring
from palimpsest.summary.sections import overview, sections

HERE = Path(__file__).parent


def render_summary(spec: SummarySpec, paths: Iterable[Path]) -> str:
    """The report as HTML: same files, same bytes. paths: of `spec.files`, in that order.

    Raises UserError where a file lacks a column: it is of another version.
    """
    shown = list(zip(spec.files, paths, strict=True))
    drawn = []
    parts_of: dict[str, list[Part]] = {}
    for section in sections():
        files = [
            File(one.name, one.title, path) for one, path in shown if one.section == section.name
        ]
        try:
            parts = section.draw(files, spec.facts)
        except KeyError as error:
            names = ", ".join(file.name for file in files)
            raise UserError(f"{names}: no column {error}; delete it to rebuild it") from error
        parts_of[section.name] = parts
        if parts and section != overview.SECTION:
            drawn.append({"name": section.name, "title": section.title, "parts": parts})
    title = overview.title_of(spec.facts, spec.study)
    texts = [text for parts in parts_of.values() for part in parts for text in _texts(part)]
    return render(
        HERE / "summary.html",
        HERE / "summary.css",
        None,
        title=title,
        study=spec.study,
        opening=parts_of[overview.SECTION.name],
        sections=drawn,
        terms=occurring(texts),
    )


def _texts(part: Part) -> Iterator[str]:
    """All that a part says."""
    if isinstance(part, Words):
        yield from part.lines
    elif isinstance(part, Table):
        yield from (part.caption, part.note, *part.head)
        yield from (cell for row in part.rows for cell in row)
    elif isinstance(part, Bars):
        yield part.caption
        yield from (word for name, pieces in part.lines for word in (name, *(p[0] for p in pieces)))
    elif isinstance(part, Picture):
        yield part.caption
        if part.numbers:
            yield from _texts(part.numbers)
