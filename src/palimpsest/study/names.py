"""Whether a study declares what a file of the results is of, by the wildcards in its manifest."""

from palimpsest.completions.config import DECLARED
from palimpsest.runtime.origins import Names
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.runtime.schema import NO_CORPUS
from palimpsest.study.catalogue import Catalogue


def declares(catalogue: Catalogue, names: Names) -> bool:
    """Whether a study declares everything that some wildcards name."""
    study = catalogue.study
    models = set(catalogue.models)
    for experiment in study.experiments:
        models.update(catalogue.trivial(experiment))
    declared = {
        "source": {source.name for source in study.sources},
        "dataset": {dataset.name for dataset in study.datasets},
        "judge": {judge.name for judge in study.judges},
        "annotation": {entry.name for entry in catalogue.llm_datasets() if entry.annotation},
        "corpus": {corpus.name for corpus in study.corpora} | {NO_CORPUS},
        "experiment": {experiment.name for experiment in study.experiments},
        "evaluation": {evaluation.name for evaluation in study.evaluations},
        "tokenizer": {tokenizer.name for tokenizer in study.tokenizers},
        "model": models,
        "sampling": {DECLARED, *(variant.name for variant in study.pilot.samplings)},
        "release": {release.name for release in study.releases},
        "llm": set(catalogue.llms),
        "weights": set(catalogue.llms) | set(catalogue.models),
    }
    if any(names[kind] not in known for kind, known in declared.items() if kind in names):
        return False
    if "experiment" in names and not _has_system(catalogue, names):
        return False
    asked = RequestSet.of_wildcards(names)
    uses = {use.request_set for use in catalogue.uses() if names.get("llm", use.llm) == use.llm}
    if asked and str(asked._replace(round=0)) not in uses:
        return False
    placed = names.get("source") or (asked and asked.name)
    return not (placed and "shard" in names) or names["shard"] in catalogue.shards(placed)


def _has_system(catalogue: Catalogue, names: Names) -> bool:
    """Whether an experiment has a model, on a corpus, fine-tuned on a mixture."""
    experiment = catalogue.experiment(names["experiment"])
    rows = {(row.encoder, row.corpus) for row in experiment.encoders}
    if (names.get("model"), names.get("corpus", NO_CORPUS)) in rows:
        return names.get("mixture") in {mixture.name for mixture in experiment.mixtures}
    return names.get("model") in catalogue.trivial(experiment)
