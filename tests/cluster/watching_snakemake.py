"""Snakemake, but that it asks for the states of SLURM's jobs every few seconds.

The executor plugin asks after 40 seconds, and then ever more rarely while no job ends: right for a
cluster's queue, and most of the time that a test of short jobs would take.
"""

import sys

from snakemake.cli import main
from snakemake_executor_plugin_slurm import Executor

SECONDS = 2

Executor.next_seconds_between_status_checks = property(
    lambda self: SECONDS, lambda self, value: None
)

if __name__ == "__main__":
    sys.exit(main())
