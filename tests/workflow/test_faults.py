"""Whatever stops a job that asks an LLM: one line says so, committed answers stay, it goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from project import REPOSITORY, llm, write_yaml
from scripted_server import ScriptedServer

from palimpsest.completions.config import CompletionsSpec, Llm, LlmBehaviour
from palimpsest.requests.rephrase import request_key
from palimpsest.runtime.files import write_table
from palimpsest.runtime.identity import canonical_json
from palimpsest.weights.identity import declared_identity

pytestmark = [pytest.mark.workflow]

REQUESTS = 40
WINDOW = 4


@dataclass
class Shard:
    """A shard's requests and the program that asks them."""

    folder: Path
    server: ScriptedServer
    state: Path
    out: Path

    def command(self) -> list[str]:
        declared = Llm(**llm(self.server.url, "a"))
        spec = CompletionsSpec(
            llm=declared.narrowed(LlmBehaviour),
            weights=declared_identity(declared.weights),
            llm_name="alpha",
            source="ward",
            prompt_name="plain",
            shard="000-of-001",
        )
        script = str(REPOSITORY / "scripts/completions/complete_requests.py")
        paths = ["--requests", str(self.folder / "requests.parquet"), "--out", str(self.out)]
        paths += ["--llm", str(self.folder / "alpha.yaml"), "--state", str(self.state)]
        return [sys.executable, script, "--spec", canonical_json(spec.identity()), *paths]

    def start(self) -> subprocess.Popen:
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "src")}
        return subprocess.Popen(
            self.command(), env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self) -> tuple[int, str]:
        """Exit status and everything that was written."""
        return finish(self.start())

    def wait_for(self, requests: int) -> None:
        while len(self.server.requests) < requests:
            time.sleep(0.01)


def finish(process: subprocess.Popen) -> tuple[int, str]:
    written, errors = process.communicate(timeout=120)
    return process.returncode, (written + errors).decode()


def assert_stopped(status: int, written: str, *said: str) -> None:
    """The job failed, and its last line says why, without any note text."""
    *_, last = written.strip().splitlines()
    assert status == 1 and last.startswith("error: "), written
    assert "Traceback" not in written and "patient" not in written
    for words in said:
        assert words in last


def make_shard(folder: Path, server: ScriptedServer) -> Shard:
    write_yaml(folder / "alpha.yaml", llm(server.url, "a"))
    rows = []
    for at in range(REQUESTS):
        user = f"Say it.\n\nThe patient number {at} has pain. " + "It hurts. " * 400
        row = {"request_key": request_key("", user, 900), "note_id": f"n{at}", "start": 0}
        rows.append(row | {"end": len(user), "system": "", "user": user, "max_tokens": 900})
        rows[-1]["constraint"] = None
    write_table(folder / "requests.parquet", pa.Table.from_pylist(rows), asked_with="b" * 64)
    return Shard(folder, server, folder / "state", folder / "out" / "a.parquet")


@pytest.fixture
def shard(server: ScriptedServer, tmp_path: Path) -> Iterator[Shard]:
    def reset() -> None:
        server.pause, server.fail_next, server.break_at = 0.0, 0, 0
        server.requests.clear()

    reset()
    yield make_shard(tmp_path, server)
    reset()


@pytest.fixture(scope="module")
def undisturbed(server: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The completions of a run that nothing stops."""
    whole = make_shard(tmp_path_factory.mktemp("undisturbed"), server)
    status, written = whole.run()
    assert status == 0, written
    return whole.out.read_bytes()


def assert_goes_on(shard: Shard, undisturbed: bytes, lost: int) -> None:
    """The next run asks what is missing, no more; the file has the bytes of an undisturbed run."""
    assert not shard.out.exists()
    status, written = shard.run()
    assert status == 0, written
    assert shard.out.read_bytes() == undisturbed
    assert REQUESTS <= len(shard.server.requests) <= REQUESTS + lost


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("this account cannot mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def test_a_full_disk_under_the_ledger(undisturbed: bytes, shard: Shard, small_disk: Path) -> None:
    shard.state = small_disk / "state"
    assert_stopped(*shard.run(), ".sqlite", "the disk is full", "is kept")
    asked = len(shard.server.requests)
    assert WINDOW < asked < REQUESTS
    remount(small_disk, "size=16m")
    assert_goes_on(shard, undisturbed, lost=WINDOW)


def test_a_full_disk_under_the_completions(
    undisturbed: bytes, shard: Shard, small_disk: Path
) -> None:
    shard.out = small_disk / "out" / "a.parquet"
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 124 * 1024)
    assert_stopped(*shard.run(), "a.parquet", "the disk is full", "is kept")
    assert [path for path in shard.out.parent.iterdir() if path.stat().st_size] == []
    filler.unlink()
    assert_goes_on(shard, undisturbed, lost=0)


def test_a_read_only_disk(undisturbed: bytes, shard: Shard, small_disk: Path) -> None:
    shard.state = small_disk / "state"
    remount(small_disk, "ro,size=16m")
    assert_stopped(*shard.run(), str(small_disk), "the file system is read-only")
    assert shard.server.requests == []
    remount(small_disk, "rw,size=16m")
    assert_goes_on(shard, undisturbed, lost=0)


def test_a_disk_that_becomes_read_only(undisturbed: bytes, shard: Shard, small_disk: Path) -> None:
    shard.state = small_disk / "state"
    remount(small_disk, "size=16m")
    shard.server.break_at = 3 * WINDOW
    assert shard.run()[0] == 1  # leaves a ledger with some windows
    shard.server.break_at = 0
    remount(small_disk, "ro,size=16m")
    assert_stopped(*shard.run(), str(small_disk), "read-only")
    remount(small_disk, "rw,size=16m")
    assert_goes_on(shard, undisturbed, lost=WINDOW + 1)  # and a question whether it answers


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(undisturbed: bytes, shard: Shard) -> None:
    shard.state.mkdir()
    shard.state.chmod(0o500)
    assert_stopped(*shard.run(), str(shard.state), "no permission")
    shard.state.chmod(0o700)
    assert_goes_on(shard, undisturbed, lost=0)


def test_an_engine_that_fails_at_a_request(undisturbed: bytes, shard: Shard) -> None:
    shard.server.break_at = 10
    assert_stopped(*shard.run(), "status 401")
    shard.server.break_at = 0
    assert_goes_on(shard, undisturbed, lost=WINDOW + 1)


def test_sigterm_in_mid_window(undisturbed: bytes, shard: Shard) -> None:
    shard.server.pause = 0.2
    process = shard.start()
    shard.wait_for(2 * WINDOW + 1)
    process.send_signal(signal.SIGTERM)
    assert_stopped(*finish(process), "stopped by SIGTERM", "is kept")
    shard.server.pause = 0.0
    assert_goes_on(shard, undisturbed, lost=WINDOW)


def test_a_second_driver_fails_and_the_first_goes_on(undisturbed: bytes, shard: Shard) -> None:
    shard.server.pause = 0.2
    first = shard.start()
    shard.wait_for(1)
    assert_stopped(*shard.run(), "another process is writing this ledger")
    shard.server.pause = 0.0
    status, written = finish(first)
    assert status == 0, written
    assert shard.out.read_bytes() == undisturbed
    assert len(shard.server.requests) == REQUESTS
