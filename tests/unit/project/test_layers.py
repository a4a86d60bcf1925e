"""Layers point one way: rules -> scripts -> package, and stages -> libraries, never one another."""

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "src" / "palimpsest"
GENERATOR = ROOT / "src" / "synthetic_notes"
STAGES = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())
LIBRARIES = {"facts", "formats", "pages", "runtime", "stats", "text"}
# What a room may use besides itself. `study` gathers the schemas that stand beside the stages.
ALLOWED = {
    "pages": {"runtime"},
    "runtime": set(),
    "text": {"runtime"},
    "stats": {"runtime"},
    "formats": {"runtime", "text"},
    "facts": {"runtime", "text"},
    "study": set(STAGES) - {"graph"},
    "graph": set(STAGES),
    "cli": set(STAGES),
    "bundle": LIBRARIES | {"study", "weights"},
}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_libraries_and_no_other_stage(stage: str) -> None:
    allowed = ALLOWED.get(stage, LIBRARIES) | {stage}
    for path in (PACKAGE / stage).rglob("*.py"):
        used = {name.split(".")[1] for name in imported(path) if name.startswith("palimpsest.")}
        assert used <= allowed, f"{path.relative_to(ROOT)} imports {sorted(used - allowed)}"


def packages_of(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def test_the_generator_knows_nothing_of_palimpsest() -> None:
    for path in GENERATOR.rglob("*.py"):
        assert "palimpsest" not in packages_of(path), path.relative_to(ROOT)


def test_palimpsest_takes_generated_notes_in_one_place_and_their_versions_in_another() -> None:
    users = {path for path in PACKAGE.rglob("*.py") if "synthetic_notes" in packages_of(path)}
    assert users == {PACKAGE / "notes" / "generated.py", PACKAGE / "graph" / "notes.py"}
    for path in users:  # and only public names
        assert {name for name in imported(path) if "synthetic" in name} == {"synthetic_notes"}


def test_neither_packages_nor_scripts_import_snakemake() -> None:
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]:
        assert "snakemake" not in packages_of(path), path


def test_no_two_test_files_have_one_name() -> None:
    # pytest imports them as top-level modules: a second one of a name stops the whole run.
    names = Counter(path.name for path in (ROOT / "tests").rglob("*.py"))
    assert [name for name, count in names.items() if count > 1] == ["conftest.py"]
