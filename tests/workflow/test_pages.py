"""From a CSV file's header to table 1, and to the pages that people look at, by Snakemake."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path

import pytest
import yaml
from project import REPOSITORY, Project, write_notes
from scripted_server import ScriptedServer

from palimpsest.evidence.seal import faults

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
PLANTED = "Mrs. Quatermain-Oyelaran"
EVIDENCE = """
evidence:
  - {name: pack, title: Mine, creators: [The lab], published: 2026-01-31, licence: CC-BY-4.0}
"""
GIVEN = REPOSITORY.parent / "shared/data/aci-bench"
CSV = ("train.csv", "valid.csv", "clinicalnlp_taskB_test1.csv")


@pytest.fixture(scope="module")
def begun(server: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project without results, whose LLM is the scripted server."""
    server.requests.clear()
    project = Project.create(tmp_path_factory.mktemp("begun") / "project", server.url)
    shutil.copytree(REPOSITORY / "config/schema", project.folder / "config/schema")
    for name in ("pyproject.toml", "requirements.lock"):  # packs repeat them
        shutil.copy(REPOSITORY / name, project.folder)
    return project


def init(project: Project, *arguments: str) -> str:
    """Run `palimpsest init` for the scripted LLM; what it prints."""
    known = ["--llm", "alpha", "--tokenizer", "tiny", "--prompt", "plain"]
    done = subprocess.run(
        [sys.executable, "-m", "palimpsest", "init", *arguments, *known],
        cwd=project.folder, capture_output=True, text=True,
        env=project.environment() | {"PYTHONPATH": str(project.folder / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def data_of(page: Path) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text())
    assert found
    return json.loads(found[1])


def test_a_csv_becomes_a_study_that_runs_to_table_1_and_the_pages_for_people(
    begun: Project,
) -> None:
    write_notes(begun.folder / "mine.csv", range(80))
    text = (begun.folder / "mine.csv").read_text()
    (begun.folder / "mine.csv").write_text(text.replace("The patient was", f"{PLANTED} was"))
    said = init(begun, "mine.csv", "--out", "mine.yaml")
    assert "text: column 'body'" in said and "patient_id: column 'patient'" in said
    with (begun.folder / "mine.yaml").open("a") as stream:
        stream.write(EVIDENCE)
    targets = [f"results/mine/{name}" for name in ("table1.csv", "report.html")]
    targets += ["results/mine/review/rephrased.html", "results/mine/evidence/pack.zip"]
    begun.snakemake(*targets, "--configfile", "mine.yaml")
    results = begun.folder / "results/mine"
    assert "rephrased,all,rephrases" in (results / "table1.csv").read_text()
    report = unescape((results / "report.html").read_text())
    assert "plain by alpha, of notes" in report and "This study compares no models" in report
    assert "it declares no release" in report and 'id="fidelity"' not in report
    data = data_of(results / "review/rephrased.html")
    notes = {f"n{number}" for number in range(80)}
    assert data["items"] and all(item["place"].split(":")[0] in notes for item in data["items"])
    assert all(item["rules"] for item in data["items"])  # they looked at every rephrase
    assert all(item["given"] in (begun.folder / "mine.csv").read_text() for item in data["items"])
    assert PLANTED in (results / "review/rephrased.html").read_text()
    pack = results / "evidence/pack.zip"
    assert faults(pack) == [] and faults(pack.with_suffix("")) == []
    with zipfile.ZipFile(pack) as archive:
        held = {name: archive.read(name).decode() for name in archive.namelist()}
    assert not [name for name, content in held.items() if PLANTED in content]
    assert {"pack/corpora/rephrased/README.md", "pack/results/table1.csv"} <= set(held)
    again = begun.build(*targets, "--configfile", "mine.yaml")
    assert again == set()


def test_snakemake_reports_every_table_with_its_caption(begun: Project) -> None:
    begun.snakemake(
        "results/mine/table1.csv", "--configfile", "mine.yaml", "--report", "report.html"
    )
    page = (begun.folder / "report.html").read_text(encoding="utf-8")
    assert "What each corpus of the study results/mine is made of" in page
    assert "Tables" in page


@pytest.mark.skipif(not GIVEN.exists(), reason="needs data that is not part of the project")
@pytest.mark.parametrize("files", [*((name,) for name in CSV), CSV], ids=lambda files: files[0][:5])
def test_files_of_others_give_a_study_when_the_text_column_is_named(
    begun: Project, files: tuple[str, ...]
) -> None:
    out = f"given{len(files)}-{files[0][:5]}.yaml"
    init(begun, *(str(GIVEN / name) for name in files), "--text", "note", "--out", out)
    results = yaml.safe_load((begun.folder / out).read_text())["results"]
    begun.snakemake(f"{results}/table1.csv", "--configfile", out)
    table = (begun.folder / results / "table1.csv").read_text().splitlines()
    assert len(table) == 4 and table[3].startswith("rephrased,all,rephrases,notes,alpha,plain")
