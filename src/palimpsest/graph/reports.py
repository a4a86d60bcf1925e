"""Tables and figures, and the targets that a study declares."""

from palimpsest.finetuning.config import Experiment
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.leaks import all_pairs
from palimpsest.graph.places import RESULTS, notes_of, place, sharded, tables
from palimpsest.graph.requests import round_folders
from palimpsest.notes.config import WrittenSource
from palimpsest.reports.config import ScreensSpec
from palimpsest.reports.figures import AnyFigure
from palimpsest.reports.figures.base import FigureSpec
from palimpsest.study.catalogue import REWRITINGS


class All(Job, rule="all"):
    def reads(self) -> Inputs:
        study = self.study
        targets = [f"{RESULTS}/{table.name}.csv" for table in study.tables]
        targets += [f"{RESULTS}/{figure.name}.svg" for figure in study.figures]
        for entry in self.catalogue.llm_datasets():
            targets.append(f"{RESULTS}/{entry.name}.quality.csv")
            targets += [f"{RESULTS}/annotation/{entry.name}.csv"] if entry.annotation else []
        targets += [f"{RESULTS}/review/{entry.name}.html" for entry in study.reviews]
        targets += [target for entry in study.experiments for target in self._models(entry)]
        targets += [f"{RESULTS}/metrics.csv"] if study.tables + study.figures else []
        targets += [f"{RESULTS}/screens.csv"] if study.rephrasings + study.syntheses else []
        # The generator repeats nothing but sentences, in notes of other patients.
        read = any(not isinstance(source, WrittenSource) for source in study.sources)
        targets += [f"{RESULTS}/duplicates.csv"] if targets and (read or study.duplicates) else []
        targets += [f"{RESULTS}/splits.csv"] if targets else []
        targets += [f"{RESULTS}/overlap.csv"] if all_pairs(self.catalogue) else []
        return {"targets": targets}

    def _models(self, experiment: Experiment) -> list[str]:
        """The models that the runs of an experiment keep, if it says so."""
        return [
            f"{place('models', system.identity())}/seed{seed}/run{run}.json"
            for system in self.catalogue.systems(experiment.name)
            for row in experiment.encoders
            if experiment.keep and (row.encoder, row.corpus) == (system.model, system.corpus)
            for seed, run in experiment.runs(row)
        ]


class CorpusTable(Job, rule="corpus_table"):
    def reads(self) -> Inputs:
        corpora = self.catalogue.table(self.wildcards["table"]).corpora
        return {
            "sources": [f"{notes_of(self.study, one.name)}.json" for one in self.study.sources],
            "corpora": [f"{RESULTS}/corpora/{name}.json" for name in corpora],
            "tokens": [
                f"{RESULTS}/tokens/{model}/{corpus}.json"
                for model, corpus in self.catalogue.trained()
                if corpus in corpora
            ],
        }


class Figure(Job, rule="figure"):
    def reads(self) -> Inputs:
        figure = self.catalogue.figure(self.wildcards["figure"])
        return tables("scores", (place(*read) for read in figure.reads(self.catalogue)))

    def spec(self) -> FigureSpec:
        figure: AnyFigure = self.catalogue.figure(self.wildcards["figure"])
        return figure.specified(self.catalogue)


class ScreensTable(Job, rule="screens_table"):
    def reads(self) -> Inputs:
        sets = [
            (folder, self.catalogue.shards(use.name))
            for use in self.catalogue.uses()
            if use.kind in REWRITINGS
            for folder in round_folders(self.catalogue, use.name, use.llm, use.prompt, use.context)
        ]
        return sharded("kept", sets, ("", ".rejects"))

    def spec(self) -> ScreensSpec:
        return ScreensSpec(seed=self.study.seed)


class CollectMetrics(Job, rule="collect_metrics"):
    def reads(self) -> Inputs:
        shown = self.study.tables + self.study.figures
        return {"metrics": [f"{RESULTS}/{entry.name}.metrics.csv" for entry in shown]}
