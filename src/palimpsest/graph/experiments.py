"""Experiments: dataset -> run -> predictions -> scores -> comparison."""

from palimpsest.finetuning.config import FinetuneSpec, TrivialSpec
from palimpsest.graph.datasets import dataset_table
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.leaks import overlap_tables, pairs_of_system
from palimpsest.graph.places import RESULTS, SPLITS_CHECKED, model_files, place, tables, weights
from palimpsest.pretraining.config import TrainingResources
from palimpsest.reports.config import Comparison, ComparisonSpec, SystemName
from palimpsest.runtime.schema import ALL, NO_CORPUS
from palimpsest.scoring.config import ScoreSpec
from palimpsest.study.catalogue import named


class Finetune(Job, rule="finetune"):
    def reads(self) -> Inputs:
        experiment = self.catalogue.experiment(self.wildcards["experiment"])
        model, corpus, seed = (self.wildcards[name] for name in ("model", "corpus", "seed"))
        checkpoint = f"{RESULTS}/checkpoints/{model}/{corpus}/seed{seed}"
        as_published = corpus == NO_CORPUS
        encoder = weights("encoder", model) if as_published else model_files("encoder", checkpoint)
        mixture = named(experiment.mixtures, self.wildcards["mixture"])
        names = [experiment.dataset, *mixture.datasets()]
        datasets = tables("datasets", (f"{RESULTS}/datasets/{name}" for name in names))
        return encoder | datasets | SPLITS_CHECKED

    def spec(self) -> FinetuneSpec:
        experiment = self.catalogue.experiment(self.wildcards["experiment"])
        return FinetuneSpec(
            dataset=experiment.dataset,
            phases=named(experiment.mixtures, self.wildcards["mixture"]).phases,
            size=self.wildcards["size"],
            finetuning=experiment.finetuning,
            seed=int(self.wildcards["run"]),
            # Runs on a part of the examples are there for a curve alone.
            keep=experiment.keep and self.wildcards["size"] == ALL,
        )

    def resources(self) -> TrainingResources:
        return self.on_one_gpu()


class PredictTrivially(Job, rule="predict_trivially"):
    def reads(self) -> Inputs:
        experiment = self.catalogue.experiment(self.wildcards["experiment"])
        return dataset_table("dataset", experiment.dataset)

    def spec(self) -> TrivialSpec:
        return TrivialSpec(predictor=self.wildcards["model"])


class KeepModel(Finetune, rule="keep_model"):
    def reads(self) -> Inputs:
        """What the run reads, and its predictions: it has then left its model in the cache."""
        predictions = f"{place('predictions', self.wildcards)}/seed{{seed}}/run{{run}}.json"
        return {**super().reads(), "predictions": predictions.format(**self.wildcards)}


class Score(Job, rule="score"):
    def reads(self) -> Inputs:
        experiment = self.catalogue.experiment(self.wildcards["experiment"])
        name, corpus, mixture = (self.wildcards[key] for key in ("experiment", "corpus", "mixture"))
        if self.wildcards["model"] in self.catalogue.trivial(experiment):
            runs = [place("trivial_predictions", self.wildcards)]
            pairs = [(f"dataset.{experiment.dataset}", f"dataset.{experiment.dataset}")]
        else:
            pairs = pairs_of_system(self.catalogue, name, corpus, mixture)
            stem = place("predictions", self.wildcards)
            row = named(experiment.encoders, "{model} on {corpus}".format(**self.wildcards))
            runs = [f"{stem}/seed{seed}/run{run}" for seed, run in experiment.runs(row)]
        dataset = dataset_table("dataset", experiment.dataset)
        return dataset | tables("predictions", runs) | overlap_tables("overlaps", pairs)

    def spec(self) -> ScoreSpec:
        experiment = self.catalogue.experiment(self.wildcards["experiment"])
        metric = getattr(self.catalogue.dataset(experiment.dataset), "metric", None)
        return ScoreSpec(seed=self.study.seed, thresholds=experiment.thresholds, metric=metric)


class ComparisonTable(Job, rule="comparison_table"):
    def systems(self) -> list[SystemName]:
        return [
            system
            for experiment in self.catalogue.table(self.wildcards["table"]).experiments
            for system in [
                *self.catalogue.systems(experiment),
                *self.catalogue.trivial_systems(experiment),
            ]
        ]

    def reads(self) -> Inputs:
        return tables("scores", (place("scores", system.identity()) for system in self.systems()))

    def spec(self) -> ComparisonSpec:
        declared = self.catalogue.table(self.wildcards["table"]).narrowed(Comparison)
        return ComparisonSpec(**declared.identity(), systems=self.systems())
