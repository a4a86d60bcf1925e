"""The configuration reference is what the schemas say, and its links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def script(monkeypatch):
    """scripts/project/write_config_reference.py as a module."""
    monkeypatch.syspath_prepend(ROOT / "scripts" / "project")
    import write_config_reference

    return write_config_reference


def test_the_committed_reference_is_current(script):
    written = script.REFERENCE.read_text(encoding="utf-8")
    assert written == script.reference(), "run scripts/project/write_config_reference.py"


def test_check_fails_when_the_reference_differs(script, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "REFERENCE", tmp_path / "configuration.md")
    monkeypatch.setattr(sys, "argv", ["write_config_reference.py", "--check"])
    with pytest.raises(SystemExit, match=r"configuration\.md is not current: run"):
        script.main()
    assert not script.REFERENCE.exists()
    script.REFERENCE.write_text(script.reference(), encoding="utf-8")
    script.main()


def test_every_link_of_the_reference_leads_to_a_heading(script):
    text = script.reference()
    headings = re.findall(r"^##+ (.+)$", text, re.M)
    anchors = [script.anchor(heading) for heading in headings]
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(anchors)
    for path in re.findall(r"\]\((\.\./[^)]+)\)", text):
        assert (script.REFERENCE.parent / path).exists(), path


def test_every_form_of_every_object_has_a_section(script):
    text = script.reference()
    for form in ("sources with kind table", "screens with name copy", "parts with kind notes"):
        assert form in text
    for form in ("tables with kind comparison", "Model file with kind decoder"):
        assert form in text
    for form in (
        "figures with kind perplexity",
        "figures with kind token_budget",
        "figures with kind learning_curve",
        "figures with kind training_curve",
    ):
        assert form in text
    for form in (
        "datasets.candidates with by embedding",
        "datasets with kind spans and made_by experts",
    ):
        assert form in text
    for form in ("Category prompt file", "Taxonomy file: categories.near_misses"):
        assert form in text


def test_a_key_without_a_description_is_refused(script):
    from pydantic import BaseModel, TypeAdapter

    class Bare(BaseModel):
        """An object with an unexplained key."""

        key: int

    file = script.File("Bare file", TypeAdapter(Bare).json_schema())
    with pytest.raises(ValueError, match="Bare file: key 'key' has no description"):
        list(script.table_of("Bare file", file))


def test_the_reference_is_the_same_in_another_process(script):
    command = "import write_config_reference as w; print(w.reference(), end='')"
    paths = f"{ROOT / 'src'}:{ROOT / 'scripts' / 'project'}"
    again = subprocess.run(
        [sys.executable, "-c", command],
        env={"PYTHONPATH": paths, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stdout == script.reference()
