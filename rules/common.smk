# What all rules share. The graph (src/palimpsest/graph) computes for each rule what its jobs read
# and what their outputs depend on.
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT / "src"))

from palimpsest.graph import Data, constraints, job_of
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.fingerprint import code_fingerprint
from palimpsest.study.load import load_study

try:
    planned = workflow.output_settings.dryrun or not workflow.is_main_process
    CATALOGUE = load_study(config, workflow.configfiles, files_needed=not planned)
except UserError as error:
    raise WorkflowError(str(error))
STUDY, CONSTRAINTS = CATALOGUE.study, constraints(CATALOGUE)

# Every job finds the package without an installation, also in conda environments. Descriptor 3 is
# the terminal, for progress lines; other output goes to the log.
shell.prefix(
    f"set -euo pipefail; export PYTHONPATH={str(ROOT / 'src')!r}; "
    f"exec 3>&2; export PALIMPSEST_PROGRESS_FD=3 PALIMPSEST_NETWORK={int(STUDY.network)}; "
)


def asked(rule, answer):
    """What the graph says of a rule's job, as a function of the job's wildcards."""

    def of_wildcards(wildcards):
        try:
            return answer(job_of(rule, CATALOGUE, wildcards.items()))
        except UserError as error:
            raise WorkflowError(str(error))

    return of_wildcards


def reads(rule):
    mark = lambda path: ancient(path) if isinstance(path, Data) else path
    return asked(rule, lambda job: job.inputs(mark))


def spec(rule):
    return asked(rule, lambda job: job.spec_json())


def wants(rule, resource):
    return asked(rule, lambda job: getattr(job.resources(), resource))


def code_of(script):
    return code_fingerprint(ROOT / script, ROOT / "src")
