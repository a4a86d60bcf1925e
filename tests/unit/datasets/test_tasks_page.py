"""docs/tasks.md names every format with its kinds, every task file, and every reason."""

import re
from pathlib import Path

import yaml

from palimpsest.datasets.formats import FORMATS
from palimpsest.datasets.kinds import READERS

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "tasks.md").read_text(encoding="utf-8")
CODE = [
    path.read_text(encoding="utf-8")
    for path in (ROOT / "src/palimpsest/datasets").rglob("*.py")
    if path.stem not in ("sentences", "bronze", "silver", "label_parsing", "candidates")
]


def table(head):
    """The rows of the table whose first cell of the head begins so, cell by cell."""
    lines = TEXT.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {head}"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


def test_every_format_is_documented_with_its_kinds():
    documented = {row[0].strip("`"): tuple(row[1].split(", ")) for row in table("`format`")}
    assert documented == {name: known.kinds for name, known in FORMATS.items()}


def test_every_kind_is_documented():
    assert {row[0].strip("`") for row in table("kind")} == set(READERS)


def test_every_task_file_is_documented_with_its_kind():
    documented = {}
    for names, kinds, _ in table("task"):
        listed = re.findall(r"`([^`]+)`", names)
        given = kinds.split(", ")
        documented |= dict(zip(listed, given * (len(listed) // len(given)), strict=True))
    found = {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))["kind"]
        for path in (ROOT / "config/tasks").glob("*.yaml")
    }
    assert documented == found


def test_every_reason_is_documented():
    given = r'(?:rejected\(|reject\(|None, None, |return )"([a-z_]+)"'
    reasons = {reason for text in CODE for reason in re.findall(given, text)}
    assert len(reasons) > 15
    documented = {name for row in table("reason") for name in re.findall(r"`(\w+)`", row[0])}
    documented |= set(re.findall(r"`(\w+)`", TEXT.partition("Reasons in `entities`")[2]))
    undocumented = {name for name in reasons - documented if "_" in name}
    assert undocumented - {"patient_in_other_split"} == set()
