# What all rules share. The graph (src/palimpsest/graph) computes for each rule what its jobs read
# and what their outputs depend on. A mistake in the study ends the run with one line.
import snakemake.persistence

from palimpsest.graph import Data, Recipe, constraints, job_of, no_target, whatever_else
from palimpsest.runtime.attempts import growing
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.fingerprint import Fingerprints
from palimpsest.runtime.pods import among_pods, check_deployed
from palimpsest.runtime.records import planned_without_record
from palimpsest.runtime.results import forget_logs, keep_out_of_git
from palimpsest.runtime.scheduling import without_default_rate
from palimpsest.runtime.shell import call_own_python, declares_scratch, job_prefix, literal
from palimpsest.runtime.slurm import check_status_command
from palimpsest.study.load import load_study

with in_one_line():
    call_own_python()
    planned = workflow.output_settings.dryrun or not workflow.is_main_process
    PODS = among_pods(workflow.storage_settings, workflow.storage_provider_settings)
    CATALOGUE = load_study(config, workflow.configfiles, files_needed=not planned)
    CODE = Fingerprints(ROOT / "src")
    STUDY, CONSTRAINTS = CATALOGUE.study, constraints(CATALOGUE)
    scratch = declares_scratch(workflow.resource_settings._parsed_default_resources)
    shell.prefix(literal(job_prefix(ROOT, STUDY.network, scratch)))


def asked(rule, answer):
    """What the graph says of a rule's job, as a function of the job's wildcards."""

    def of_wildcards(wildcards):
        with in_one_line():
            return answer(job_of(rule, CATALOGUE, wildcards.items()))

    return of_wildcards


def reads(rule):
    own = lambda path: sourcecache_entry(path, path) if isinstance(path, Recipe) else path
    mark = lambda path: ancient(own(path)) if isinstance(path, Data) else path
    inputs = asked(rule, lambda job: job.inputs(mark))
    return planned_without_record(inputs, rule, workflow, snakemake.persistence)


def spec(rule):
    return asked(rule, lambda job: job.spec_json())


def wants(rule, resource):
    return asked(rule, lambda job: getattr(job.resources(), resource))


def code_of(script):
    return in_one_line()(lambda wildcards: CODE.of(ROOT / script))


@in_one_line()
def refuse_target(wildcards):
    raise UserError(no_target(CATALOGUE, wildcards.undeclared, BELOW))
