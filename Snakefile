# Palimpsest: from notes to tables. `snakemake results/table2.csv` builds whatever is missing.
#
# The study is config/config.yaml, the demo, or the file given by --configfile. The two are never
# merged. Rules are in rules/, in the order of the data.
from snakemake.utils import min_version

min_version("9.27")


include: "rules/study.smk"
include: "rules/common.smk"


pathvars:
    results=STUDY.results,
    logs=f"{STUDY.results}/logs",
    benchmarks=f"{STUDY.results}/benchmarks",


wildcard_constraints:
    **CONSTRAINTS,


localrules:
    all,


rule all:
    """Every table and figure that the study declares."""
    input:
        unpack(reads("all")),


include: "rules/weights.smk"
include: "rules/notes.smk"
include: "rules/duplicates.smk"
include: "rules/leaks.smk"
include: "rules/passages.smk"
include: "rules/requests.smk"
include: "rules/completions.smk"
include: "rules/screens.smk"
include: "rules/fidelity.smk"
include: "rules/judges.smk"
include: "rules/corpora.smk"
include: "rules/exports.smk"
include: "rules/release.smk"
include: "rules/pretraining.smk"
include: "rules/perplexity.smk"
include: "rules/dataset_requests.smk"
include: "rules/datasets.smk"
include: "rules/quality.smk"
include: "rules/experiments.smk"
include: "rules/reviews.smk"
include: "rules/reports.smk"
include: "rules/summary.smk"
include: "rules/evidence.smk"
include: "rules/plan.smk"
include: "rules/undeclared.smk"


onstart:
    with in_one_line():
        keep_out_of_git(Path(STUDY.results))
        check_status_command(getattr(workflow.executor_settings, "status_command", None))
        without_default_rate(workflow.scheduling_settings, workflow.scheduler)
        check_deployed(CATALOGUE.recipe_files() if PODS else ())
        for job in workflow.dag.needrun_jobs():
            forget_logs(job.log)
