"""Data files become typed objects, and a wrong entry is named with its file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic_notes import data_files
from synthetic_notes.admissions.schema import Admission
from synthetic_notes.data_files import load
from synthetic_notes.imaging import CLEAR_CHEST

SOURCES = Path(__file__).parents[3] / "src" / "synthetic_notes"
GOOD = (SOURCES / "admissions" / "respiratory.yaml").read_text(encoding="utf-8")


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a file where the package would have it, and give its name."""
    monkeypatch.setattr(data_files, "files", lambda package: tmp_path)

    def write(text: str) -> str:
        (tmp_path / "table.yaml").write_text(text, encoding="utf-8")
        return "table.yaml"

    return write


def test_lists_become_tuples_and_named_objects_are_put_in(write):
    admissions = load(write(GOOD), tuple[Admission, ...], {"clear chest": CLEAR_CHEST})
    asthma = next(admission for admission in admissions if admission.code == "J45.901")
    assert asthma.patients.ages == (19, 62) and asthma.patients.sex is None
    assert asthma.studies == (CLEAR_CHEST,)
    assert load(write("{a: [1, 2.5], b: [3, 4]}"), dict[str, tuple[float, float]]) == {
        "a": (1, 2.5),
        "b": (3, 4),
    }


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("ages: [24, 94]", "ages: [24, old]", "J18.9.patients.ages.1: 'old' found, expected int"),
        (
            "ages: [24, 94]",
            "ages: [24]",
            r"J18.9.patients.ages: \[24\] found, expected tuple\[int, int\]",
        ),
        (
            "ages: [24, 94]",
            "age: [24, 94]",
            "J18.9.patients.age: unknown key, expected one of weight, ages",
        ),
        ("ages: [24, 94], ", "", "J18.9.patients.ages: missing"),
        ("temp: [100.8, 103.1]", "temp: [100.8, hot]", "J18.9.vitals.temp.1: 'hot' found"),
        ("onset: [2 days,", "onset: [2,", "J18.9.onset.0: 2 found, expected str"),
        ("sudden: true", "sudden: 1", "sudden: 1 found, expected bool"),
        ("- clear chest", "- clear head", "J45.901.studies.0: 'clear head' found, expected Study"),
        ("ages: [24, 94]", "ages: [24, 94", r"not valid YAML: did not find expected"),
    ],
)
def test_a_wrong_entry_is_named_with_file_and_key(write, old, new, complaint):
    text = GOOD.replace("  symptoms:", "  sudden: true\n  symptoms:", 1)
    text = text.replace("studies: [clear chest]", "studies:\n    - clear chest")
    assert old in text
    with pytest.raises(ValueError, match=rf"^table\.yaml:.*{complaint}"):
        load(write(text.replace(old, new, 1)), tuple[Admission, ...], {"clear chest": CLEAR_CHEST})


def test_a_repeated_key_is_refused_with_its_line(write):
    with pytest.raises(ValueError, match=r"^table\.yaml:2: not valid YAML: a key stands twice"):
        load(write("# symptoms\n{fever: [fevers], fever: [heat]}"), dict[str, tuple[str, ...]])


def test_every_data_file_of_the_package_is_read():
    """A file that no module asks for would be edited in vain."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    for path in SOURCES.rglob("*.yaml"):
        if path.parent.name == "admissions":
            assert f'"{path.stem}"' in code
        else:
            assert f'load("{path.relative_to(SOURCES).as_posix()}"' in code.replace("\n    ", "")
