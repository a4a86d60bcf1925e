"""Where a scratch disk is declared, files are written there and arrive whole; none stays there."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from snakemake.resources import Resources

from palimpsest.runtime.atomic import atomic_folder, atomic_path, temporary_folder
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import copy, read_table, write_json, write_table
from palimpsest.runtime.shell import declares_scratch, job_prefix


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    folder = tmp_path / "scratch"
    monkeypatch.setenv("PALIMPSEST_SCRATCH", str(folder))
    return folder / f"palimpsest-{os.getuid()}"


def held(folder):
    return sorted(path.name for path in folder.rglob("*")) if folder.is_dir() else []


def test_a_file_is_written_on_the_scratch_disk_and_arrives_whole(scratch, tmp_path):
    target = tmp_path / "shared" / "table.csv"
    with atomic_path(target) as temporary:
        assert temporary.is_relative_to(scratch)
        temporary.write_text("a\n" * 9)
        (empty,) = target.parent.iterdir()  # it keeps the name for this writer
        assert empty.stat().st_size == 0
    assert target.read_text() == "a\n" * 9 and held(target.parent) == ["table.csv"]
    assert target.stat().st_mode & 0o777 == 0o666 & ~umask()
    assert held(scratch) == []


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_file_that_fails_is_on_neither_disk(scratch, tmp_path):
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "shared" / "a") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert held(tmp_path / "shared") == held(scratch) == []


def test_a_table_has_the_same_bytes_by_way_of_the_scratch_disk(scratch, tmp_path, monkeypatch):
    table = pa.table({"text": ["pain", "none"] * 5000})
    write_table(tmp_path / "a" / "t.parquet", table)
    monkeypatch.delenv("PALIMPSEST_SCRATCH")
    write_table(tmp_path / "b" / "t.parquet", table)
    one, other = ((tmp_path / name / "t.parquet").read_bytes() for name in "ab")
    assert one == other and read_table(tmp_path / "a" / "t.parquet", ["text"]).num_rows == 10_000
    assert held(scratch) == []


def test_small_files_copies_and_folders_that_are_renamed_stay_beside_their_name(scratch, tmp_path):
    write_json(tmp_path / "shared" / "a.json", {})
    copy(tmp_path / "shared" / "a.json", tmp_path / "shared" / "b.json")
    with atomic_folder(tmp_path / "shared" / "folder") as folder:
        assert folder.parent == tmp_path / "shared"
    assert not scratch.exists()
    with temporary_folder(tmp_path / "shared" / "exported") as folder:
        assert folder.parent == scratch
    assert held(scratch) == []


LEAVER = """
import os, signal, sys
from pathlib import Path
from palimpsest.runtime.atomic import atomic_path
with atomic_path(Path(sys.argv[1])) as temporary:
    temporary.write_text("Secret pain")
    os.kill(os.getpid(), signal.SIGKILL)
"""
NEXT = """
import sys
from pathlib import Path
from palimpsest.runtime.atomic import atomic_path
with atomic_path(Path(sys.argv[1])) as temporary:
    temporary.write_text("new")
"""


@pytest.mark.parametrize("name", ["a.txt", "another.txt"])
def test_what_a_killed_job_left_there_goes_with_the_next_job(scratch, tmp_path, name):
    def job(program, path):
        return subprocess.run([sys.executable, "-c", program, str(path)]).returncode

    assert job(LEAVER, tmp_path / "a.txt") == -signal.SIGKILL
    assert any(path.read_text() == "Secret pain" for path in scratch.iterdir())
    assert job(NEXT, tmp_path / name) == 0
    assert held(scratch) == [] and (tmp_path / name).read_text() == "new"


def test_a_full_scratch_disk_is_named_and_not_the_results(scratch, tmp_path, monkeypatch):
    # The first is the scratch disk's file: it stands for a file system without room.
    monkeypatch.setattr("palimpsest.runtime.atomic.full_disk", lambda paths: next(iter(paths)))
    with pytest.raises(OSError) as raised, atomic_path(tmp_path / "a") as temporary:
        temporary.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert Path(raised.value.filename).is_relative_to(scratch)


def test_a_scratch_disk_that_cannot_be_used_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PALIMPSEST_SCRATCH", str(tmp_path / "file"))
    with pytest.raises(UserError, match="`tmpdir` of the profile's default-resources"):
        with atomic_path(tmp_path / "a"):
            pass
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / f"palimpsest-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setenv("PALIMPSEST_SCRATCH", str(tmp_path / "link"))
    with pytest.raises(UserError, match="it is another user's"), atomic_path(tmp_path / "a"):
        pass


def test_a_profile_declares_it_by_tmpdir(tmp_path):
    def defaults(*given):
        return Resources.parse(list(given), allow_expressions=True, defaults="bare")

    assert not declares_scratch(defaults("nodes=1"))
    assert not declares_scratch(Resources.default("full"))
    assert declares_scratch(defaults("tmpdir=/scratch"))
    assert declares_scratch(defaults("tmpdir=$SLURM_TMPDIR"))
    command = "echo ${PALIMPSEST_SCRATCH:-none}"
    for scratch, said in ((True, "/tmp/x y"), (False, "none")):
        done = subprocess.run(
            ["bash", "-c", job_prefix(tmp_path, False, scratch) + command],
            env={"PATH": os.environ["PATH"], "TMPDIR": "/tmp/x y"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == f"{said}\n"
