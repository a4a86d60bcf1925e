"""What datasets, classifications, and what is shown of them refer to must fit."""

from collections.abc import Iterator

from palimpsest.datasets.config import EmbeddingCandidates, LlmLabels, LlmSentences, Sentences
from palimpsest.datasets.kinds import Dataset
from palimpsest.finetuning.config import Classification
from palimpsest.notes.config import GeneratedSource
from palimpsest.pretraining.config import Encoder
from palimpsest.reports.config import CategoryTable, CombinationTable, ScarcityFigure
from palimpsest.runtime.labels import SPLITS
from palimpsest.study.catalogue import Catalogue
from palimpsest.study.problems import Problems
from palimpsest.study.references import check_encoder


def check_datasets(catalogue: Catalogue, problems: Problems) -> None:
    """Every name that these declarations use must be declared by another, and fit it."""
    for entry in catalogue.study.datasets:
        _check_source(catalogue, problems, entry)
        if isinstance(entry, LlmSentences):
            _check_prompts(catalogue, problems, entry)
    for classification in catalogue.study.classifications:
        _check_classification(catalogue, problems, classification)
    _check_shown(catalogue, problems)


def _check_source(catalogue: Catalogue, problems: Problems, entry: Dataset) -> None:
    """A source that examples are of must be declared, and have what they need."""
    sources = {source.name for source in catalogue.study.sources}
    name, where = getattr(entry, "source", None), f"datasets.{entry.name}.source"
    if name is None or not problems.refers(where, name, sources):
        return
    needed = ["train"]
    if entry.made_by == "generator":
        needed = list(SPLITS)
        if not isinstance(catalogue.source(name), GeneratedSource):
            problems.add(
                f"{where}: the notes of '{name}' carry no gold {entry.kind}; expected a generated "
                "source, or 'made_by: experts' with 'files'"
            )
    for split in needed:
        if getattr(catalogue.splits(name), split) == 0:
            problems.add(f"{where}: source '{name}' has no '{split}' patients")


def _check_prompts(catalogue: Catalogue, problems: Problems, entry: LlmSentences) -> None:
    """The prompts of an LLM that labels or writes must serve, and its encoder be one."""
    where = f"datasets.{entry.name}"
    if isinstance(entry, LlmLabels) and isinstance(entry.candidates, EmbeddingCandidates):
        encoder = entry.candidates.encoder
        if not isinstance(catalogue.models[encoder], Encoder):
            problems.add(
                f"{where}.candidates.encoder: '{encoder}' is a decoder, expected an encoder"
            )
    for use, prompt in entry.prompts().items():
        lacking = catalogue.category_prompts[prompt].lacks(use)
        if lacking:
            problems.add(f"{where}.{use}: prompt '{prompt}' cannot {use}: {lacking}")


def _check_classification(catalogue: Catalogue, problems: Problems, entry: Classification) -> None:
    study = catalogue.study
    where = f"classifications.{entry.name}"
    check_encoder(catalogue, problems, f"{where}.encoder", entry.encoder)
    problems.unique(f"{where}.combinations", [one.name for one in entry.combinations])
    sentences = [one for one in study.datasets if isinstance(one, Sentences)]
    known = {one.name: one.taxonomy for one in sentences}
    judged = [one.name for one in sentences if hasattr(one, "examples")]
    if not problems.refers(f"{where}.gold", entry.gold, judged):
        return
    taxonomy = known[entry.gold]
    for combination in entry.combinations:
        place = f"{where}.combinations.{combination.name}"
        for phase in combination.phases:
            problems.unique(f"{place}: a phase", [part.set for part in phase])
        for name in entry.sets(combination.name):
            if problems.refers(place, name, known):
                other = known[name]
                if other != taxonomy:
                    problems.add(
                        f"{place}: '{name}' has the taxonomy '{other}', expected that of gold "
                        f"'{entry.gold}', '{taxonomy}'"
                    )


def _shown(catalogue: Catalogue) -> Iterator[tuple[str, str, list[str]]]:
    """What is shown of classifications: where, the classification, the combinations it names."""
    for table in catalogue.study.tables:
        if isinstance(table, CombinationTable):
            yield f"tables.{table.name}", table.classification, [table.baseline]
        elif isinstance(table, CategoryTable):
            yield f"tables.{table.name}", table.classification, []
    for figure in catalogue.study.figures:
        if isinstance(figure, ScarcityFigure):
            yield f"figures.{figure.name}", figure.classification, figure.combinations


def _check_shown(catalogue: Catalogue, problems: Problems) -> None:
    declared = {entry.name: entry for entry in catalogue.study.classifications}
    for where, classification, combinations in _shown(catalogue):
        if not problems.refers(f"{where}.classification", classification, declared):
            continue
        known = [one.name for one in declared[classification].combinations]
        key = "baseline" if where.startswith("tables") else "combinations"
        for name in combinations:
            problems.refers(f"{where}.{key}", name, known)
        problems.unique(f"{where}.{key}", combinations)
    for figure in catalogue.study.figures:
        entry = declared.get(getattr(figure, "classification", ""))
        budgets = {one.name: getattr(one, "examples", None) for one in catalogue.study.datasets}
        budget = budgets.get(entry.gold) if entry else None
        for size in figure.sizes if budget else []:
            if size > budget.train:
                problems.add(
                    f"figures.{figure.name}.sizes: {size} is more than the {budget.train} train "
                    f"examples of '{entry.gold}'"
                )
