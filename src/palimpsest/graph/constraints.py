"""What the wildcards of paths may be."""

import re
from collections.abc import Iterable

from palimpsest.completions.config import DECLARED
from palimpsest.finetuning.config import TRIVIAL
from palimpsest.notes.config import WrittenSource
from palimpsest.release.config import CHECKS
from palimpsest.runtime.schema import NO_CORPUS
from palimpsest.study.catalogue import REWRITINGS, Catalogue, Named

SEED = r"\d{1,10}"  # `graph.job` holds it against 32 bits


def one_of(names: Iterable[str], kind: str) -> str:
    """A regular expression of some names; where there are none, one that no name matches."""
    return "|".join(sorted(map(re.escape, names))) or f"no-{kind}"


def declared_names(catalogue: Catalogue) -> dict[str, set[str]]:
    """What the study declares, by the wildcard that stands for it."""
    study = catalogue.study
    names: dict[str, Iterable[Named]] = {
        "source": study.sources,
        "tokenizer": study.tokenizers,
        "context": study.contexts,
        "evaluation": study.evaluations,
        "sampling": study.pilot.samplings,
        "experiment": study.experiments,
        "mixture": [mixture for entry in study.experiments for mixture in entry.mixtures],
        "dataset": study.datasets,
        "judge": study.judges,
        "release": study.releases,
        "table": study.tables,
        "figure": study.figures,
        "review": study.reviews,
        "evidence": study.evidence,
    }
    declared = {kind: {entry.name for entry in entries} for kind, entries in names.items()}
    corpora = {corpus.name for corpus in study.corpora}
    trivial = {name for entry in study.experiments for name in catalogue.trivial(entry)}
    sets = {name for llm in catalogue.llms for name in catalogue.request_sets(llm)}
    judged = {f"dataset.{name}" for name in declared["dataset"]}
    return declared | {
        "llm": {*catalogue.llms},
        "sampling": declared["sampling"] | {DECLARED},
        "prompt": set(catalogue.every_prompt),
        "model": {*catalogue.models} | trivial,
        "weights": {*catalogue.llms} | catalogue.encoders_of_weights(),
        "corpus": corpora | {NO_CORPUS},
        "request_set": sets,
        "judged": judged | {f"evaluation.{name}" for name in declared["evaluation"]},
        "trained": judged | {f"corpus.{name}" for name in corpora},
    }


def constraints(catalogue: Catalogue) -> dict[str, str]:
    """A regular expression for each wildcard.

    Rules that make one kind of output ask for the names that are theirs: `generated_source` and
    `read_source` are both of the wildcard `source`.
    """
    study = catalogue.study
    names = declared_names(catalogue)
    generated = {entry.name for entry in study.sources if isinstance(entry, WrittenSource)}
    uses = catalogue.uses()

    def prompts(*kinds: str) -> str:
        return one_of({use.prompt for use in uses if use.kind in kinds}, f"{kinds[0]}-prompt")

    def tables(kind: str) -> str:
        return one_of({table.name for table in study.tables if table.kind == kind}, kind)

    def datasets(*makers: str) -> str:
        made = [entry.name for entry in study.datasets if entry.made_by in makers]
        return one_of(made, f"{makers[0]}-dataset")

    kept = {experiment.name for experiment in study.experiments if experiment.keep}
    sources = {kind: {use.name for use in uses if use.kind == kind} for kind in REWRITINGS}
    sets = {
        kind: {
            name
            for use in uses
            if use.kind == kind
            for name in catalogue.rounds(use.name, use.llm, use.prompt, use.context)
        }
        for kind in REWRITINGS
    }
    return {kind: one_of(known, kind) for kind, known in names.items()} | {
        "generated_source": one_of(generated, "generated-source"),
        "read_source": one_of(names["source"] - generated, "source"),
        "distinct_source": one_of(names["source"] if study.duplicates else (), "distinct-source"),
        "rephrased_source": one_of(sources["rephrase"], "rephrased-source"),
        "rephrase_prompt": prompts("rephrase"),
        "rephrase_set": one_of(sets["rephrase"], "rephrase-set"),
        "synthesis_source": one_of(sources["synthesize"], "synthesis-source"),
        "synthesis_prompt": prompts("synthesize"),
        "synthesis_set": one_of(sets["synthesize"], "synthesis-set"),
        "rewriting_set": one_of({name for use in sets.values() for name in use}, "rewriting-set"),
        "round": r"[1-9]",
        "shard": r"\d+-of-\d+",
        "stage": "given|repaired",
        "check": one_of(CHECKS, "check"),
        "seed": SEED,
        "run": SEED,
        "size": r"all|[1-9]\d*",
        "collected_dataset": datasets("generator", "experts"),
        "silver_dataset": datasets("llm_labels"),
        "bronze_dataset": datasets("llm_writes"),
        "llm_dataset": datasets("llm_labels", "llm_writes"),
        "label_prompt": prompts("label"),
        "check_prompt": prompts("check"),
        "answered_prompt": prompts("label", "check"),
        "write_prompt": prompts("write"),
        "judge_prompt": prompts("judge"),
        "trivial_model": one_of({name for names in TRIVIAL.values() for name in names}, "trivial"),
        "corpora_table": tables("corpora"),
        "comparison_table": tables("comparison"),
        "kept_experiment": one_of(kept, "kept-experiment"),
    }
