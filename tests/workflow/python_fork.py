"""Stands for `python`: has a program run by fork_server.py in a fork, with this process's streams.

It is copied to a file `python`, which says where the interpreter and the server are. What is no
program (`python -c`) runs in that interpreter.
"""

import json
import os
import signal
import socket
import sys


def asked(path: str, request: dict, streams: list):
    """A connection over which a program was started, and its process.

    path: the server's socket. request: `arguments`, `folder`, `environment` and `executable`, by
    which the program may call itself. streams: descriptors that become 0, 1, ... of the program.
    """
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    body = json.dumps(request).encode()
    socket.send_fds(connection, [len(body).to_bytes(8, "big")], streams)
    connection.sendall(body)
    return connection, int(line(connection))


def line(connection: socket.socket) -> bytes:
    """What the server says next; nothing where it is gone."""
    said = b""
    while not said.endswith(b"\n") and (more := connection.recv(1)):
        said += more
    return said


def is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def main(path: str, interpreter: str) -> None:
    arguments = sys.argv[1:]
    if not arguments or not (arguments[0] == "-m" or arguments[0].endswith(".py")):
        os.execv(interpreter, [interpreter, *arguments])
    streams = [number for number in range(4) if is_open(number)]
    request = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
    connection, child = asked(path, request | {"executable": sys.argv[0]}, streams)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: os.kill(child, number))
    status = int(line(connection) or 137)
    if status < 0:  # die of the same signal
        signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
        os.kill(os.getpid(), -status)
    os._exit(status)
