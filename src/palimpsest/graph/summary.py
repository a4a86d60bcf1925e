"""The report of a study."""

from collections.abc import Iterator
from typing import Any

from palimpsest.graph.exports import origin_of
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.leaks import all_pairs
from palimpsest.graph.places import RESULTS
from palimpsest.notes.config import WrittenSource
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import NO_CORPUS
from palimpsest.summary.config import Shown, SummarySpec
from palimpsest.summary.sections import sections
from palimpsest.summary.sections.cost import shown_sets


class StudyReport(Job, rule="study_report"):
    def reads(self) -> Inputs:
        """What is shown, and the manifests of further shards, which lie beside the first ones."""
        beside = [
            f"{RESULTS}/completions/{llm}/{request_set}/{shard}.json"
            for llm, request_set, shards in shown_sets(self.catalogue)
            for shard in shards[1:]
        ]
        return {"shown": [f"{RESULTS}/{one.name}" for one in self._files()], "beside": beside}

    def _files(self) -> list[Shown]:
        made = all_pairs(self.catalogue)
        return [
            Shown(section=section.name, name=name, title=title)
            for section in sections()
            for name, title in section.inputs(self.catalogue)
            if (name != "overlap.csv" or made) and title not in self.study.report.without
        ]

    def spec(self) -> SummarySpec:
        study, files = self.study, self._files()
        written = [one.name for one in study.sources if isinstance(one, WrittenSource)]
        every = len(written) == len(study.sources)
        facts = {
            "title": study.report.title,
            "generated": "none" if not written else "all" if every else "some",
            "written_by_programs": written,
            "made_of": list(
                dict.fromkeys(part.kind for one in study.corpora for part in one.parts)
            ),
            "models": self._models(),
            "tasks": [self._task(name) for name in self._experiments()],
            "settings": list(self._settings()),
            "prompts": {name: self._messages(name) for name in self._prompts()},
            "used": sorted(set(self._used())),
            "fidelity": any(one.section == "fidelity" for one in files),
            "releases": [entry.name for entry in study.releases],
            "left_out": study.report.without,
        }
        return SummarySpec(study=study.results, files=files, facts=facts)

    def _prompts(self) -> list[str]:
        """Prompts that rewrite notes, or case reports."""
        asked = [*self.study.rephrasings, *self.study.syntheses]
        return list(dict.fromkeys(name for one in asked for name in one.prompts))

    def _settings(self) -> Iterator[Row]:
        """What is declared of LLMs, prompts, contexts, screens, models and fine-tuning."""
        yield from self._of_llms()
        encoders = [name for one in self._experiments() for name in self._task(one)["encoders"]]
        for name in dict.fromkeys([*(one["model"] for one in self._models()), *encoders]):
            recipe = self.catalogue.models[name]
            weights = getattr(recipe, "weights", None)
            told = recipe.model_dump(mode="json", include={"tokenizer", "architecture", "training"})
            from_weights = {"weights": origin_of(weights)} if weights else {}
            yield {"of": recipe.kind, "name": name, "values": {**from_weights, **told}}
        for name in self._experiments():
            finetuning = self.catalogue.experiment(name).finetuning.model_dump(mode="json")
            yield {"of": "fine-tuning", "name": name, "values": finetuning}

    def _of_llms(self) -> Iterator[Row]:
        """How LLMs are asked, and what becomes of their answers."""
        catalogue = self.catalogue
        for name in catalogue.asked_llms():
            llm = catalogue.llms[name]
            values: Row = {"weights": origin_of(llm.weights), **llm.sampling.identity()}
            values |= {"number_format": llm.dtype, "most_tokens": llm.max_model_len}
            yield {"of": "LLM", "name": name, "values": values}
        for name in self._prompts():
            room = catalogue.prompts[name].max_output_ratio
            values = {"most_tokens_of_an_answer_by_token_of_the_text_that_it_rewrites": room}
            yield {"of": "prompt", "name": name, "values": values}
        for context in self.study.contexts:
            yield {"of": "context", **_named(context)}
        for kind, name in (("rephrase", "of rephrases"), ("synthesize", "of synthetic notes")):
            if catalogue.rewritings(kind):
                screens = [_named(one) for one in catalogue.screens(kind)]
                values = {screen["name"]: screen["values"] for screen in screens}
                yield {"of": "screens", "name": name, "values": values}

    def _messages(self, prompt: str) -> dict[str, str]:
        declared = self.catalogue.prompts[prompt]
        named = {name: getattr(declared, name) for name in ("system", "context", "user")}
        return {name: text for name, text in named.items() if text}

    def _shown(self, entries: list[Any]) -> list[Any]:
        return [entry for entry in entries if entry.name not in self.study.report.without]

    def _models(self) -> list[Row]:
        """Models of figures: of what kind, on which held-out notes, over how many seeds."""
        found: dict[str, Row] = {}
        for figure in self._shown(self.study.figures):
            for name in sorted(figure.models()):
                kind = self.catalogue.models[name].kind
                entry = found.setdefault(
                    name, {"model": name, "kind": kind, "evaluations": [], "seeds": 0}
                )
                more = [one for one in _of(figure, "evaluations")
                        if one not in entry["evaluations"]]  # fmt: skip
                entry["evaluations"] += more if getattr(figure, "model", None) == name else []
                entry["seeds"] = max(entry["seeds"], len(_of(figure, "seeds")))
        return list(found.values())

    def _experiments(self) -> list[str]:
        """Experiments whose scores are shown, in order."""
        shown = self._shown([*self.study.tables, *self.study.figures])
        named = [
            name
            for entry in shown
            for name in (*_of(entry, "experiments"), getattr(entry, "experiment", None))
            if name
        ]
        return list(dict.fromkeys(named))

    def _task(self, name: str) -> Row:
        """What an experiment is: on what encoders are fine-tuned and judged."""
        experiment = self.catalogue.experiment(name)
        corpora = [one.corpus for one in experiment.encoders if one.corpus != NO_CORPUS]
        return {
            "dataset": experiment.dataset,
            "kind": self.catalogue.dataset(experiment.dataset).kind,
            "labels": self.catalogue.labels(experiment.dataset),
            "encoders": list(dict.fromkeys(one.encoder for one in experiment.encoders)),
            "corpora": list(dict.fromkeys(corpora)),
            "mixtures": [mixture.name for mixture in experiment.mixtures],
            "seeds": len(experiment.seeds),
        }

    def _used(self) -> Iterator[str]:
        """Sources and datasets that what is shown was made of."""
        study, catalogue = self.study, self.catalogue
        datasets = [one.name for one in self._shown(catalogue.llm_datasets())]
        for name in self._experiments():
            experiment = catalogue.experiment(name)
            datasets += [experiment.dataset]
            datasets += [one for mixture in experiment.mixtures for one in mixture.datasets()]
        yield from datasets
        evaluations = [
            name for one in self._shown(study.figures) for name in _of(one, "evaluations")
        ]
        parts = [part for corpus in study.corpora for part in corpus.parts]
        made: list[Any] = [*study.rephrasings, *study.syntheses, *study.tokenizers, *parts]
        made += [catalogue.dataset(name) for name in datasets]
        made += [catalogue.evaluation(name) for name in evaluations]
        yield from (str(one.source) for one in made if getattr(one, "source", None))


def _named(entry: Any) -> Row:
    """A declaration by its name, and what else it says."""
    values = entry.model_dump(mode="json")
    return {"name": values.pop("name"), "values": values}


def _of(entry: Any, name: str) -> list[Any]:
    """A list that only some kinds of tables and figures have."""
    return list(getattr(entry, name, None) or [])
