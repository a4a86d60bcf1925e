"""Nobody else can stand in for a server that a job starts: it listens where only they can go."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from palimpsest.completions.config import LlmBehaviour, LlmEngine
from palimpsest.completions.engines import managed_server
from palimpsest.completions.engines.vllm import engine_options


@pytest.mark.parametrize("length", [0, 150])
def test_the_folder_of_the_socket_is_private_and_its_path_short(tmp_path, monkeypatch, length):
    where = tmp_path / ("x" * length)
    where.mkdir(exist_ok=True)
    monkeypatch.setattr(tempfile, "tempdir", str(where))
    folder, lock = managed_server._private_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and not list(folder.iterdir())
    assert len(str(folder / "server")) <= managed_server.LONGEST_SOCKET
    folder.rmdir()
    os.close(lock)
    assert length == 0 or not list(where.iterdir())


def test_what_a_killed_job_left_is_removed_and_what_a_live_one_has_is_not(monkeypatch):
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        monkeypatch.setattr(tempfile, "tempdir", place)
        alive, lock = managed_server._private_folder()
        (alive / "server").touch()
        left, its_lock = managed_server._private_folder()
        (left / "server").touch()
        os.close(its_lock)  # as the end of its process does
        (Path(place) / "palimpsest-server-link").symlink_to(alive)
        folder, another = managed_server._private_folder()
        assert (alive / "server").exists() and folder.exists() and not left.exists()
        os.close(lock)
        os.close(another)


def test_the_server_listens_at_no_port():
    options = engine_options(LlmBehaviour(), LlmEngine(), Path("weights"), False)
    command = managed_server.server_command(options, Path("/private/server"))
    assert command[command.index("--uds") + 1] == "/private/server"
    assert not {"--host", "--port", "--api-key"} & set(command)
