"""Pods on this machine: each job in a mount namespace of its own, where no other job's disk is.

A job's folder is a RAM disk that ends with it, and the project's folder and those of other jobs
are hidden. What it needs it gets from an S3 of this machine (moto). Needs root, and the environment
with Snakemake's plugins that `make test-cluster` makes in .venv/pods.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from forks import Forks
from slurm import wait_for

ENVIRONMENT = Path(os.environ.get("PALIMPSEST_PODS", ".venv/pods")).absolute()
PYTHON = ENVIRONMENT / "bin" / "python"
MODULES = (
    "moto",
    "boto3",
    "snakemake_storage_plugin_s3",
    "snakemake_executor_plugin_cluster_generic",
)
SITE = ENVIRONMENT / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
BUCKET = "hospital"
PLACE = f"s3://{BUCKET}/studies/one"
ACCESS = {"access_key": "palimpsest", "secret_key": "not-a-secret"}
APART = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
# In the job's namespace: its own room over the project's, then its script. $1: the job's folder,
# $2: what is hidden.
POD = """\
mount --make-rprivate / && mount -t tmpfs -o size=2g none "$2" && mkdir "$2/pod" || exit 1
cd "$2/pod"
export HOME="$2/pod" TMPDIR="$2/pod"
sh "$1/script"
echo $? >"$1/.code" && mv "$1/.code" "$1/code"
"""
SUBMIT = """\
#!/bin/sh
# Starts a pod for a job's script, and prints the pod's folder.
set -eu
export PATH={python}:$PATH BASH_ENV={bash_env}
pod=$(mktemp -d {spool}/pod-XXXXXX)
cp "$1" "$pod/script"
setsid {apart} sh {spool}/pod.sh "$pod" {hidden} \\
  >"$pod/out" 2>&1 </dev/null 3>&- &
echo $! >"$pod/pid"
echo "$pod"
"""
STATUS = """\
#!/bin/sh
# Says what became of a pod, given its folder.
alive=yes
kill -0 "$(cat "$1/pid")" 2>/dev/null || alive=no
if [ -e "$1/code" ]; then
  [ "$(cat "$1/code")" = 0 ] && echo success || echo failed
elif [ $alive = yes ]; then
  echo running
else
  echo failed
fi
"""


def missing() -> str | None:
    """Why no pods can be started here, or None."""
    if os.geteuid():
        return "namespaces are made by root only"
    if lacking := [name for name in ("unshare", "ss", "git") if not shutil.which(name)]:
        return f"{lacking} are not installed"
    tried = [*APART, "sh", "-c", "mount --make-rprivate / && mount -t tmpfs none /mnt"]
    if subprocess.run(tried, capture_output=True, check=False).returncode:
        return "namespaces of mounts and processes cannot be made here"
    if lacking := [name for name in MODULES if not (SITE / name).is_dir()]:
        return f"{lacking} are not installed: `make test-cluster` does that"
    return None


class ObjectStore:
    """An S3 of this machine, with one bucket."""

    def __init__(self, room: Path) -> None:
        """room: a folder for its log."""
        self.log = (room / "moto.log").open("wb")
        command = [str(PYTHON), "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        try:
            self.url = f"http://127.0.0.1:{self._port()}"
            self.client.create_bucket(Bucket=BUCKET)
        except BaseException:
            self.stop()
            raise

    def _port(self) -> int:
        """The port that the system gave it."""
        found: list[int] = []

        def listens() -> bool:
            done = subprocess.run(
                ["ss", "-Hltnp"], capture_output=True, text=True, check=True
            ).stdout
            for line in done.splitlines():
                if f"pid={self.process.pid}," in line:
                    found.append(int(line.split()[3].rpartition(":")[2]))
            return bool(found)

        wait_for("moto", listens, 60)
        return found[0]

    @property
    def client(self):
        if str(SITE) not in sys.path:
            sys.path.append(str(SITE))
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=ACCESS["access_key"],
            aws_secret_access_key=ACCESS["secret_key"],
        )

    def environment(self) -> dict[str, str]:
        """What tells Snakemake's plugin where it is, as a user's environment does."""
        given = {"endpoint_url": self.url, **ACCESS}
        return {f"SNAKEMAKE_STORAGE_S3_{name.upper()}": value for name, value in given.items()}

    def upload(self, folder: Path, *paths: str) -> None:
        """Put files and folders below a folder under the same paths, as the docs say."""
        for path in paths:
            there = folder / path
            for file in sorted(there.rglob("*")) if there.is_dir() else [there]:
                if file.is_file():
                    key = f"studies/one/{file.relative_to(folder)}"
                    self.client.upload_file(str(file), BUCKET, key)

    def download(self, folder: Path, below: str = "") -> None:
        """Write all objects below a path of the project into a folder."""
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=BUCKET, Prefix=f"studies/one/{below}"):
            for entry in page.get("Contents", []):
                target = folder / entry["Key"].removeprefix("studies/one/")
                target.parent.mkdir(parents=True, exist_ok=True)
                self.client.download_file(BUCKET, entry["Key"], str(target))

    def names(self, below: str = "") -> list[str]:
        pages = self.client.get_paginator("list_objects_v2")
        return [
            entry["Key"].removeprefix("studies/one/")
            for page in pages.paginate(Bucket=BUCKET, Prefix=f"studies/one/{below}")
            for entry in page.get("Contents", [])
        ]

    def where(self, name: str) -> dict[str, str]:
        """How a client is told of an object, by its path below the study's prefix."""
        return {"Bucket": BUCKET, "Key": f"studies/one/{name}"}

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


class Pods:
    """Where pods are started: their scripts, and a folder for each that says what became of it."""

    def __init__(self, spool: Path, hidden: Path, forks: Forks) -> None:
        """forks: of the environment for pods, in whose programs `python` is."""
        self.spool = spool
        spool.mkdir(parents=True)
        filled = {"{spool}": spool, "{hidden}": hidden, "{apart}": " ".join(APART)}
        filled |= {"{python}": forks.python().parent, "{bash_env}": forks.bash_env}
        for name, text in (("pod.sh", POD), ("submit", SUBMIT), ("status", STATUS)):
            path = spool / name
            for key, value in filled.items():
                text = text.replace(key, str(value))
            path.write_text(text)
            path.chmod(0o755)

    def running(self) -> list[Path]:
        """The pods that run, by their folders."""
        return [
            pod for pod in self.spool.glob("pod-*") if (pod / "pid").exists() and self._lives(pod)
        ]

    def _lives(self, pod: Path) -> bool:
        return (
            not (pod / "code").exists()
            and Path("/proc", (pod / "pid").read_text().strip()).exists()
        )

    def kill(self, pod: Path) -> None:
        """kill -9 of all that runs in a pod, as the end of its node is."""
        os.kill(int((pod / "pid").read_text()), signal.SIGKILL)
        end = time.monotonic() + 20
        while Path("/proc", (pod / "pid").read_text().strip()).exists():
            assert time.monotonic() < end
            time.sleep(0.1)
