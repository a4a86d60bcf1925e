"""The page of generated notes shows what the generator writes now."""

import html
import re
import sys
from pathlib import Path

import pytest

from synthetic_notes import CATEGORIES

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def script(monkeypatch):
    """scripts/project/write_notes_page.py as a module."""
    monkeypatch.syspath_prepend(ROOT / "scripts" / "project")
    import write_notes_page

    return write_notes_page


def test_the_committed_page_is_current(script):
    written = script.PAGE.read_text(encoding="utf-8")
    assert written == script.page(), "run scripts/project/write_notes_page.py"


def test_check_fails_when_the_page_differs(script, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "PAGE", tmp_path / "generated-notes.html")
    monkeypatch.setattr(sys, "argv", ["write_notes_page.py", "--check"])
    with pytest.raises(SystemExit, match="run write_notes_page.py"):
        script.main()
    assert not script.PAGE.exists()


def test_the_notes_are_whole_and_every_label_is_shown(script):
    notes = [note for _, note in script.chosen()]
    assert [note.category for note in notes] == ["Discharge summary"] * 2 + ["Radiology report"]
    for note in notes:
        shown = script.annotated(note)
        assert shown.count("<span") == shown.count("</span>")
        labels = re.sub(r"<sup>.*?</sup>|<span class=\"category\">.*?</span>", "", shown)
        assert html.unescape(re.sub(r"<[^>]*>", "", labels)) == note.text.rstrip("\n")
        entities = re.findall(r'<span class="(?:problem|treatment|test) ', shown)
        assert len(entities) == len(note.spans)
        assert shown.count('<span class="phi">') == len(note.phi)
    first = script.annotated(notes[0])
    assert all(f'<span class="category">{category}</span>' in first for category in CATEGORIES)


def test_the_page_loads_nothing_from_elsewhere(script):
    text = script.PAGE.read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|src=|url\(|https?://", text)
