"""The graph: for every rule, what its jobs read and what their outputs depend on.

Plain functions of a study and of a job's wildcards, without Snakemake: a rule file asks for them by
the rule's name, and so can a test.
"""

from palimpsest.graph import (  # noqa: F401 (importing a module declares its jobs)
    completions,
    corpora,
    datasets,
    experiments,
    notes,
    passages,
    perplexity,
    plan,
    pretraining,
    reports,
    requests,
    screens,
    weights,
)
from palimpsest.graph.constraints import constraints
from palimpsest.graph.job import JOBS, Data, Inputs, Job, job_of

__all__ = ["JOBS", "Data", "Inputs", "Job", "constraints", "job_of"]
