"""What experiments, and the tables and figures of them, refer to must be declared, and fit."""

from palimpsest.finetuning.config import Experiment, ExperimentEncoder
from palimpsest.pretraining.config import Encoder
from palimpsest.reports.config import ComparisonTable, LearningCurve
from palimpsest.runtime.schema import NO_CORPUS
from palimpsest.scoring.metrics import LABEL_METRICS, METRICS
from palimpsest.study.catalogue import Catalogue
from palimpsest.study.problems import Problems


def check_experiments(catalogue: Catalogue, problems: Problems) -> None:
    study = catalogue.study
    for entry in study.experiments:
        _check_experiment(catalogue, problems, entry)
    declared = {entry.name: entry for entry in study.experiments}
    for table in study.tables:
        if isinstance(table, ComparisonTable):
            where = f"tables.{table.name}.experiments"
            problems.unique(where, table.experiments)
            for name in table.experiments:
                if problems.refers(where, name, declared):
                    _check_comparison(catalogue, problems, table, declared[name])
    for figure in study.figures:
        if isinstance(figure, LearningCurve):
            where, name = f"figures.{figure.name}.experiment", figure.experiment
            if problems.refers(where, name, declared):
                _check_curve(catalogue, problems, figure, declared[name])


def _check_experiment(catalogue: Catalogue, problems: Problems, entry: Experiment) -> None:
    where = f"experiments.{entry.name}"
    for row in entry.encoders:
        _check_encoder(catalogue, problems, f"{where}.encoders", row)
    problems.unique(
        f"{where}.encoders", [f"{row.encoder} on {row.corpus}" for row in entry.encoders]
    )
    problems.unique(f"{where}.mixtures", [mixture.name for mixture in entry.mixtures])
    datasets = {dataset.name: dataset for dataset in catalogue.study.datasets}
    judged = [name for name, dataset in datasets.items() if hasattr(dataset, "examples")]
    if not problems.refers(f"{where}.dataset", entry.dataset, judged):
        return
    expected = datasets[entry.dataset].kind, catalogue.labels(entry.dataset)
    for mixture in entry.mixtures:
        place = f"{where}.mixtures.{mixture.name}"
        for phase in mixture.phases:
            problems.unique(f"{place}: a phase", [part.dataset for part in phase])
        for name in mixture.datasets():
            if not problems.refers(place, name, datasets):
                continue
            if (datasets[name].kind, catalogue.labels(name)) != expected:
                problems.add(
                    f"{place}: '{name}' has {datasets[name].kind} with the labels "
                    f"{catalogue.labels(name)}, expected those of '{entry.dataset}': "
                    f"{expected[0]} with {expected[1]}"
                )


def _check_encoder(
    catalogue: Catalogue, problems: Problems, where: str, row: ExperimentEncoder
) -> None:
    """An encoder must be one, and its corpus one that it can be adapted to."""
    corpora = [corpus.name for corpus in catalogue.study.corpora]
    model = catalogue.models[row.encoder]
    if not isinstance(model, Encoder):
        problems.add(f"{where}: '{row.encoder}' is a decoder, expected an encoder")
    elif row.corpus == NO_CORPUS:
        if row.seeds != [0]:
            problems.add(
                f"{where}: '{row.encoder}' as published has no seeds of pretraining, expected no "
                f"'seeds' with corpus '{NO_CORPUS}'"
            )
    else:
        problems.refers(f"{where}.corpus", row.corpus, corpora)
        if model.training is None:
            problems.add(
                f"{where}: config/models/{row.encoder}.yaml has no 'training', so it cannot be "
                f"adapted to corpus '{row.corpus}'"
            )


def _check_comparison(
    catalogue: Catalogue, problems: Problems, table: ComparisonTable, experiment: Experiment
) -> None:
    where = f"tables.{table.name}"
    fitting = [
        f"{row.encoder} on {row.corpus}, {mixture.name}"
        for row in experiment.encoders
        for mixture in experiment.mixtures
        if table.baseline.fits(row.encoder, row.corpus, mixture.name)
    ]
    if len(fitting) != 1:
        problems.add(
            f"{where}.baseline: fits {len(fitting)} of the systems of experiment "
            f"'{experiment.name}', expected one: name its encoder, corpus and mixture; fitting are "
            f"{fitting}"
        )
    dataset = next(
        (entry for entry in catalogue.study.datasets if entry.name == experiment.dataset), None
    )
    if dataset:
        known = (LABEL_METRICS if table.by else METRICS)[dataset.kind]
        for metric in table.metrics:
            problems.refers(f"{where}.metrics", metric, known)


def _check_curve(
    catalogue: Catalogue, problems: Problems, figure: LearningCurve, experiment: Experiment
) -> None:
    where = f"figures.{figure.name}"
    for name in figure.mixtures:
        known = [mixture.name for mixture in experiment.mixtures]
        problems.refers(f"{where}.mixtures", name, known)
    problems.unique(f"{where}.mixtures", figure.mixtures)
    for dataset in catalogue.study.datasets:
        if dataset.name == experiment.dataset and hasattr(dataset, "examples"):
            there_are = dataset.examples.train
            for size in figure.sizes:
                if size > there_are:
                    problems.add(
                        f"{where}.sizes: {size} is more than the {there_are} train examples of "
                        f"'{experiment.dataset}'"
                    )
