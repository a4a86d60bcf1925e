"""What the wildcards of paths may be."""

from collections.abc import Iterable

from palimpsest.finetuning.config import TRIVIAL
from palimpsest.study.catalogue import Catalogue

NAME = "[A-Za-z0-9][A-Za-z0-9_-]*"


def one_of(names: Iterable[str], kind: str) -> str:
    """A regular expression of some names; where there are none, one that no name matches."""
    return "|".join(sorted(names)) or f"no-{kind}"


def constraints(catalogue: Catalogue) -> dict[str, str]:
    """A regular expression for each wildcard.

    Rules that make one kind of output ask for the names that are theirs: `generated_source` and
    `read_source` are both of the wildcard `source`.
    """
    study = catalogue.study
    generated = {source.name for source in study.sources if source.kind == "generated"}
    uses = catalogue.uses()

    def prompts(*kinds: str) -> str:
        return one_of({use.prompt for use in uses if use.kind in kinds}, f"{kinds[0]}-prompt")

    def tables(kind: str) -> str:
        return one_of({table.name for table in study.tables if table.kind == kind}, kind)

    def datasets(*makers: str) -> str:
        names = [entry.name for entry in study.datasets if entry.made_by in makers]
        return one_of(names, f"{makers[0]}-dataset")

    kept = {experiment.name for experiment in study.experiments if experiment.keep}
    rephrased = one_of({entry.source for entry in study.rephrasings}, "rephrased-source")
    rephrasing = prompts("rephrase")
    plain = [
        "source", "llm", "weights", "corpus", "model", "tokenizer", "evaluation", "prompt",
        "experiment", "mixture", "dataset",
    ]  # fmt: skip
    return dict.fromkeys(plain, NAME) | {
        "generated_source": one_of(generated, "generated-source"),
        "read_source": one_of({source.name for source in study.sources} - generated, "source"),
        "rephrased_source": rephrased,
        "rephrase_prompt": rephrasing,
        "request_set": rf"{NAME}\.{NAME}(\.retry[1-9])?",
        "rephrase_set": rf"({rephrased})\.({rephrasing})(\.retry[1-9])?",
        "round": r"[1-9]",
        "shard": r"\d+-of-\d+",
        "seed": r"\d+",
        "run": r"\d+",
        "size": r"all|[1-9]\d*",
        "judged": rf"(dataset|evaluation)\.{NAME}",
        "trained": rf"(corpus|dataset)\.{NAME}",
        "collected_dataset": datasets("generator", "experts"),
        "silver_dataset": datasets("llm_labels"),
        "bronze_dataset": datasets("llm_writes"),
        "llm_dataset": datasets("llm_labels", "llm_writes"),
        "label_prompt": prompts("label"),
        "check_prompt": prompts("check"),
        "answered_prompt": prompts("label", "check"),
        "write_prompt": prompts("write"),
        "trivial_model": one_of({name for names in TRIVIAL.values() for name in names}, "trivial"),
        "corpora_table": tables("corpora"),
        "comparison_table": tables("comparison"),
        "kept_experiment": one_of(kept, "kept-experiment"),
        "figure": one_of({figure.name for figure in study.figures}, "figure"),
    }
