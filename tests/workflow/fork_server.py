"""Serves forks of one process that has loaded the libraries: loading is paid for once.

Usage: fork_server.py SOCKET. `python_fork.py` says what a request is.
"""

import array
import ctypes
import gc
import importlib.util
import json
import os
import runpy
import signal
import socket
import struct
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = ("palimpsest", "synthetic_notes")  # what a copy of the project has of its own


# What most programs import, as far as an environment has it: one of Snakemake's own has few.
LIBRARIES = (
    "datasets", "httpx", "matplotlib.pyplot", "sklearn.feature_extraction.text", "sklearn.metrics",
    "snakemake.cli", "snakemake.executors.local", "torch", "transformers.models.bert.modeling_bert",
    "transformers.models.llama.modeling_llama", "boto3", "snakemake_storage_plugin_s3",
    "snakemake_executor_plugin_slurm",
)  # fmt: skip
PROGRAMS = (
    "palimpsest.finetuning.run", "palimpsest.notes.read", "palimpsest.perplexity.losses",
    "palimpsest.pretraining.encoder", "palimpsest.reports.figures.perplexity",
    "palimpsest.reports.screens",
)  # fmt: skip


def load() -> None:
    """Import what most programs import, and Snakemake."""
    for name in LIBRARIES:
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)
    import palimpsest.study.load  # noqa: F401

    if importlib.util.find_spec("torch"):
        for name in PROGRAMS:
            importlib.import_module(name)


def received(connection: socket.socket) -> tuple[dict, list[int]]:
    """A request and the descriptors 0, 1, ... that came with it."""
    room = socket.CMSG_LEN(4 * array.array("i").itemsize)
    start, messages, _, _ = connection.recvmsg(8, room)
    descriptors = array.array("i")
    for _, _, data in messages:
        descriptors.frombytes(data)
    length, body = int.from_bytes(start, "big"), b""
    while len(body) < length and (more := connection.recv(length - len(body))):
        body += more
    return json.loads(body), list(descriptors)


def join(connection: socket.socket) -> None:
    """Let the next fork be where the process that asks is: a pod has processes and disks apart."""
    asking, _, _ = struct.unpack(
        "3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    )
    theirs = {kind: f"/proc/{asking}/ns/{kind}" for kind in ("pid", "mnt")}
    apart = [
        os.open(path, os.O_RDONLY)
        for kind, path in theirs.items()
        if os.readlink(path) != os.readlink(f"/proc/self/ns/{kind}")
    ]
    for number in apart:  # opened before the first is joined, after which /proc is another
        if ctypes.CDLL(None, use_errno=True).setns(number, 0):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(number)


def become(request: dict, descriptors: list[int]) -> None:
    """Take over folder, environment, arguments and streams of the process that asks."""
    os.chdir(request["folder"])
    sys.executable = request["executable"]
    os.environ.clear()
    os.environ.update(request["environment"])
    free = [os.dup2(number, 100 + at) for at, number in enumerate(descriptors)]
    for at, number in enumerate(free):
        os.dup2(number, at)
    os.closerange(len(free), 256)
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if paths[0] != str(ROOT / "src"):  # another copy's modules, which may be edited
        for name in [name for name in sys.modules if name.split(".")[0] in OWN]:
            del sys.modules[name]
    sys.path[:] = [path for path in paths if path] + [
        path for path in sys.path if path != str(ROOT / "src")
    ]
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 1)))


def run(request: dict, descriptors: list[int]) -> int:
    """Run the program that is asked for, as `python` does, and return its exit status."""
    code: object = 0
    try:
        become(request, descriptors)
        first, *rest = request["arguments"]
        if first == "-m":
            sys.argv = [rest[0], *rest[1:]]
            sys.path.insert(0, os.getcwd())
            runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        else:
            sys.argv = [first, *rest]
            sys.path.insert(0, str(Path(first).resolve().parent))
            runpy.run_path(first, run_name="__main__")
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return int(code or 0)


def keep(connection: socket.socket) -> None:
    """Run one program, say its process and its status, and let it die with who asked for it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request, descriptors = received(connection)
    join(connection)
    child = os.fork()
    if not child:
        connection.sendall(f"{os.getpid()}\n".encode())  # as those around it see it
        connection.close()
        os._exit(run(request, descriptors))
    for number in descriptors:
        os.close(number)
    watcher = os.fork()
    if not watcher:  # the other side's end means that it was killed
        connection.recv(1)
        os.kill(child, signal.SIGKILL)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.kill(watcher, signal.SIGKILL)
    os.waitpid(watcher, 0)
    try:
        connection.sendall(f"{status}\n".encode())
    except OSError:
        pass


def main(path: str) -> None:
    load()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path + ".new")
        listening.listen(64)
        os.rename(path + ".new", path)  # who sees it can connect
        while True:
            connection, _ = listening.accept()
            if not os.fork():
                listening.close()
                keep(connection)
                os._exit(0)
            connection.close()


if __name__ == "__main__":
    main(sys.argv[1])
