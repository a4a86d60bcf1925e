"""The workflow runs wherever the project lies and from wherever it is called, or says why not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import Project

pytestmark = pytest.mark.workflow
NAME = """brace{x} it's $HOME "a" é;&"""
NOTES = "results/notes/clinic.json"


@pytest.fixture(scope="module")
def oddly_named(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.create(tmp_path_factory.mktemp("odd") / NAME, "http://127.0.0.1:9/v1")


def elsewhere(project: Project, name: str) -> Path:
    """A folder with a study, its recipes and its files, and nothing of the project."""
    folder = project.folder / name
    folder.mkdir()
    shutil.copytree(project.folder / "config", folder / "config")
    shutil.copytree(project.folder / "encoder", folder / "encoder")
    shutil.copy(project.folder / "notes.csv", folder / "notes.csv")
    return folder


def run(project: Project, *arguments: str, folder: Path | None = None, **environment: str):
    return subprocess.run(
        project.command(*arguments),
        cwd=folder or project.folder,
        env={**project.environment(), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_a_project_of_any_name_runs_without_its_environment_being_active(
    oddly_named: Project,
) -> None:
    system = os.pathsep.join(
        folder
        for folder in os.defpath.split(os.pathsep)
        if folder and Path(folder) != Path(sys.executable).parent
    )
    done = run(oddly_named, NOTES, PATH=f"{system}:/usr/bin:/bin")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert oddly_named.manifest(NOTES)["rows"] > 0


def test_no_results_folder_is_committed_by_accident(oddly_named: Project) -> None:
    oddly_named.edit("config/config.yaml", lambda value: value.update(results="my-results/one"))
    try:
        done = run(oddly_named, "my-results/one/notes/clinic.json")
        assert done.returncode == 0, done.stderr[-4000:]
        git = ["git", "-C", str(oddly_named.folder)]
        subprocess.run([*git, "init", "--quiet"], check=True)
        listed = subprocess.run(
            [*git, "status", "--porcelain", "--untracked-files=all"],
            check=True,
            capture_output=True,
            text=True,
        )
        assert "config/config.yaml" in listed.stdout and "my-results" not in listed.stdout
    finally:
        oddly_named.edit("config/config.yaml", lambda value: value.update(results="results"))


@pytest.mark.parametrize("how", ["snakefile", "directory"])
def test_the_workflow_runs_in_another_folder(oddly_named: Project, how: str) -> None:
    folder = elsewhere(oddly_named, how)
    if how == "snakefile":
        done = run(oddly_named, "-s", "../Snakefile", NOTES, folder=folder)
    else:
        done = run(oddly_named, "--directory", how, NOTES)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert (folder / NOTES).exists()


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (
            "results/corpora/nonsense.parquet",
            "the study declares no corpus 'nonsense'; declared are [",
        ),
        ("results/table9.csv", "'table9'; declared are ['figure1', 'table1', 'table2']"),
        (
            "results/checkpoints/tiny/orignal/seed0.json",
            "no corpus 'orignal'; declared are ['formal'",
        ),
        ("results/passages/clinic/000-of-009.json", "'clinic' has no shard 000-of-009; it has 2"),
        ("results/nothing/at/all", "no rule makes it"),
    ],
)
def test_a_target_that_is_not_declared_is_refused_in_one_line(
    oddly_named: Project, target: str, wanted: str
) -> None:
    done = run(oddly_named, "-n", target)
    assert done.returncode == 1
    said = (done.stdout + done.stderr).splitlines()
    (line,) = [line for line in said if line.startswith("error: ")]
    assert wanted in line
    assert not any("Traceback" in other or "Exception" in other for other in said), said


def test_a_mistake_in_a_study_is_one_line(oddly_named: Project, tmp_path: Path) -> None:
    study = (oddly_named.folder / "config/config.yaml").read_text(encoding="utf-8")
    (tmp_path / "study.yaml").write_text(study.replace("seed: 1\n", "seed: 4294967296\n", 1))
    done = run(oddly_named, "-n", "--configfile", str(tmp_path / "study.yaml"))
    said = [line for line in (done.stdout + done.stderr).splitlines() if "study.yaml" in line]
    assert done.returncode == 1 and len(said) == 1
    assert "study.yaml: seed: " in said[0] and "less than 4294967296" in said[0]


def test_a_study_that_is_no_yaml_is_told_with_its_line(oddly_named: Project) -> None:
    path = oddly_named.folder / "config/config.yaml"
    kept = path.read_text(encoding="utf-8")
    path.write_text("results: results\nseed: [1\nsplits: 3\n", encoding="utf-8")
    try:
        done = run(oddly_named, "-n")
    finally:
        path.write_text(kept, encoding="utf-8")
    said = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 1 and "Traceback" not in done.stderr, said
    assert [line for line in said if "config.yaml:3: not valid YAML" in line]


def test_encoders_that_do_not_fit_are_named_before_the_first_job(oddly_named: Project) -> None:
    path = "config/config.yaml"
    oddly_named.edit(
        path, lambda value: value["experiments"][0]["finetuning"].update(max_tokens=512)
    )
    try:
        done = run(oddly_named, "results/table2.csv")
        assert done.returncode == 1
        said = (done.stdout + done.stderr).splitlines()
        (line,) = [line for line in said if line.startswith("error: ")]
        assert "experiments.tagging.finetuning.max_tokens: encoder: 512 tokens at once" in line
        assert "the model has 128 positions" in line
        assert not any("Execute" in other for other in said)
    finally:
        oddly_named.edit(
            path, lambda value: value["experiments"][0]["finetuning"].pop("max_tokens")
        )
