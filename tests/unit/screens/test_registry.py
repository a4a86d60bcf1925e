"""Every screen is in one registry, which the study, the tables and the docs go by."""

import inspect
from pathlib import Path
from typing import get_args

import pytest

from palimpsest.screens.config import RephraseScreen, reasons_of
from palimpsest.screens.memorization import RealText
from palimpsest.screens.rephrases import REJECTS, SCHEMA
from palimpsest.screens.screen import SCREENS, MeasuringScreen, SentenceScreen
from palimpsest.screens.sentences import NearDuplicate
from palimpsest.study.schema import Study

PAGE = Path(__file__).parents[3] / "docs" / "screens.md"
DECLARED = [screen for screen in SCREENS.values() if not issubclass(screen, SentenceScreen)]


def docs_row(screen) -> str:
    """The row of a screen in docs/screens.md; only those that a study lists have parameters."""
    parameters = [name for name in screen.model_fields if name != "name"]
    measured = [screen.column] if issubclass(screen, MeasuringScreen) else []
    cells = [[name for name, kind in SCREENS.items() if kind is screen]]
    cells += [screen.reasons]
    cells += [] if issubclass(screen, SentenceScreen) else [parameters, measured]
    shown = [", ".join(f"`{name}`" for name in names) for names in cells]
    described = " ".join(inspect.getdoc(screen).split()).replace("|", r"\|")
    return f"| {' | '.join([*shown, described])} |".replace("|  |", "| |").replace("|  |", "| |")


@pytest.mark.parametrize("screen", SCREENS.values(), ids=list(SCREENS))
def test_the_docs_have_the_row_of_every_screen(screen):
    assert docs_row(screen) in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_docs_have_no_other_screen():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if "| Rejects " in line]) == len(SCREENS)


def test_a_study_lists_the_screens_of_rephrases():
    union, _ = get_args(RephraseScreen)
    assert set(get_args(union)) == set(DECLARED)
    assert "real_text" in SCREENS and RealText not in DECLARED and NearDuplicate not in DECLARED
    known = Study.model_json_schema()["properties"]["screens"]["items"]["discriminator"]["mapping"]
    assert set(known) == {name for name, screen in SCREENS.items() if screen in DECLARED}


def test_tables_have_a_column_for_every_screen_that_measures():
    columns = [screen.column for screen in DECLARED if issubclass(screen, MeasuringScreen)]
    assert columns == [
        "length_ratio", "repeated_share", "copied_share", "context_share", "found_share",
    ]  # fmt: skip
    assert SCHEMA.names[-len(columns) :] == columns == REJECTS.names[-len(columns) :]


def test_reasons_are_those_of_the_given_screens():
    length = SCREENS["length"].model_construct(name="length")
    copy = SCREENS["copy"].model_construct(name="copy")
    assert reasons_of([]) == ["empty"]
    assert reasons_of([length, copy]) == ["copy", "empty", "too_long", "too_short"]
