"""Where locks may hold on one machine only, a file says who writes, and two never do."""

import json
import os
import socket
import threading
import time

import pytest

from palimpsest.completions.ledger import Ledger
from palimpsest.runtime import owners
from palimpsest.runtime.cache import Cache
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.owners import OwnedError, locks_reach, owned

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home rw,relatime - nfs4 filer:/home rw,vers=4.2,local_lock=none,addr=10.0.0.1
31 22 0:41 / /old rw,relatime - nfs filer:/old rw,vers=3,nolock,local_lock=all
32 22 0:42 / /lustre rw - lustre mds@tcp:/scratch rw,flock,lazystatfs
33 22 0:43 / /scratch rw - lustre mds@tcp:/scratch rw,localflock
34 22 0:44 / /bee rw - beegfs beegfs_nodev rw,cfgFile=/etc/beegfs/client.conf
35 22 0:45 / /with\\040space rw - nfs filer:/s rw,vers=3,local_lock=flock
36 30 0:46 / /home/local rw - xfs /dev/sdb rw
"""


@pytest.mark.parametrize(
    ("path", "reach"),
    [
        ("/work/results", True),
        ("/home/a/results", True),
        ("/homework", True),
        ("/home/local/a", True),
        ("/old/a", False),
        ("/lustre/a", True),
        ("/scratch/a", False),
        ("/bee/a", False),
        ("/with space/a", False),
    ],
)
def test_the_table_of_mounts_says_how_far_locks_reach(tmp_path, path, reach):
    (tmp_path / "mounts").write_text(MOUNTS)
    assert locks_reach(type(tmp_path)(path), tmp_path / "mounts") is reach


@pytest.fixture
def far(monkeypatch):
    """Locks that reach no other machine."""
    monkeypatch.setattr(owners, "locks_reach", lambda path: False)
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)


@pytest.fixture
def elsewhere(tmp_path):
    """Writes that a process of another machine owns the file, in a job of SLURM or in none."""

    def write(job=None, **more):
        content = {"id": "a" * 32, "host": "node7", "pid": 12, "job": job} | more
        (tmp_path / "shard.owner").write_text(json.dumps(content))

    return write


@pytest.fixture
def squeue(tmp_path, monkeypatch):
    """A `squeue` that says something, and ends as told."""
    place = tmp_path / "bin"
    place.mkdir()

    def answer(said, code=0, error=""):
        program = place / "squeue"
        program.write_text(f"#!/bin/sh\nprintf '%s' '{said}'\necho '{error}' >&2\nexit {code}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")

    return answer


def test_an_owner_writes_its_host_and_job_and_is_gone_afterwards(far, tmp_path, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "44")
    with owned(tmp_path / "shard.sqlite"):
        said = json.loads((tmp_path / "shard.owner").read_text())
        assert (said["host"], said["pid"], said["job"]) == (socket.gethostname(), os.getpid(), "44")
    assert list(tmp_path.iterdir()) == []


def test_a_job_that_runs_on_another_machine_keeps_the_file(far, elsewhere, squeue, tmp_path):
    elsewhere("31")
    squeue("RUNNING\n")
    with pytest.raises(OwnedError, match=r"shard.owner: SLURM job 31 on node7 is writing"):
        with owned(tmp_path / "shard.sqlite"):
            pass
    assert json.loads((tmp_path / "shard.owner").read_text())["job"] == "31"


@pytest.mark.parametrize(
    "answer",
    [("",), ("", 1, "slurm_load_jobs error: Invalid job id specified")],
)
def test_a_job_that_ended_is_followed(far, elsewhere, squeue, tmp_path, answer):
    elsewhere("31")
    squeue(*answer)
    with owned(tmp_path / "shard.sqlite"):
        assert json.loads((tmp_path / "shard.owner").read_text())["pid"] == os.getpid()
        assert [path.name for path in tmp_path.glob("shard*")] == ["shard.owner"]
    assert not list(tmp_path.glob("shard*"))


def test_where_slurm_does_not_answer_nobody_is_followed(far, elsewhere, squeue, tmp_path):
    elsewhere("31")
    squeue("", 1, "Unable to contact slurm controller")
    with pytest.raises(OwnedError), owned(tmp_path / "shard.sqlite"):
        pass


def test_a_process_of_another_machine_without_a_job_is_named(far, elsewhere, tmp_path):
    elsewhere()
    with pytest.raises(OwnedError, match=r"process 12 on node7 .* delete this file if it is gone"):
        with owned(tmp_path / "shard.sqlite"):
            pass


def test_who_was_killed_on_this_machine_is_followed(far, elsewhere, tmp_path):
    elsewhere(host=socket.gethostname())
    with owned(tmp_path / "shard.sqlite"):
        pass


def test_a_job_that_slurm_began_again_follows_itself(far, elsewhere, tmp_path, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "31")
    elsewhere("31")
    with owned(tmp_path / "shard.sqlite"):
        pass


def test_a_file_that_is_just_being_made_is_an_owners(far, tmp_path):
    (tmp_path / "shard.owner").touch()
    with pytest.raises(OwnedError, match="a process is writing"), owned(tmp_path / "shard.sqlite"):
        pass


def test_of_many_that_find_an_owner_gone_one_follows_at_a_time(
    far, elsewhere, tmp_path, monkeypatch
):
    """Threads stand for machines: each has a lock of its own, and finds the owner's job ended."""
    monkeypatch.setattr(owners, "_ended", lambda job: job == "31")
    counted, inside, most, writers = threading.Lock(), 0, 0, 0

    def machine():
        nonlocal inside, most, writers
        for _ in range(30):
            try:
                with owned(tmp_path / "shard.sqlite"):
                    with counted:
                        inside, writers = inside + 1, writers + 1
                        most = max(most, inside)
                    time.sleep(0.001)
                    with counted:
                        inside -= 1
            except OwnedError:
                pass

    monkeypatch.setattr(socket, "gethostname", lambda: threading.current_thread().name)
    elsewhere("31")
    threads = [threading.Thread(target=machine) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1 and writers >= 1
    assert not list(tmp_path.glob("shard*"))


def test_a_ledger_has_one_writer_on_all_machines(far, elsewhere, squeue, tmp_path):
    elsewhere("31")
    squeue("RUNNING\n")
    with pytest.raises(UserError, match="SLURM job 31 on node7 is writing"):
        with Ledger.open(tmp_path / "shard.sqlite"):
            pass
    squeue("")
    with Ledger.open(tmp_path / "shard.sqlite"):
        assert (tmp_path / "shard.owner").exists()


def test_work_that_another_machine_is_at_is_waited_for(far, tmp_path, monkeypatch, capsys):
    state = tmp_path / "state"
    state.mkdir()
    owner = state / f"{'b' * 32}.owner"
    owner.write_text(json.dumps({"id": "a" * 32, "host": "node7", "pid": 12, "job": None}))
    monkeypatch.setattr(owners.time, "sleep", lambda seconds: owner.unlink())
    with Cache(state, "b" * 32).alone():
        assert json.loads(owner.read_text())["pid"] == os.getpid()
    assert "process 12 on node7 is writing" in capsys.readouterr().err
