# Palimpsest: from notes to tables. `snakemake results/table2.csv` builds what is missing.
#
# The study is config/config.yaml, the demo, or the file given by --configfile; the two are never
# merged. Stages are in rules/, in the order of the data: weights, notes, passages, requests,
# completions, rephrases, corpora, models, evaluation, tasks, tables; then labelled sentences and
# the classifiers that are trained on them: gold, silver, bronze, classifiers, quality, comparisons.
from snakemake.utils import min_version

min_version("9.27")

if not workflow.config_settings.configfiles:

    configfile: "config/config.yaml"


include: "rules/common.smk"
include: "rules/inputs.smk"
include: "rules/rounds.smk"
include: "rules/planned.smk"
include: "rules/labelled_inputs.smk"
include: "rules/classified_inputs.smk"


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
        [f"<results>/{table.name}.csv" for table in STUDY.tables],
        [f"<results>/{figure.name}.svg" for figure in STUDY.figures],
        [f"<results>/{entry.name}.quality.csv" for entry in CATALOGUE.asked_sets()],
        [f"<results>/review/{entry.name}.csv" for entry in CATALOGUE.asked_sets() if entry.review],
        ["<results>/metrics.csv"] if STUDY.tables + STUDY.figures else [],
        ["<results>/screens.csv"] if STUDY.rephrasings else [],


include: "rules/weights.smk"
include: "rules/notes.smk"
include: "rules/passages.smk"
include: "rules/requests.smk"
include: "rules/completions.smk"
include: "rules/rephrases.smk"
include: "rules/corpora.smk"
include: "rules/models.smk"
include: "rules/evaluation.smk"
include: "rules/tasks.smk"
include: "rules/tables.smk"
include: "rules/gold.smk"
include: "rules/silver.smk"
include: "rules/bronze.smk"
include: "rules/classifiers.smk"
include: "rules/quality.smk"
include: "rules/comparisons.smk"
include: "rules/plan.smk"
