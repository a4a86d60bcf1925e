"""What Snakemake remembers of files: a file without a record is made again.

Snakemake takes it for current. A cluster's job that outlived its driver left it, or `.snakemake`
was lost: what it was made from is not known. What is costly is not done again, as answers and
trainings are kept by their content.
"""

import os
from collections.abc import Callable
from typing import Any


def planned_without_record(
    inputs: Callable[[Any], Any], rule: str, workflow: Any, persistence: Any
) -> Callable[[Any], Any]:
    """The input function of a rule, which Snakemake asks before it decides what to make.

    It gives each output of the job that has no record one of parameters that no job has.
    workflow: Snakemake's. persistence: its module of that name.
    """

    def of_wildcards(wildcards: Any) -> Any:
        known = workflow.persistence
        for pattern in workflow.get_rule(rule).output if workflow.is_main_process else ():
            output = pattern.apply_wildcards(wildcards)
            there = output.is_storage or os.path.lexists(output)
            if there and known.metadata(output) is None:
                record = persistence.MetadataRecord(
                    params=["no record"], record_format_version=persistence.RECORD_FORMAT_VERSION
                )
                known._write_record(known._get_key(output), record)
                known._clear_cache()
        return inputs(wildcards)

    return of_wildcards
