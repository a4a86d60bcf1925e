"""The graph: for every rule, what its jobs read and what their outputs depend on.

Plain functions of a study and of a job's wildcards, without Snakemake: a rule file asks for them by
the rule's name, and so can a test.
"""

from importlib import import_module
from pkgutil import iter_modules

from palimpsest.graph.constraints import constraints
from palimpsest.graph.job import JOBS, Data, Inputs, Job, Recipe, job_of
from palimpsest.graph.targets import no_target, whatever_else

for module in iter_modules(__path__):  # importing a module declares its jobs
    import_module(f"{__name__}.{module.name}")

__all__ = [
    "JOBS",
    "Data",
    "Inputs",
    "Job",
    "Recipe",
    "constraints",
    "job_of",
    "no_target",
    "whatever_else",
]
