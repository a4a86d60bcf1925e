"""Draw the report of a study as one page."""

from collections.abc import Iterable
from pathlib import Path

from palimpsest.pages.page import render
from palimpsest.runtime.errors import UserError
from palimpsest.summary.config import SummarySpec
from palimpsest.summary.content import File
from palimpsest.summary.sections import sections

HERE = Path(__file__).parent


def render_summary(spec: SummarySpec, paths: Iterable[Path]) -> str:
    """The report as HTML: same files, same bytes. paths: of `spec.files`, in that order.

    Raises UserError where a file lacks a column: it is of another version.
    """
    shown = list(zip(spec.files, paths, strict=True))
    drawn = []
    for section in sections():
        files = [
            File(one.name, one.title, path) for one, path in shown if one.section == section.name
        ]
        try:
            parts = section.draw(files, spec.facts)
        except KeyError as error:
            names = ", ".join(file.name for file in files)
            raise UserError(f"{names}: no column {error}; delete it to rebuild it") from error
        if parts:
            drawn.append({"name": section.name, "title": section.title, "parts": parts})
    return render(
        HERE / "summary.html",
        HERE / "summary.css",
        None,
        title=f"Report of {spec.study}",
        study=spec.study,
        sections=drawn,
        facts=spec.facts,
    )
