"""Synthesis without real notes: from case reports to a corpus, and to its export."""

import os
import subprocess
import sys

import pytest
from datasets import load_dataset
from project import Project, write_yaml
from scripted_server import ScriptedServer

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

CARD = "results/export/written/README.md"
SET = "cases.summary"
PROMPT = {"system": "", "user": "Write the discharge summary.\n\n{passage}"}
NONE = ("rephrasings", "tokenizers", "evaluations", "datasets", "experiments", "figures", "tables")


def of_case_reports(value: dict) -> None:
    """One source of case reports, one synthesis, one corpus of what it gives."""
    part = {"kind": "synthetic_notes", "source": "cases", "llm": "alpha", "prompt": "summary"}
    value.update(
        sources=[
            {"name": "cases", "kind": "generated-case-reports", "patients": 12}
            | {"splits": {"train": 1, "valid": 0, "test": 0}, "licence": "apache-2.0"}
        ],
        syntheses=[{"source": "cases", "llms": ["alpha"], "prompts": ["summary"], "tokens": 900}],
        synthesis_screens=[{"name": "truncated"}],
        corpora=[{"name": "written", "parts": [{**part, "tokens": 100}]}],
        **dict.fromkeys(NONE, []),
    )


@pytest.fixture(scope="module")
def written(server: ScriptedServer, tmp_path_factory) -> Project:
    """The study, built up to the export; `jobs` ran for it."""
    server.pause, server.fail_next = 0.0, 0
    project = Project.create(tmp_path_factory.mktemp("written") / "project", server.url)
    project.edit("config/config.yaml", of_case_reports)
    write_yaml(project.folder / "config/prompts/summary.yaml", PROMPT)
    project.jobs = project.build(CARD)
    return project


def test_a_synthesis_takes_the_road_of_every_use_of_an_llm(written: Project) -> None:
    shard = "000-of-001"
    assert written.jobs == {
        "generate_notes cases",
        "prepare_weights tiny",
        "check_splits",
        f"synthesis_requests cases summary {shard}",
        f"complete_requests alpha {SET} {shard}",
        f"screen_synthetic_notes alpha {SET} {shard}",
        "mix_corpus written",
        "export_corpus written",
    }
    (part,) = written.manifest("results/corpora/written.json")["parts"]
    assert part["kind"] == "synthetic_notes" and part["account"]["kept"] > 0


def test_its_export_opens_and_says_whose_words_it_has(written: Project, tmp_path) -> None:
    folder = written.folder / "results/export/written"
    rows = load_dataset(str(folder), cache_dir=str(tmp_path))["train"].to_list()
    assert {(row["kind"], row["llm"], row["prompt"]) for row in rows} == {
        ("synthetic_notes", "alpha", "summary")
    }
    completions = written.manifest(f"results/completions/alpha/{SET}/000-of-001.json")
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert PROMPT["user"] in card and completions["asked_of"]["weights"] in card
    assert not any(row["text"] in card or row["note_id"] in card for row in rows)


def export(project: Project, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "palimpsest", "export", *arguments]
    path = {"PYTHONPATH": str(project.folder / "src")}
    return subprocess.run(
        command, cwd=project.folder, env=os.environ | path, capture_output=True, text=True
    )


def test_the_command_writes_the_same_folder(written: Project, tmp_path) -> None:
    done = export(written, "written", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    for name in ("README.md", "data/train.parquet"):
        made = (tmp_path / "out" / name).read_bytes()
        assert made == written.read(f"results/export/written/{name}")


def test_the_command_refuses_what_it_cannot_export_in_one_line(written: Project, tmp_path) -> None:
    project = written.copy(tmp_path / "project")
    (project.folder / "results/corpora/written.parquet").unlink()
    for corpus, told in (
        ("other", "the study declares no 'other'; there are ['written']"),
        ("written", "no such file, so there is nothing to export; run `snakemake results/corpora"),
    ):
        done = export(project, corpus, "--out", str(tmp_path / corpus))
        assert done.returncode == 1 and told in done.stderr
        assert len(done.stderr.splitlines()) == 1 and not (tmp_path / corpus).exists()


def test_an_edit_of_its_screens_asks_no_llm(
    written: Project, server: ScriptedServer, tmp_path
) -> None:
    project = written.copy(tmp_path / "project")
    project.forget_logs()
    server.requests.clear()
    project.edit(
        "config/config.yaml",
        lambda value: value.update(synthesis_screens=[{"name": "truncated"}, {"name": "thinking"}]),
    )
    jobs = project.build(CARD)
    screened = f"screen_synthetic_notes alpha {SET} 000-of-001"
    assert jobs == {screened, "mix_corpus written", "export_corpus written"}
    assert not server.requests
