"""Every script names the input that is missing or broken in one line, and leaves no output.

The scripts run in processes of their own. One process loads the libraries and is forked for each
run, so that loading them is paid for once.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
from cases import Case
from forking import CASES, IDS, ROOT, Runner
from rule_files import block, rules

from palimpsest.runtime.files import read_fields, write_manifest

SCRIPTS = sorted(
    path.relative_to(ROOT / "scripts").with_suffix("").as_posix()
    for path in (ROOT / "scripts").glob("*/*.py")
    if path.parent.name != "project"
)


def damage(path: Path, how: str) -> None:
    if how == "missing":
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        texts = {
            "text": "Secret: chest pain since this morning with dyspnea at rest\nand no table\n",
            "empty": "",
            "other JSON": '{"other": 1}',
            "list": "[]",
        }
        path.write_text(texts[how], encoding="utf-8")


MODELS = ("weights", "decoder")  # folders


def left_behind(folder: Path) -> list[str]:
    """What lies under out/, without temporary files and empty folders."""
    found = [path for path in (folder / "out").rglob("*") if not path.is_dir()]
    return [str(path.relative_to(folder)) for path in found if not path.name.startswith(".")]


def test_every_script_has_a_case() -> None:
    assert sorted({case.script for case in CASES}) == SCRIPTS


OPTIONS = re.compile(r" (--[a-z-]+) \{(?!resources\.)")  # but those that tune a job


def test_cases_give_a_script_the_options_that_its_rules_give_it() -> None:
    given: dict[str, set[str]] = {case.script: set() for case in CASES}
    for case in CASES:
        given[case.script] |= {word for word in case.arguments if word.startswith("--")}
    asked: dict[str, set[str]] = {}
    for body in rules().values():
        command = block(body, "shell")
        for script in re.findall(r"scripts/(\S+)\.py", command):
            asked.setdefault(script, set()).update(OPTIONS.findall(command))
    assert {script: given[script] for script in asked if script in given} == {
        script: options for script, options in asked.items() if script in given
    }


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_script_succeeds_with_whole_inputs(runner: Runner, folder: Path, case: Case) -> None:
    code, written = runner.run(folder, case)
    assert code == 0, written
    assert sorted(left_behind(folder)) == sorted(case.outputs)
    for manifest in case.manifests():
        found = json.loads((folder / manifest).read_text(encoding="utf-8"))
        assert found["wildcards"] == case.wildcards(), manifest


BROKEN = [
    pytest.param(case, name, how, id=f"{case.script}-{name}-{how}")
    for case in CASES
    for name, damages in case.damages.items()
    for how in damages
]


@pytest.mark.parametrize(("case", "name", "how"), BROKEN)
def test_a_broken_input_is_named_in_one_line_and_leaves_no_output(
    runner: Runner, folder: Path, case: Case, name: str, how: str
) -> None:
    damage(folder / name, how)
    code, written = runner.run(folder, case)
    assert "Traceback" not in written, written
    assert code == 1, written
    *_, error = written.splitlines()
    assert error.startswith("error: ") and written.count("error: ") == 1
    # A model's files are loaded together, so its folder may stand for them.
    model = name.partition("/")[0]
    assert name in error or (model in MODELS and f"{model}: " in error)
    if name.endswith((".csv", ".parquet", ".conll")) and "metrics" not in name:
        assert "Secret" not in written  # these hold note text, which no message repeats
    assert left_behind(folder) == []


def test_predictions_of_examples_that_are_no_more_are_not_scored(
    runner: Runner, folder: Path
) -> None:
    """An older copy of them, say, which is not newer than what was made of it."""
    case = next(case for case in CASES if case.script == "scoring/score")
    fields = read_fields(folder / "predictions.json")
    made_from = {"datasets": {"gold": "0" * 64}}
    write_manifest(folder / "predictions.json", {**fields, "made_from": made_from})
    code, written = runner.run(folder, case)
    assert code == 1 and "predictions.parquet: predictions of other examples of 'gold'" in written
