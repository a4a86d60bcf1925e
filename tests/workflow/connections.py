"""Watches by strace where programs connect to."""

import re
import shutil
import subprocess
from pathlib import Path

CALLS = "trace=connect,sendto,sendmsg,sendmmsg"
ADDRESS = re.compile(r"""sa_family=AF_INET6?\b.*?inet_(?:addr\(|pton\(AF_INET6, )"([^"]*)\"""")


def watching(log: Path) -> list[str]:
    """The command under which a program is watched, with all that it starts.

    The program is the process that was started; strace is one beside it.
    """
    return ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-e", CALLS, "-o", str(log)]


def why_not() -> str:
    """Why programs cannot be watched on this machine; "" if they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    command = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", CALLS, "true"]
    tried = subprocess.run(command, capture_output=True, text=True)
    return "" if tried.returncode == 0 else f"strace cannot trace: {tried.stderr.strip()[-200:]}"


def addresses(log: Path) -> set[str]:
    """The internet addresses that were connected or sent to. A Unix socket has none."""
    return set(ADDRESS.findall(log.read_text(errors="replace") if log.exists() else ""))


def beyond_loopback(found: set[str]) -> set[str]:
    """Those that are other machines'."""
    return {address for address in found if address != "::1" and not address.startswith("127.")}
