"""A SLURM of two nodes on this machine, started and stopped by process id.

Needs root and Debian's packages slurm-wlm and munge, which `make test-cluster` installs. SLURM
reads its configuration from /etc/slurm, so nothing else may be configured there.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

CONFIGURATION = Path("/etc/slurm/slurm.conf")
DEVICES = Path("/etc/slurm/gres.conf")
CGROUPS = Path("/etc/slurm/cgroup.conf")
MARK = "# Written by tests/cluster/slurm.py, and removed at its end.\n"
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel")
NODES = ("n1", "n2")
GPUS_A_NODE = 2
MEMORY_MB = 8000  # of a node, as small as the ones that jobs must fit
ENDED = {"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY"}
# A job over its memory is killed by what it is seen to use each second: cgroups are not everywhere.
SLURM_CONF = """\
ClusterName=palimpsest
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
AuthType=auth/munge
CryptoType=crypto/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={room}/state
SlurmdSpoolDir={room}/spool-%n
SlurmctldPidFile={room}/slurmctld.pid
SlurmdPidFile={room}/slurmd-%n.pid
SlurmctldLogFile={room}/slurmctld.log
SlurmdLogFile={room}/slurmd-%n.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_interval=2,bf_interval=5
GresTypes=gpu
ReturnToService=2
MinJobAge=300
InactiveLimit=0
KillWait=5
SlurmdTimeout=15
SlurmdParameters=config_overrides
NodeName=n[1-2] NodeHostname={host} NodeAddr=127.0.0.1 Port=[16821-16822] CPUs=4 \
RealMemory={memory} Gres=gpu:{gpus}
PartitionName=all Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str | None:
    """Why no SLURM can be started here, or None."""
    if os.geteuid():
        return "a SLURM can be started by root only"
    if lacking := [name for name in PROGRAMS if not shutil.which(name)]:
        return f"{lacking} are not installed: `make test-cluster` does that on Debian"
    if CONFIGURATION.exists() and MARK not in CONFIGURATION.read_text():
        return f"{CONFIGURATION} is of another SLURM"
    return None


def run(*command: str, timeout: float = 60) -> str:
    """What a command prints. Raises subprocess.CalledProcessError where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return done.stdout


def wait_for(what: str, holds: Callable[[], object], seconds: float = 240) -> None:
    """Wait until something holds. Raises TimeoutError, saying what did not."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.3)


class Slurm:
    """The two nodes, and the processes that are theirs."""

    def __init__(self, room: Path) -> None:
        """room: a folder for state, spool, sockets, logs and devices."""
        self.room = room
        self.processes: dict[str, subprocess.Popen] = {}

    def start(self) -> None:
        """Start all of it, and return when both nodes are idle."""
        host = socket.gethostname()
        (self.room / "state").mkdir(parents=True)
        devices = [self.room / f"fakegpu{number}" for number in range(GPUS_A_NODE)]
        for device in devices:
            # SLURM sets CUDA_VISIBLE_DEVICES for device files only: these are /dev/null's twins.
            run("mknod", str(device), "c", "1", "3")
        written = SLURM_CONF.format(host=host, room=self.room, memory=MEMORY_MB, gpus=GPUS_A_NODE)
        CONFIGURATION.write_text(MARK + written)
        DEVICES.write_text(
            f"{MARK}NodeName=n[1-2] Name=gpu File={self.room}/fakegpu[0-{GPUS_A_NODE - 1}] "
            "Flags=nvidia_gpu_env\n"
        )
        CGROUPS.write_text(f"{MARK}CgroupAutomount=no\n")
        self._start_munge()
        self._begin("slurmctld", "slurmctld", "-D", "-c")
        for node in NODES:
            self.start_node(node)
        wait_for("both nodes", lambda: self.states() == {node: "idle" for node in NODES})

    def _start_munge(self) -> None:
        """Munge, unless one runs; its user must own its folders."""
        if Path("/run/munge/munge.socket.2").exists():
            try:
                run("munge", "-n", timeout=5)
                return
            except (subprocess.SubprocessError, OSError):
                pass  # what another one left
        for folder in ("/run/munge", "/var/log/munge", "/var/lib/munge"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            shutil.chown(folder, "munge", "munge")
        Path("/run/munge").chmod(0o755)
        command = ["setpriv", "--reuid=munge", "--regid=munge", "--init-groups"]
        self._begin("munged", *command, "munged", "--foreground", "--force")

        def answers() -> bool:
            return subprocess.run(["munge", "-n"], capture_output=True).returncode == 0

        wait_for("munge", answers, 30)

    def _begin(self, name: str, *command: str) -> None:
        with (self.room / f"{name}.out").open("ab") as out:
            self.processes[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )

    def start_node(self, node: str) -> None:
        self._begin(node, "slurmd", "-D", "-N", node)

    def kill_node(self, node: str) -> None:
        """kill -9 of a node's slurmd and of what ran there, as a crash of the node is."""
        daemon = self.processes.pop(node)
        daemon.kill()
        daemon.wait()
        for step in self._steps(node):
            os.kill(step, signal.SIGKILL)

    def _steps(self, node: str) -> list[int]:
        """The processes of jobs on a node: those of its steps, by their environment or title."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                title = (path / "cmdline").read_bytes()
                environment = (path / "environ").read_bytes()
            except OSError:
                continue
            if b"SLURMD_NODENAME=" + node.encode() in environment.split(b"\0"):
                found.append(int(path.name))
            elif title.startswith(b"slurmstepd:") and self._is_of(path, node):
                found.append(int(path.name))
        return found

    def _is_of(self, process: Path, node: str) -> bool:
        """Whether a slurmstepd works in a node's spool folder."""
        try:
            return any(
                f"spool-{node}" in os.readlink(link) for link in (process / "fd").iterdir()
            ) or f"spool-{node}" in os.readlink(process / "cwd")
        except OSError:
            return False

    def states(self) -> dict[str, str]:
        """The state of each node, as sinfo says it."""
        try:
            lines = run("sinfo", "-h", "-N", "-o", "%N %t").split("\n")
        except subprocess.SubprocessError:
            return {}
        return dict(line.split() for line in lines if line)

    def jobs(self, **fields: str) -> list[dict[str, str]]:
        """All jobs that SLURM knows, ended ones too: each its fields as `scontrol` has them."""
        shown = run("scontrol", "-o", "--all", "show", "job")
        found = []
        for line in shown.splitlines():
            if line.startswith("JobId="):
                parts = [part.partition("=") for part in line.split(" ") if "=" in part]
                found.append({name: value for name, _, value in parts})
        return [job for job in found if all(job.get(key) == fields[key] for key in fields)]

    def idle(self) -> bool:
        return all(job["JobState"] in ENDED for job in self.jobs())

    def stop(self) -> None:
        """Cancel what runs, end the daemons by their ids, and remove the configuration."""
        if "slurmctld" in self.processes:
            subprocess.run(["scancel", "--user=root"], capture_output=True, timeout=30)
            try:
                wait_for("the last jobs", self.idle, 30)
            except (TimeoutError, subprocess.SubprocessError):
                pass  # a killed node's never end
        for name in [*NODES, "slurmctld", "munged"]:
            if name in self.processes:
                process = self.processes.pop(name)
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for path in (CONFIGURATION, DEVICES, CGROUPS):
            path.unlink(missing_ok=True)
