"""Notes that stand in two sources: which jobs decide of them, and what an edit reruns."""

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from project import Project, note_text

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

SHARD = "000-of-002"
PASSAGES = f"results/passages/clinic/{SHARD}.json"
TARGETS = [PASSAGES, "results/distinct/other.json"]
DECIDED = {"find_duplicates", "drop_duplicates clinic", "drop_duplicates other"}
DECIDED |= {f"cut_passages clinic {SHARD}"}


def write_other(project: Project, numbers: list[int]) -> None:
    """Notes of another source, of other patients, with the texts of the first source's."""
    with (project.folder / "other.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["id", "patient", "body"])
        table.writerows([f"m{number}", f"q{number}", note_text(number)] for number in numbers)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.create(tmp_path / "project", "http://127.0.0.1:9/v1")
    write_other(made, [0, 1, 2])

    def declare(value: dict) -> None:
        other = {**value["sources"][0], "name": "other", "paths": ["other.csv"], "shards": 1}
        value["sources"].insert(1, other)
        value["duplicates"] = {"match": "exact", "handling": "dropped"}

    made.edit("config/config.yaml", declare)
    return made


def test_copies_in_two_sources_are_dropped_and_an_edit_reruns_what_reads_them(
    project: Project,
) -> None:
    ran = project.build(*TARGETS)
    assert DECIDED | {"read_notes clinic", "read_notes other", "generate_notes ward"} <= ran
    found = {
        name: pq.read_table(project.folder / f"results/distinct/{name}.parquet").to_pylist()
        for name in ("clinic", "other")
    }
    texts = [note["text"] for notes in found.values() for note in notes]
    assert len(texts) == len(set(texts)) == 60
    dropped = 0
    for name, read in (("clinic", 60), ("other", 3)):
        account = project.manifest(f"results/distinct/{name}.json")["account"]
        assert account["in"] == read == account["kept"] + sum(account["rejected"].values())
        assert set(account["rejected"]) <= {"duplicate"}
        dropped += account["rejected"].get("duplicate", 0)
    assert dropped == 3
    assert project.build(*TARGETS) == set()

    # A note that is like no other: the decisions are made again, and the passages are the same.
    before = project.manifest(PASSAGES)
    write_other(project, [0, 1, 2, 70])
    assert project.build(*TARGETS) == DECIDED | {"read_notes other"}
    assert project.manifest(PASSAGES) == before

    def split(value: dict) -> None:
        value["duplicates"]["handling"] = "one_split"

    project.edit("config/config.yaml", split)
    assert project.build(*TARGETS) == DECIDED
    splits = {
        note["text"]: {note["split"]}
        for note in pq.read_table(project.folder / "results/distinct/clinic.parquet").to_pylist()
    }
    for note in pq.read_table(project.folder / "results/distinct/other.parquet").to_pylist():
        assert splits.setdefault(note["text"], {note["split"]}) == {note["split"]}

    # What is only counted leaves the notes as they are.
    project.edit("config/config.yaml", lambda value: value.pop("duplicates"))
    ran = project.build(PASSAGES, "results/duplicates.csv")
    assert ran == {"find_duplicates", f"cut_passages clinic {SHARD}"}
    assert project.manifest("results/duplicates.json")["rows"] == 0
