"""A patient who is taken out of a source is out of all results, and by `forget` out of state."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from project import Project, note_text, study
from scripted_server import ScriptedServer

from palimpsest.runtime.files import read_manifest, write_manifest
from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.schema import Splits

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

PLANTED = "Zyxomorphine"
TARGETS = [
    "results/table1.csv",
    "results/screens.csv",
    "results/checkpoints/small/plain/seed0.json",
    "results/checkpoints/tiny/original/seed0.json",
]


def holding(folder: Path) -> set[str]:
    """The files below a folder that have what was planted, in any column or byte."""
    found = set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        told = path.read_bytes()
        if path.suffix == ".parquet":
            told += str(pq.read_table(path).to_pydict()).encode()
        if PLANTED.encode() in told:
            found.add(path.relative_to(folder).as_posix())
    return found


def forget(project: Project, *options: str) -> str:
    command = [sys.executable, "-m", "palimpsest", "forget", "--study", "config/config.yaml"]
    environment = project.environment() | {"PYTHONPATH": str(project.folder / "src")}
    done = subprocess.run(
        [*command, *options], cwd=project.folder, env=environment, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def test_a_withdrawn_patient_is_nowhere_after_the_next_run_and_forget(
    project: Project, server: ScriptedServer
) -> None:
    table = project.folder / "notes.csv"
    before = table.read_bytes()
    patient = next(
        name
        for name in (f"new{number}" for number in range(100))
        if split_of(name, Splits(**study()["splits"]), study()["seed"]) == "train"
    )
    text = note_text(3).replace("chest", PLANTED).replace("The patient", f"This {PLANTED}")
    with table.open("a", newline="") as notes:
        notes.write(f'n900,{patient},"{text * 3}"\r\n')
    project.build(*TARGETS)
    rooms = {name.split("/")[0] for name in holding(project.folder / "results")}
    assert {"notes", "passages", "requests", "completions", "rephrases", "state"} <= rooms

    # What a study does not declare any more is made by no job again.
    requests = project.folder / "results" / "requests"
    stale = requests / "clinic.old"
    stale.mkdir()
    for path in (requests / "clinic.plain").glob("*.parquet"):
        (stale / path.name).write_bytes(path.read_bytes())
        fields = read_manifest(path)
        fields["wildcards"]["prompt"] = "old"
        write_manifest(stale / path.with_suffix(".json").name, fields)
    (requests / "clinic.plain" / ".000-of-002.parquet.0.tmp").write_text(PLANTED)
    assert "run `snakemake` first" not in forget(project)

    table.write_bytes(before)  # an older copy, without the patient
    os.utime(table, ns=(1, 1))
    server.requests.clear()
    jobs = project.build(*TARGETS)
    assert "read_notes clinic" in jobs
    assert all(PLANTED not in str(body) for body in server.requests)
    left = {name for name in holding(project.folder / "results") if not name.startswith("state/")}
    assert left and all(name.startswith("requests/clinic.old/") for name in left)

    said = forget(project)
    assert "nothing was removed: add --remove" in said and "requests/clinic.old" in said
    assert holding(project.folder / "results")
    said = forget(project, "--remove")
    assert "completions were removed" in said and PLANTED not in said
    assert holding(project.folder / "results") == set()
    assert "0 completions would be removed" in forget(project)
    assert project.build(*TARGETS) == set()
