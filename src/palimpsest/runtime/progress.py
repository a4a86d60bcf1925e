"""Progress of long work: plain lines in the job's log, and the same lines on the terminal.

Rules send a program's output to its log, so the terminal would stay silent for the whole of a
long job. The workflow therefore passes the terminal on as a second file descriptor, whose number
is in PALIMPSEST_PROGRESS_FD; without it (a program run by hand) lines go to standard error.
"""

import os
import sys
import time

SECONDS_BETWEEN_LINES = 10.0
TERMINAL = "PALIMPSEST_PROGRESS_FD"


def announce(line: str) -> None:
    """Write one line to the log and, when the workflow gave one, to the terminal."""
    print(line, file=sys.stderr, flush=True)
    show(line)


def show(line: str) -> None:
    """Write one line to the terminal alone, when the workflow gave one."""
    descriptor = os.environ.get(TERMINAL, "")
    if descriptor.isdigit():
        try:
            os.write(int(descriptor), f"{line}\n".encode())
        except OSError:  # the terminal has gone: the log still has the line
            del os.environ[TERMINAL]


class Progress:
    """Counts units of work done, and announces a line every ten seconds."""

    def __init__(self, label: str, total: int, unit: str) -> None:
        self.label, self.total, self.unit = label, total, unit
        self.done = 0
        self.started = self.announced = time.monotonic()

    def advance(self, count: int = 1, note: str = "") -> None:
        """Count `count` more units; `note` is appended to the line, when one is due."""
        self.done += count
        now = time.monotonic()
        if now - self.announced >= SECONDS_BETWEEN_LINES:
            self.announced = now
            elapsed = now - self.started
            left = elapsed / max(self.done, 1) * (self.total - self.done)
            announce(
                f"{self.label}: {self.done:,} of {self.total:,} {self.unit}"
                f" in {elapsed:.0f} s, about {left:.0f} s left{'; ' + note if note else ''}"
            )

    def count(self, done: int, note: str = "") -> None:
        """Set how many units are done; `note` as in `advance`."""
        self.advance(done - self.done, note)

    def close(self, note: str = "") -> None:
        """Announce the end."""
        elapsed = time.monotonic() - self.started
        note = note and f"; {note}"
        announce(f"{self.label}: {self.done:,} {self.unit} in {elapsed:.0f} s{note}")
