"""Leaks: patients on both sides, and test texts in what is trained on."""

from collections.abc import Iterable

from palimpsest.datasets.config import LlmSentences
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, notes_of, table, tables
from palimpsest.leaks.config import OverlapSpec, SplitsSpec
from palimpsest.runtime.schema import NO_CORPUS, EvaluationNotes
from palimpsest.study.catalogue import Catalogue, named

Pair = tuple[str, str]  # what is judged, and what was trained on, as the wildcards name them


def pairs_of_system(catalogue: Catalogue, experiment: str, corpus: str, mixture: str) -> list[Pair]:
    """The test set of an experiment, with everything that one of its systems was trained on."""
    entry = catalogue.experiment(experiment)
    trained = [f"dataset.{name}" for name in named(entry.mixtures, mixture).datasets()]
    trained += [f"corpus.{corpus}"] if corpus != NO_CORPUS else []
    return [(f"dataset.{entry.dataset}", name) for name in trained]


def all_pairs(catalogue: Catalogue) -> list[Pair]:
    """Every test set with every corpus and training set that it is judged with, each once."""
    pairs = []
    for entry in catalogue.study.experiments:
        for row in entry.encoders:
            for mixture in entry.mixtures:
                pairs += pairs_of_system(catalogue, entry.name, row.corpus, mixture.name)
    for figure in catalogue.study.figures:
        for room, names in figure.reads(catalogue):
            if room == "perplexity":
                pairs.append((f"evaluation.{names['evaluation']}", f"corpus.{names['corpus']}"))
    return list(dict.fromkeys(pairs))


def overlap_tables(name: str, pairs: Iterable[Pair]) -> Inputs:
    """The overlaps of some pairs as one input."""
    return tables(name, (f"{RESULTS}/overlap/{judged}/{trained}" for judged, trained in pairs))


class CheckSplits(Job, rule="check_splits"):
    def reads(self) -> Inputs:
        """All notes, and the datasets that no LLM has made, which are of training notes if any."""
        notes = [notes_of(self.study, source.name) for source in self.study.sources]
        datasets = [f"{RESULTS}/datasets/{name}" for name in self._datasets()]
        return tables("notes", notes) | tables("datasets", datasets)

    def spec(self) -> SplitsSpec:
        return SplitsSpec(
            sources={
                source.name: getattr(source, "patients_of", None) for source in self.study.sources
            },
            datasets=self._datasets(),
            evaluations=[entry.narrowed(EvaluationNotes) for entry in self.study.evaluations],
        )

    def _datasets(self) -> dict[str, str | None]:
        return {
            entry.name: getattr(entry, "patients_of", None)
            for entry in self.study.datasets
            if not isinstance(entry, LlmSentences)
        }


class MeasureOverlap(Job, rule="measure_overlap"):
    def reads(self) -> Inputs:
        kind, name = self.wildcards["judged"].split(".", 1)
        if kind == "evaluation":
            judged = notes_of(self.study, self.catalogue.evaluation(name).source)
        else:
            judged = f"{RESULTS}/datasets/{name}"
        kind, name = self.wildcards["trained"].split(".", 1)
        trained = f"{RESULTS}/{'corpora' if kind == 'corpus' else 'datasets'}/{name}"
        return table("judged", judged) | table("trained", trained)

    def spec(self) -> OverlapSpec:
        kind, name = self.wildcards["judged"].split(".", 1)
        evaluation = None
        if kind == "evaluation":
            evaluation = self.catalogue.evaluation(name).narrowed(EvaluationNotes)
        return OverlapSpec(evaluation=evaluation, seed=self.study.seed)


class OverlapTable(Job, rule="overlap_table"):
    def reads(self) -> Inputs:
        return overlap_tables("overlaps", all_pairs(self.catalogue))
