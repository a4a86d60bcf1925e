"""SLURM, as the driver meets it: whether it can be asked how jobs are."""

import subprocess

from palimpsest.runtime.errors import UserError

SECONDS = 30
# As the executor plugin asks, of a run that there is none of.
QUERIES = {
    "sacct": "sacct -X --parsable2 --clusters all --noheader --format=JobIdRaw,State "
    "--endtime now --name palimpsest-asks",
    "squeue": "squeue --format=%i|%T --states=all --noheader --name palimpsest-asks",
}
OTHER = {
    "sacct": "SLURM may keep no accounting here: set `slurm-status-command: squeue` in the "
    "profile, or --slurm-status-command squeue",
    "squeue": "expected SLURM's controller to answer: `sinfo` tells more; where only accounting "
    "answers, set `slurm-status-command: sacct`",
}


def check_status_command(command: str | None, seconds: float = SECONDS) -> None:
    """Raises UserError where the command that tells the states of jobs does not work.

    Without this the plugin submits jobs and then waits for ever: it takes a job that it is told
    nothing about for one that still runs.
    command: `sacct` or `squeue`; None where jobs are not SLURM's.
    """
    if command not in QUERIES:
        return
    try:
        done = subprocess.run(
            QUERIES[command].split(), capture_output=True, text=True, timeout=seconds
        )
        said = "" if done.returncode == 0 else (done.stderr or done.stdout).strip()
        fault = f"exit status {done.returncode}: {said}" if done.returncode else ""
    except subprocess.TimeoutExpired:
        fault = f"no answer in {seconds:.0f} s"
    except OSError as error:
        fault = error.strerror or str(error)
    if fault:
        said = "; ".join(fault.splitlines())
        raise UserError(f"`{command}` cannot tell how jobs are ({said}). {OTHER[command]}")
