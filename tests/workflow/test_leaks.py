"""A patient on both sides stops a study before any LLM is asked, by each way there is."""

import json
from pathlib import Path

import pytest
import yaml
from project import REPOSITORY, Project, write_yaml
from scripted_server import ScriptedServer

from palimpsest.runtime.labels import SPLITS
from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.schema import Splits

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

SHARES = {"train": 0.6, "valid": 0.2, "test": 0.2}
ALZHEIMERS = yaml.safe_load((REPOSITORY / "config/taxonomies/alzheimers.yaml").read_text())
SHARD = "000-of-002"


@pytest.fixture
def project(server: ScriptedServer, tmp_path: Path) -> Project:
    """The tiny study with nothing built; 60 patients p0 to p59 have a note each."""
    server.requests.clear()
    return Project.create(tmp_path / "project", server.url)


def train_patients(count: int) -> list[str]:
    names = (f"p{number}" for number in range(60))
    return [name for name in names if split_of(name, Splits(**SHARES), 1) == "train"][:count]


def write_gold(project: Project, splits: dict[str, list[str]]) -> None:
    """A file of experts with a column `split`, and the dataset that it makes."""
    write_yaml(project.folder / "config/taxonomies/signs.yaml", ALZHEIMERS)
    label = ALZHEIMERS["categories"][0]["name"]
    lines = [
        {"text": f"The patient {patient} forgets.", "labels": [label], "patient_id": patient}
        | {"note_id": f"gold-{patient}", "split": split}
        for split, patients in splits.items()
        for patient in patients
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (project.folder / "gold.jsonl").write_text(text, encoding="utf-8")
    declared = {"name": "gold", "kind": "sentences", "made_by": "experts", "taxonomy": "signs"}
    declared |= {"files": ["gold.jsonl"], "examples": dict.fromkeys(SPLITS, 100)}
    project.edit("config/config.yaml", lambda value: value["datasets"].append(declared))


def failed(project: Project, server: ScriptedServer, target: str) -> str:
    """What the check said of a study that must not reach a target, and reached no LLM."""
    done = project.snakemake(target, succeeds=False)
    log = (project.folder / "results/logs/check_splits.log").read_text(encoding="utf-8")
    assert log.splitlines()[-1].startswith("error: patients on both sides: "), log
    assert "are train in" in done.stdout + done.stderr
    assert "Traceback" not in log
    assert server.requests == []
    for path in (target, "results/splits.csv", "results/splits.json"):
        assert not (project.folder / path).exists()
    return log


def test_gold_with_splits_of_its_own_beside_silver_of_the_same_patients(
    project: Project, server: ScriptedServer
) -> None:
    patients = train_patients(7)
    write_gold(project, {"train": ["x1"], "valid": [patients[0], "x2"], "test": patients[1:]})
    write_yaml(
        project.folder / "config/prompts/label.yaml",
        {"user": "LABEL | {title} | {definition}\n\n{sentence}"},
    )
    silver = {"name": "silver", "kind": "sentences", "made_by": "llm_labels", "taxonomy": "signs"}
    silver |= {"source": "clinic", "llm": "alpha", "label": "label", "sentences": 9}
    project.edit("config/config.yaml", lambda value: value["datasets"].append(silver))
    said = failed(project, server, "results/datasets/silver.parquet")
    assert "6 of the 6 test patients of dataset 'gold' are train in source 'clinic'" in said
    assert "1 of the 2 valid patients of dataset 'gold' are train in source 'clinic'" in said
    assert not any(f"'{patient}'" in said for patient in patients)


def test_two_sources_that_split_the_same_patients_in_two_ways(
    project: Project, server: ScriptedServer
) -> None:
    def declare(value: dict) -> None:
        held = {
            **value["sources"][0],
            "name": "held",
            "splits": {"train": 0, "valid": 0, "test": 1},
        }
        value["sources"].append(held)
        value["evaluations"][0]["source"] = "held"

    project.edit("config/config.yaml", declare)
    said = failed(project, server, f"results/requests/clinic.plain/{SHARD}.parquet")
    count = len(train_patients(60))
    assert (
        f"{count} of the 60 test patients of evaluation 'visits' are train in source 'clinic'"
        in said
    )


def test_a_patient_in_a_task_file_and_in_a_source(project: Project, server: ScriptedServer) -> None:
    write_gold(project, {"train": ["x1"], "valid": ["x2"], "test": [*train_patients(1), "x3"]})
    said = failed(project, server, "results/corpora/original.parquet")
    assert "1 of the 2 test patients of dataset 'gold' are train in source 'clinic'" in said

    def other_people(value: dict) -> None:
        value["datasets"][-1]["patients_of"] = "registry"
        value["sources"][0]["patients_of"] = "clinic"

    project.edit("config/config.yaml", other_people)
    project.build("results/corpora/original.parquet")
    assert project.read("results/splits.csv").startswith(b"place,name,split,unit,units,examples,")
