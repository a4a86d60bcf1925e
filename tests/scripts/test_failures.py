"""Every script names the input that is missing or broken in one line, and leaves no output.

The scripts run in processes of their own. One process loads the libraries and is forked for each
run, so that loading them is paid for once.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cases
import cases_datasets
import cases_experiments
import pytest
from cases import Case
from rule_files import block, rules
from tiny_inputs import write_inputs

ROOT = Path(__file__).parents[2]
LABELLED = (cases_datasets, cases_experiments)
CASES = [case for module in (cases, *LABELLED) for case in module.CASES]
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
FORKED = """
import json, os, runpy, sys, traceback
import datasets, httpx, matplotlib, pandas, pyarrow.parquet, pydantic, transformers, yaml
import palimpsest.perplexity.score, palimpsest.pretraining.encoder, palimpsest.finetuning.run
import palimpsest.notes.read, palimpsest.reports.screens, palimpsest.reports.figures.perplexity
import sklearn.feature_extraction.text, sklearn.metrics
for line in sys.stdin:
    folder, log, *sys.argv = json.loads(line)
    child = os.fork()
    if not child:
        os.chdir(folder)
        stream = os.open(log, os.O_WRONLY | os.O_CREAT)
        os.dup2(stream, 1), os.dup2(stream, 2)
        code = 0
        try:
            runpy.run_path(sys.argv[0], run_name="__main__")
        except SystemExit as error:
            code = error.code
        except BaseException:
            traceback.print_exc()
            code = 99
        sys.stderr.flush()
        os._exit(code or 0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Runner:
    """Runs scripts in forks of a process that has loaded the libraries."""

    def __init__(self) -> None:
        known = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        known |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT / "src")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", FORKED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=known,
        )

    def run(self, folder: Path, case: Case) -> tuple[int, str]:
        """Exit status and everything that the script wrote."""
        script = str(ROOT / "scripts" / f"{case.script}.py")
        line = [str(folder), str(folder / "log"), script, *case.arguments]
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        return code, (folder / "log").read_text(encoding="utf-8")

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    made = Runner()
    yield made
    made.close()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    write_inputs(folder)
    for module in LABELLED:
        module.write(folder)
    return folder


@pytest.fixture
def folder(inputs: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(inputs, tmp_path / "work"))


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
    for body in rules().values():
        command = block(body, "shell")
        for script in re.findall(r"scripts/(\S+)\.py", command):
            if script in given:
                assert given[script] == set(OPTIONS.findall(command)), script


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.script}-{index}" for index, case in enumerate(CASES)]
)
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
