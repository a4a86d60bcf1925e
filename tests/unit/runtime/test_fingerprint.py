"""A code fingerprint changes with what a script does and with nothing else."""

import shutil
import textwrap
from pathlib import Path

import pytest

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.fingerprint import Fingerprints

FILES = {
    "scripts/script.py": """
        import argparse
        import bank
        from shop.till import total

        def main():
            return total([1, 2])
        """,
    "src/shop/__init__.py": "",
    "src/shop/till.py": """
        from shop.tax import RATE

        class Till:
            drawer = 1

        def total(prices):
            return sum(prices) * RATE
        """,
    "src/shop/tax.py": "RATE = 1.2\n",
    "src/shop/window.py": "DECORATION = 'lights'\n",
    "src/shop/prices.yaml": "# in cents\nbread: 250\nmilk: 120\n",
    "src/shop/deep/bottles.yaml": "red: 3\n",
    "src/shop/deep/__init__.py": "",
    "src/shop/deep/cellar.py": "WINE = 1\n",
    "src/bank/__init__.py": "from bank.vault import open_vault\n",
    "src/bank/vault.py": "def open_vault():\n    return 1\n",
}


@pytest.fixture
def project(tmp_path):
    """A script and the packages `shop` and `bank`; call it with edits to get a fingerprint."""
    count = 0

    def fingerprint(edits=None):
        nonlocal count
        count += 1
        folder = tmp_path / str(count)
        for name, text in (FILES | (edits or {})).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
        return Fingerprints(folder / "src").of(folder / "scripts" / "script.py")

    return fingerprint


TILL = textwrap.dedent(FILES["src/shop/till.py"])


def test_the_folder_and_the_time_of_the_files_do_not_matter(project):
    assert project() == project()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# what it costs\n" + TILL.replace("RATE\n", "RATE  # all\n"), id="comment"),
        pytest.param('"""The till."""\n' + TILL, id="module docstring"),
        pytest.param(
            TILL.replace("    drawer", '    """Holds coins."""\n\n    drawer'), id="class"
        ),
        pytest.param(
            TILL.replace("    return", '    """All of them."""\n    return'), id="function"
        ),
        pytest.param(
            TILL.replace("(prices)", "(\n    prices,\n)").replace("1\n", "1\n\n\n"), id="layout"
        ),
    ],
)
def test_comments_docstrings_and_layout_do_not_matter(project, text):
    assert text != TILL
    assert project({"src/shop/till.py": text}) == project()


def test_a_changed_or_removed_docstring_does_not_matter(project):
    texts = ['    """One."""\n    return', '    """Two."""\n    return', "    return"]
    assert (
        len({project({"src/shop/till.py": TILL.replace("    return", text)}) for text in texts})
        == 1
    )


def test_a_docstring_added_to_an_empty_body_does_not_matter(project):
    bodies = ["pass", '"""Nothing to do."""', '"""Nothing to do."""\n    pass']
    texts = [f"{TILL}\ndef idle():\n    {body}\n" for body in bodies]
    assert len({project({"src/shop/till.py": text}) for text in texts}) == 1


def test_a_string_that_is_not_a_docstring_matters(project):
    one, two = (TILL.replace("RATE\n\nclass", f"RATE\nNAME = '{x}'\n\nclass") for x in "ab")
    assert project({"src/shop/till.py": one}) != project({"src/shop/till.py": two})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sum(prices)", "max(prices)"),
        ("drawer = 1", "drawer = 2"),
        ("def total(prices)", "def total(prices=())"),
    ],
)
def test_changed_code_matters(project, old, new):
    assert project({"src/shop/till.py": TILL.replace(old, new)}) != project()


def test_the_scripts_own_code_matters(project):
    assert (
        project({"scripts/script.py": FILES["scripts/script.py"].replace("[1, 2]", "[1, 3]")})
        != project()
    )


