"""What the report of a study depends on besides the files that it shows."""

from typing import Any

from pydantic import Field

from palimpsest.runtime.schema import Declared


class ReportOfStudy(Declared):
    """What the report of a study is of."""

    without: list[str] = Field(
        [],
        description="Declared tables, figures, datasets that an LLM makes, judges and releases "
        "that it does not show, nor wait for; `overlap` is the table of that name. It says so.",
    )


class Shown(Declared):
    """A file of a section. name: its path below the results; title: what it is of, if not that."""

    section: str
    name: str
    title: str = ""


class SummarySpec(Declared):
    """The report. files: in the order in which the program is given them.

    facts: of the study, for plain words: whether its notes are `generated` (all, some or none),
    whether `fidelity` is shown, names of its `releases`, and of what is `left_out`.
    """

    study: str
    files: list[Shown]
    facts: dict[str, Any]
