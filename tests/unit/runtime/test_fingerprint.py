"""A code fingerprint changes with what a script does and with nothing else."""

import textwrap

import pytest

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.fingerprint import code_fingerprint

FILES = {
    "script.py": """
        import argparse
        from shop.till import total

        def main():
            return total([1, 2])
        """,
    "shop/__init__.py": "",
    "shop/till.py": """
        from shop.tax import RATE

        class Till:
            drawer = 1

        def total(prices):
            return sum(prices) * RATE
        """,
    "shop/tax.py": "RATE = 1.2\n",
    "shop/window.py": "DECORATION = 'lights'\n",
    "shop/deep/__init__.py": "",
    "shop/deep/cellar.py": "WINE = 1\n",
}


@pytest.fixture
def project(tmp_path):
    """A script and the package `shop`; call it with edits to get a fingerprint."""
    count = 0

    def fingerprint(edits=None):
        nonlocal count
        count += 1
        folder = tmp_path / str(count)
        for name, text in (FILES | (edits or {})).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
        return code_fingerprint(folder / "script.py", folder / "shop")

    return fingerprint


TILL = textwrap.dedent(FILES["shop/till.py"])


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
    assert project({"shop/till.py": text}) == project()


def test_a_changed_or_removed_docstring_does_not_matter(project):
    texts = ['    """One."""\n    return', '    """Two."""\n    return', "    return"]
    assert len({project({"shop/till.py": TILL.replace("    return", text)}) for text in texts}) == 1


def test_a_docstring_added_to_an_empty_body_does_not_matter(project):
    bodies = ["pass", '"""Nothing to do."""', '"""Nothing to do."""\n    pass']
    texts = [f"{TILL}\ndef idle():\n    {body}\n" for body in bodies]
    assert len({project({"shop/till.py": text}) for text in texts}) == 1


def test_a_string_that_is_not_a_docstring_matters(project):
    one, two = (TILL.replace("RATE\n\nclass", f"RATE\nNAME = '{x}'\n\nclass") for x in "ab")
    assert project({"shop/till.py": one}) != project({"shop/till.py": two})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sum(prices)", "max(prices)"),
        ("drawer = 1", "drawer = 2"),
        ("def total(prices)", "def total(prices=())"),
    ],
)
def test_changed_code_matters(project, old, new):
    assert project({"shop/till.py": TILL.replace(old, new)}) != project()


def test_the_scripts_own_code_matters(project):
    assert project({"script.py": FILES["script.py"].replace("[1, 2]", "[1, 3]")}) != project()


def test_a_module_that_is_imported_indirectly_matters(project):
    assert project({"shop/tax.py": "RATE = 1.3\n"}) != project()


def test_a_module_that_is_not_imported_does_not_matter(project):
    assert project({"shop/window.py": "DECORATION = 'stars'\n"}) == project()


def test_an_enclosing_init_matters(project):
    assert project({"shop/__init__.py": "OPEN = True\n"}) != project()


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
    with_line = line + "\n" + textwrap.dedent(FILES["script.py"])
    assert project({"script.py": with_line}) != project(
        {"script.py": with_line, "shop/deep/cellar.py": "WINE = 2\n"}
    )


def test_modules_that_import_each_other_end(project):
    assert project({"shop/tax.py": "from shop import till\nRATE = 1\n"})


def test_a_relative_import_is_refused_with_its_place(project):
    with pytest.raises(UserError, match=r"till\.py:1: relative imports.*import by full name"):
        project({"shop/till.py": "from .tax import RATE\n"})


def test_a_syntax_error_names_file_and_line(project):
    with pytest.raises(UserError, match=r"tax\.py:2: not valid Python"):
        project({"shop/tax.py": "A = 1\nRATE = = 2\n"})


def test_a_missing_script_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.py: cannot be read"):
        code_fingerprint(tmp_path / "nowhere.py", tmp_path)