def test_a_module_that_is_imported_indirectly_matters(project):
    assert project({"src/shop/tax.py": "RATE = 1.3\n"}) != project()


def test_every_package_that_is_imported_matters(project):
    assert project({"src/bank/vault.py": "def open_vault():\n    return 2\n"}) != project()


def test_a_package_that_is_not_imported_does_not_matter(project):
    without = {"scripts/script.py": FILES["scripts/script.py"].replace("        import bank\n", "")}
    edit = {"src/bank/vault.py": "def open_vault():\n    return 2\n"}
    assert project(without | edit) == project(without)


def test_a_module_that_is_not_imported_does_not_matter(project):
    assert project({"src/shop/window.py": "DECORATION = 'stars'\n"}) == project()


def test_an_enclosing_init_matters(project):
    assert project({"src/shop/__init__.py": "OPEN = True\n"}) != project()


@pytest.mark.parametrize(
    "line",
    [
        "import shop.deep.cellar",
        "import shop.deep.cellar as below",
        "from shop.deep import cellar",
        "from shop.deep.cellar import WINE",
        "from shop.deep.cellar import WINE as drink",
        "def later():\n    from shop.deep.cellar import WINE",
    ],
)
def test_every_form_of_import_is_followed(project, line):
    with_line = line + "\n" + textwrap.dedent(FILES["scripts/script.py"])
    assert project({"scripts/script.py": with_line}) != project(
        {"scripts/script.py": with_line, "src/shop/deep/cellar.py": "WINE = 2\n"}
    )


def test_a_data_file_beside_an_imported_module_matters(project):
    edit = {"src/shop/prices.yaml": "bread: 260\nmilk: 120\n"}
    assert project(edit) != project()
    assert project({"src/shop/weights.yaml": "bread: 500\n"}) != project()


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param({"src/shop/prices.yaml": "{bread: 250, 'milk': 120} # so\n"}, id="layout"),
        pytest.param({"src/shop/deep/bottles.yaml": "red: 4\n"}, id="no module of the folder used"),
        pytest.param({"scripts/notes.yaml": "a: 1\n"}, id="beside the script"),
    ],
)
def test_other_data_files_comments_and_layout_do_not_matter(project, edit):
    assert project(edit) == project()


def test_a_data_file_that_is_no_yaml_is_named(project):
    with pytest.raises(UserError, match=r"prices\.yaml: not valid YAML"):
        project({"src/shop/prices.yaml": "bread: [250\n"})


def test_modules_that_import_each_other_end(project):
    assert project({"src/shop/tax.py": "from shop import till\nRATE = 1\n"})


def test_a_relative_import_is_refused_with_its_place(project):
    with pytest.raises(UserError, match=r"till\.py:1: relative imports.*import by full name"):
        project({"src/shop/till.py": "from .tax import RATE\n"})


def test_a_syntax_error_names_file_and_line(project):
    with pytest.raises(UserError, match=r"tax\.py:2: not valid Python"):
        project({"src/shop/tax.py": "A = 1\nRATE = = 2\n"})


def test_a_missing_script_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.py: cannot be read"):
        Fingerprints(tmp_path).of(tmp_path / "nowhere.py")


@pytest.mark.parametrize(
    ("file", "line"), [("letterhead.py", "EDITED = True"), ("lexicon/symptoms.yaml", "a: [[b], c]")]
)
def test_only_the_script_that_generates_notes_depends_on_the_generator(tmp_path, file, line):
    root = Path(__file__).parents[3]
    shutil.copytree(root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    scripts = sorted((root / "scripts").rglob("*.py"))

    def fingerprints():
        code = Fingerprints(tmp_path / "src")
        return {path.name: code.of(path) for path in scripts}

    before = fingerprints()
    edited = tmp_path / "src" / "synthetic_notes" / file
    edited.write_text(edited.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    changed = {name for name, after in fingerprints().items() if after != before[name]}
    assert changed == {"generate_notes.py"}
