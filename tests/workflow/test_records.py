"""What Snakemake has no record of is planned again, and costs no answer and no training step."""

import shutil
from base64 import urlsafe_b64encode

import pytest
from project import Project
from scripted_server import ScriptedServer
from test_rebuild import trained

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def lose_record(project: Project, path: str) -> None:
    """As a cluster's job leaves it that ends after its driver: without a mark, too."""
    name = urlsafe_b64encode(path.encode()).decode()
    (project.folder / ".snakemake/metadata" / name).unlink()


def test_a_file_without_a_record_is_made_again_and_trains_nothing(project: Project) -> None:
    lose_record(project, "results/corpora/plain.parquet")
    before = project.read("results/corpora/plain.json")
    ran = project.build()
    assert "mix_corpus plain" in ran
    assert not {"mix_corpus formal", "read_notes clinic 000-of-002"} & ran
    assert not trained(project)
    assert before == project.read("results/corpora/plain.json")
    assert project.build() == set()


def test_an_edit_after_the_loss_of_a_record_is_seen(project: Project) -> None:
    def cut(study: dict) -> None:
        study["corpora"][1]["parts"][0]["tokens"] = 400

    for name in ("plain.parquet", "plain.json"):
        lose_record(project, f"results/corpora/{name}")
    project.edit("config/config.yaml", cut)
    assert "mix_corpus plain" in project.build("results/corpora/plain.json")
    parts = project.manifest("results/corpora/plain.json")["parts"]
    assert parts[0]["tokens"] < 500


def test_without_any_record_nothing_costly_is_done_again(
    project: Project, server: ScriptedServer
) -> None:
    before = {path: project.read(path) for path in ("results/table1.csv", "results/table2.csv")}
    shutil.rmtree(project.folder / ".snakemake")
    ran = project.build()
    assert "train_model small plain 0" in ran
    assert not server.requests
    assert not trained(project)
    assert before == {path: project.read(path) for path in before}
    assert project.build() == set()
