"""What the report of a study depends on besides the files that it shows."""

from typing import Any

from pydantic import Field

from palimpsest.runtime.schema import Declared


class ReportOfStudy(Declared):
    """What the report of a study is of."""

    title: str = Field(
        "",
        description="Its title, such as the question that the study asks. Absent: one is made of "
        "what is compared.",
    )
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

    facts: of the study, for plain words: its `title` if it has one; whether its notes are
    `generated` (all, some or none), and which are `written_by_programs`; what text its corpora are
    `made_of`; `models` and `tasks` that are shown, and sources and datasets that these `used`;
    the messages of `prompts` that rewrite notes, and `settings`; whether `fidelity` is shown, names
    of its `releases`, and of what is `left_out`.
    """

    study: str
    files: list[Shown]
    facts: dict[str, Any]
