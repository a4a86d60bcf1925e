"""What labelled sets, classifications, and what is shown of them refer to must fit."""

from collections.abc import Iterator

from palimpsest.datasets.config import EmbeddingCandidates, asked_prompts
from palimpsest.finetuning.config import Classification
from palimpsest.notes.config import GeneratedSource
from palimpsest.pretraining.config import Encoder
from palimpsest.reports.config import CategoryTable, CombinationTable, ScarcityFigure
from palimpsest.study.catalogue import Catalogue
from palimpsest.study.problems import Problems
from palimpsest.study.references import check_encoder


def check_labelled(catalogue: Catalogue, problems: Problems) -> None:
    """Every name that these declarations use must be declared by another, and fit it."""
    _check_sets(catalogue, problems)
    for entry in catalogue.study.classifications:
        _check_classification(catalogue, problems, entry)
    _check_shown(catalogue, problems)


def _check_sets(catalogue: Catalogue, problems: Problems) -> None:
    study = catalogue.study
    sources = {entry.name for entry in study.sources}
    for entry in study.gold:
        where = f"gold.{entry.name}.source"
        if not entry.source or not problems.refers(where, entry.source, sources):
            continue
        if not isinstance(catalogue.source(entry.source), GeneratedSource):
            problems.add(
                f"{where}: '{entry.source}' has no gold sentences; expected a generated source, or "
                "'files'"
            )
        for split, share in catalogue.splits(entry.source):
            if share == 0:
                problems.add(f"{where}: source '{entry.source}' has no '{split}' patients")
    for entry in study.silver:
        where = f"silver.{entry.name}"
        if problems.refers(f"{where}.source", entry.source, sources):
            if catalogue.splits(entry.source).train == 0:
                problems.add(f"{where}.source: source '{entry.source}' has no 'train' patients")
        if isinstance(entry.candidates, EmbeddingCandidates):
            encoder = entry.candidates.encoder
            if not isinstance(catalogue.models[encoder], Encoder):
                problems.add(
                    f"{where}.candidates.encoder: '{encoder}' is a decoder, expected an encoder"
                )
    for kind in ("silver", "bronze"):
        for entry in getattr(study, kind):
            for use, prompt in asked_prompts(entry).items():
                lacking = catalogue.category_prompts[prompt].lacks(use)
                if lacking:
                    problems.add(
                        f"{kind}.{entry.name}.{use}: prompt '{prompt}' cannot {use}: {lacking}"
                    )


def _check_classification(catalogue: Catalogue, problems: Problems, entry: Classification) -> None:
    study = catalogue.study
    where = f"classifications.{entry.name}"
    check_encoder(catalogue, problems, f"{where}.encoder", entry.encoder)
    problems.unique(f"{where}.combinations", [one.name for one in entry.combinations])
    if not problems.refers(f"{where}.gold", entry.gold, [one.name for one in study.gold]):
        return
    taxonomy = catalogue.labelled(entry.gold).taxonomy
    known = [one.name for one in [*study.gold, *catalogue.asked_sets()]]
    for combination in entry.combinations:
        place = f"{where}.combinations.{combination.name}"
        for phase in combination.phases:
            problems.unique(f"{place}: a phase", [part.set for part in phase])
        for name in entry.sets(combination.name):
            if problems.refers(place, name, known):
                other = catalogue.labelled(name).taxonomy
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
    gold = {entry.name: entry for entry in catalogue.study.gold}
    for figure in catalogue.study.figures:
        entry = declared.get(getattr(figure, "classification", ""))
        if entry and entry.gold in gold:
            most = gold[entry.gold].sentences.train
            for size in figure.sizes:
                if size > most:
                    problems.add(
                        f"figures.{figure.name}.sizes: {size} is more than the {most} train "
                        f"sentences of gold '{entry.gold}'"
                    )
