"""Programs in forks of a process that has loaded the libraries: loading is paid for once."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from python_fork import asked, line

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


class Forks:
    """A server of forks.

    It runs one program at a time for `begin`, and any number for those who call its `python`.
    """

    def __init__(self, watched: Sequence[str] = (), interpreter: str = sys.executable) -> None:
        """watched: a program and its options, under which the server of forks is started.

        interpreter: of the environment whose libraries it loads.
        """
        self.interpreter = interpreter
        self.room = tempfile.TemporaryDirectory(prefix="forks-")  # a socket's path must be short
        self.socket = str(Path(self.room.name) / "socket")
        known = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        known |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT / "src")}
        self.environment = known
        command = [*watched, interpreter, str(HERE / "fork_server.py"), self.socket]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=known)
        while not os.path.exists(self.socket):
            assert self.process.poll() is None, "the server of forks could not start"
            time.sleep(0.05)

    def begin(self, folder: Path, log: Path, program: Path, *arguments: str) -> int:
        """Start a program in a folder, and return its process. log: gets all that it writes."""
        with log.open("wb") as written, open(os.devnull, "rb") as nothing:
            streams = [nothing.fileno(), written.fileno(), written.fileno()]
            request = {"arguments": [str(program), *arguments], "folder": str(folder)}
            request |= {"environment": self.environment, "executable": self.interpreter}
            self.running, child = asked(self.socket, request, streams)
        return child

    def wait(self) -> int:
        """The exit status of the program that was started; that of a signal is negative."""
        with self.running:
            return int(line(self.running))

    def python(self) -> Path:
        """A program `python` that runs in a fork what it is asked to run.

        It is told to the shells of jobs by a file for BASH_ENV beside it.
        """
        program = Path(self.room.name) / "bin" / "python"
        if not program.exists():
            program.parent.mkdir()
            call = f"\n\nmain({self.socket!r}, {self.interpreter!r})\n"
            text = (HERE / "python_fork.py").read_text(encoding="utf-8")
            program.write_text(f"#!{sys.executable} -IS\n{text}{call}", encoding="utf-8")
            program.chmod(0o755)
            self.bash_env.write_text(f"PATH={program.parent}:$PATH\n", encoding="utf-8")
        return program

    @property
    def bash_env(self) -> Path:
        return Path(self.room.name) / "bash_env"

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.room.cleanup()
