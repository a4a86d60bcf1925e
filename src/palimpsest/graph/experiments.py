"""Experiments: dataset -> run -> predictions -> scores -> comparison."""

from collections.abc import Iterable

from palimpsest.finetuning.config import ALL, Experiment, FinetuneSpec
from palimpsest.graph.datasets import dataset_table
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, model_files, tables, weights
from palimpsest.reports.config import Comparison, ComparisonSpec, LearningCurveSpec, SystemName
from palimpsest.runtime.schema import NO_CORPUS
from palimpsest.scoring.config import ScoreSpec


def stem_of(stage: str, system: SystemName) -> str:
    """Where the predictions or the scores of a system lie."""
    return f"{RESULTS}/{stage}/" + "/".join(map(str, system.identity().values()))


def systems_of(
    experiment: Experiment, mixtures: Iterable[str], sizes: Iterable[int] = ()
) -> list[SystemName]:
    """The systems of some mixtures: with all train examples, and with some numbers of them.

    A mixture without the experiment's dataset has one for all sizes.
    """
    return [
        SystemName(
            experiment=experiment.name,
            model=row.encoder,
            corpus=row.corpus,
            mixture=mixture,
            size=str(size),
        )
        for row in experiment.encoders
        for mixture in mixtures
        for size in (
            [ALL, *sizes] if experiment.dataset in experiment.mixture(mixture).datasets() else [ALL]
        )
    ]


class Finetune(Job, rule="finetune"):
    def reads(self) -> Inputs:
        experiment = self.catalogue.experiment(self.wildcards["experiment"])
        model, corpus, seed = (self.wildcards[name] for name in ("model", "corpus", "seed"))
        checkpoint = f"{RESULTS}/checkpoints/{model}/{corpus}/seed{seed}"
        as_published = corpus == NO_CORPUS
        encoder = weights("encoder", model) if as_published else model_files("encoder", checkpoint)
        names = [experiment.dataset, *experiment.mixture(self.wildcards["mixture"]).datasets()]
        return encoder | tables("datasets", (f"{RESULTS}/datasets/{name}" for name in names))

    def spec(self) -> FinetuneSpec:
        experiment = self.catalogue.experiment(self.wildcards["experiment"])
        return FinetuneSpec(
            dataset=experiment.dataset,
            phases=experiment.mixture(self.wildcards["mixture"]).phases,
            size=self.wildcards["size"],
            finetuning=experiment.finetuning,
            seed=int(self.wildcards["run"]),
        )


class Score(Job, rule="score"):
    def reads(self) -> Inputs:
        experiment = self.catalogue.experiment(self.wildcards["experiment"])
        stem = stem_of("predictions", SystemName(**self.wildcards))
        (seeds,) = (
            row.seeds
            for row in experiment.encoders
            if (row.encoder, row.corpus) == (self.wildcards["model"], self.wildcards["corpus"])
        )
        runs = [f"{stem}/seed{seed}/run{run}" for seed in seeds for run in experiment.seeds]
        return dataset_table("dataset", experiment.dataset) | tables("predictions", runs)

    def spec(self) -> ScoreSpec:
        return ScoreSpec(seed=self.study.seed)


class ComparisonTable(Job, rule="comparison_table"):
    def systems(self) -> list[SystemName]:
        return [
            system
            for name in self.catalogue.table(self.wildcards["table"]).experiments
            for experiment in [self.catalogue.experiment(name)]
            for system in systems_of(experiment, [entry.name for entry in experiment.mixtures])
        ]

    def reads(self) -> Inputs:
        return tables("scores", (stem_of("scores", system) for system in self.systems()))

    def spec(self) -> ComparisonSpec:
        declared = self.catalogue.table(self.wildcards["table"]).narrowed(Comparison)
        return ComparisonSpec(**declared.identity(), systems=self.systems())


class LearningCurve(Job, rule="learning_curve_figure"):
    def systems(self) -> list[SystemName]:
        figure = self.catalogue.figure(self.wildcards["figure"])
        experiment = self.catalogue.experiment(figure.experiment)
        return systems_of(experiment, figure.mixtures, figure.sizes)

    def reads(self) -> Inputs:
        return tables("scores", (stem_of("scores", system) for system in self.systems()))

    def spec(self) -> LearningCurveSpec:
        return LearningCurveSpec(systems=self.systems())
