"""Tables and figures, and the targets that a study declares."""

from palimpsest.corpora.config import RephrasesPart
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, sharded
from palimpsest.graph.requests import round_folders
from palimpsest.reports.config import FigureCorpus, PerplexityFigureSpec, ScreensSpec


class All(Job, rule="all"):
    def reads(self) -> Inputs:
        study = self.study
        targets = [f"{RESULTS}/{table.name}.csv" for table in study.tables]
        targets += [f"{RESULTS}/{figure.name}.svg" for figure in study.figures]
        for entry in self.catalogue.llm_datasets():
            targets.append(f"{RESULTS}/{entry.name}.quality.csv")
            targets += [f"{RESULTS}/annotation/{entry.name}.csv"] if entry.annotation else []
        targets += [f"{RESULTS}/metrics.csv"] if study.tables + study.figures else []
        targets += [f"{RESULTS}/screens.csv"] if study.rephrasings else []
        return {"targets": targets}


class CorpusTable(Job, rule="corpus_table"):
    def reads(self) -> Inputs:
        corpora = self.catalogue.table(self.wildcards["table"]).corpora
        return {
            "sources": [f"{RESULTS}/notes/{source.name}.json" for source in self.study.sources],
            "corpora": [f"{RESULTS}/corpora/{name}.json" for name in corpora],
        }


class PerplexityFigure(Job, rule="perplexity_figure"):
    def reads(self) -> Inputs:
        figure = self.catalogue.figure(self.wildcards["figure"])
        return {
            "scores": [
                f"{RESULTS}/perplexity/{figure.decoder}/{corpus}/seed{figure.seed}/{name}.json"
                for corpus in dict.fromkeys([*figure.corpora, *figure.references])
                for name in figure.evaluations
            ]
        }

    def spec(self) -> PerplexityFigureSpec:
        """The figure, with the LLM and the prompt of each corpus."""
        figure = self.catalogue.figure(self.wildcards["figure"])
        corpora = [
            FigureCorpus(name=name, llm=part.llm, prompt=part.prompt)
            for name in figure.corpora
            for part in self.catalogue.corpus(name).parts
            if isinstance(part, RephrasesPart)
        ]
        return PerplexityFigureSpec(
            evaluations=figure.evaluations, corpora=corpora, references=figure.references
        )


class ScreensTable(Job, rule="screens_table"):
    def reads(self) -> Inputs:
        sets = [
            (folder, self.catalogue.shards(entry.source))
            for entry in self.study.rephrasings
            for llm in entry.llms
            for prompt in entry.prompts
            for folder in round_folders(self.catalogue, entry.source, llm, prompt)
        ]
        return sharded("rephrases", sets, ("", ".rejects"))

    def spec(self) -> ScreensSpec:
        return ScreensSpec(seed=self.study.seed)


class CollectMetrics(Job, rule="collect_metrics"):
    def reads(self) -> Inputs:
        shown = self.study.tables + self.study.figures
        return {"metrics": [f"{RESULTS}/{entry.name}.metrics.csv" for entry in shown]}
