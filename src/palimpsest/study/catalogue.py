"""What follows from a study: the uses of LLMs in it, and look-ups by name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, TypeVar

from palimpsest.completions.config import Llm, Sampling
from palimpsest.corpora.config import Corpus
from palimpsest.datasets.config import LlmLabels, LlmSentences, LlmWrites, Sentences
from palimpsest.datasets.experts import Experts
from palimpsest.datasets.kinds import Dataset
from palimpsest.fidelity.config import Judge
from palimpsest.finetuning.config import TRIVIAL, Experiment
from palimpsest.passages.config import Passages
from palimpsest.pretraining.config import Decoder, Encoder, Tokenizer
from palimpsest.release.config import FileRoster, Release
from palimpsest.reports.config import SystemName
from palimpsest.requests.config import CategoryPrompt, Context, JudgePrompt, Prompt, Rewriting
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.paths import matching, printable, unfit_path
from palimpsest.runtime.request_sets import NO_CONTEXT, RequestSet
from palimpsest.runtime.schema import ALL, NO_CORPUS, Evaluation, Splits, Weights
from palimpsest.runtime.shards import shard_names
from palimpsest.runtime.taxonomy import Taxonomy
from palimpsest.screens.config import RephraseScreen
from palimpsest.study.schema import Study

# Uses whose answers become text of corpora, by the study's key that declares them.
REWRITINGS = {"rephrase": "rephrasings", "synthesize": "syntheses"}
USES = (*REWRITINGS, "label", "check", "write", "judge")


@dataclass(frozen=True)
class Use:
    """One use of an LLM: a source or a dataset, asked about with a prompt and in a context.

    kind: one of `USES`. name: of the source or dataset, or of the judge.
    """

    kind: str
    name: str
    llm: str
    prompt: str
    context: str = NO_CONTEXT

    @property
    def request_set(self) -> str:
        """The name of what is asked, in the first round."""
        return str(RequestSet(self.name, self.prompt, self.context))


class Named(Protocol):
    """What is declared under a name."""

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)
R = TypeVar("R")


def named(entries: Iterable[N], name: str) -> N:
    """The entry of a list with a name. Raises UserError where there is none."""
    known = {entry.name: entry for entry in entries}
    if name not in known:
        raise UserError(f"the study declares no '{name}'; there are {sorted(known)}")
    return known[name]


class Recipes(dict[str, R]):
    """Recipe files by name, of those that the study names."""

    def __missing__(self, name: str) -> R:
        raise UserError(f"the study names no '{name}'; there are {sorted(self)}")


@dataclass(frozen=True)
class Catalogue:
    """A study with the recipes that it names, and look-ups by name."""

    study: Study
    llms: dict[str, Llm] = field(default_factory=Recipes)
    prompts: dict[str, Prompt] = field(default_factory=Recipes)
    category_prompts: dict[str, CategoryPrompt] = field(default_factory=Recipes)
    judge_prompts: dict[str, JudgePrompt] = field(default_factory=Recipes)
    models: dict[str, Decoder | Encoder] = field(default_factory=Recipes)
    taxonomies: dict[str, Taxonomy] = field(default_factory=Recipes)

    @property
    def every_prompt(self) -> dict[str, Prompt | CategoryPrompt | JudgePrompt]:
        """All prompts that the study names, of whatever kind."""
        return {**self.prompts, **self.category_prompts, **self.judge_prompts}

    def recipe_files(self) -> list[str]:
        """The files below `config/` that the study names."""
        kinds: dict[str, Iterable[str]] = {
            "llms": self.llms,
            "prompts": self.every_prompt,
            "models": self.models,
            "taxonomies": self.taxonomies,
            "tasks": [entry.name for entry in self.study.datasets],
        }
        files = [
            Path(f"config/{kind}/{name}.yaml") for kind, names in kinds.items() for name in names
        ]
        return sorted(str(file) for file in files if file.exists())

    def source(self, name: str) -> Any:
        return named(self.study.sources, name)

    def source_paths(self, name: str) -> list[str]:
        """What a source reads, as declared: files, which may have `*`, or folders; or nothing."""
        source = self.source(name)
        path = getattr(source, "path", None)
        return [path] if path else getattr(source, "paths", [])

    def splits(self, source: str) -> Splits:
        """The shares of patients that hold for a source."""
        return self.source(source).splits or self.study.splits

    def shard_count(self, name: str) -> int:
        """How many shards a source has, or a dataset or a judge, which have one."""
        placed: Any = named([*self.study.sources, *self.study.datasets, *self.study.judges], name)
        return getattr(placed, "shards", 1)

    def shards(self, name: str) -> list[str]:
        """Names of the shards of a source, such as `000-of-016`, of a dataset or of a judge."""
        return shard_names(self.shard_count(name))

    @property
    def passages(self) -> Passages:
        """How notes are cut. Raises UserError where the study does not say it."""
        if self.study.passages is None:
            raise UserError("passages: missing; expected how notes are cut, and whose tokens count")
        return self.study.passages

    def corpus(self, name: str) -> Corpus:
        return named(self.study.corpora, name)

    def trained(self) -> list[tuple[str, str]]:
        """The models that are trained on corpora, with these, each pair once."""
        pairs = [
            (row.encoder, row.corpus)
            for entry in self.study.experiments
            for row in entry.encoders
            if row.corpus != NO_CORPUS
        ]
        for figure in self.study.figures:
            for room, names in figure.reads(self):
                if room == "perplexity":
                    pairs.append((str(names["model"]), str(names["corpus"])))
        return list(dict.fromkeys(pairs))

    def tokenizer(self, name: str) -> Tokenizer:
        return named(self.study.tokenizers, name)

    def evaluation(self, name: str) -> Evaluation:
        return named(self.study.evaluations, name)

    def dataset(self, name: str) -> Dataset:
        return named(self.study.datasets, name)

    def dataset_files(self, name: str) -> list[list[str]]:
        """The files of a dataset, as declared, group by group; none where it has another origin."""
        entry = self.dataset(name)
        return entry.groups() if isinstance(entry, Experts) else []

    def llm_datasets(self) -> list[LlmLabels | LlmWrites]:
        """The datasets that are made by asking an LLM."""
        return [entry for entry in self.study.datasets if isinstance(entry, LlmSentences)]

    def taxonomy(self, dataset: str) -> Taxonomy:
        """The taxonomy of a dataset of sentences."""
        entry = self.dataset(dataset)
        assert isinstance(entry, Sentences), f"'{dataset}' has labels of its own"
        return self.taxonomies[entry.taxonomy]

    def labels(self, dataset: str) -> list[str]:
        """The labels of a dataset, in the order of the tables."""
        entry = self.dataset(dataset)
        if isinstance(entry, Sentences):
            return self.taxonomy(dataset).labels()
        return list(entry.labels)

    def experiment(self, name: str) -> Experiment:
        return named(self.study.experiments, name)

    def trivial(self, experiment: Experiment) -> list[str]:
        """What an experiment's systems are compared with that nobody had to train."""
        return TRIVIAL[self.dataset(experiment.dataset).kind]

    def trivial_systems(self, experiment: str) -> list[SystemName]:
        """These as systems, of all train examples of the experiment's dataset."""
        entry = self.experiment(experiment)
        return [
            SystemName(
                experiment=experiment,
                model=name,
                corpus=NO_CORPUS,
                mixture=entry.dataset,
                size=ALL,
            )
            for name in self.trivial(entry)
        ]

    def systems(
        self, experiment: str, mixtures: Iterable[str] | None = None, sizes: Iterable[int] = ()
    ) -> list[SystemName]:
        """The systems of an experiment: with all train examples, and with some numbers of them.

        mixtures: of the experiment; None for all. A mixture without the experiment's dataset has
        one system for all sizes.
        """
        entry = self.experiment(experiment)
        listed = [mixture.name for mixture in entry.mixtures] if mixtures is None else mixtures
        return [
            SystemName(
                experiment=experiment,
                model=row.encoder,
                corpus=row.corpus,
                mixture=mixture,
                size=str(size),
            )
            for row in entry.encoders
            for mixture in listed
            for size in (
                [ALL, *sizes]
                if entry.dataset in named(entry.mixtures, mixture).datasets()
                else [ALL]
            )
        ]

    def judge(self, name: str) -> Judge:
        return named(self.study.judges, name)

    def release(self, name: str) -> Release:
        return named(self.study.releases, name)

    def table(self, name: str) -> Any:
        return named(self.study.tables, name)

    def figure(self, name: str) -> Any:
        return named(self.study.figures, name)

    def uses(self) -> list[Use]:
        """Every use of an LLM that the study declares, in its order."""
        rewritten = [
            Use(kind, entry.source, llm, prompt, context)
            for kind in REWRITINGS
            for entry in self.rewritings(kind)
            for llm in entry.llms
            for prompt in entry.prompts
            for context in entry.asked_contexts()
        ]
        asked = [
            Use(kind, entry.name, entry.llm, prompt)
            for entry in self.llm_datasets()
            for kind, prompt in entry.prompts().items()
        ]
        judges = self.study.judges
        return rewritten + asked + [Use("judge", e.name, e.llm, e.prompt) for e in judges]

    def samplings(self, llm: str) -> dict[str, Sampling]:
        """The samplings that an LLM has in a pilot, its own first, by name."""
        return self.study.pilot.variants(self.llms[llm].sampling)

    def asked_llms(self) -> list[str]:
        """The LLMs that the study asks, each once, in the order of the study."""
        return list(dict.fromkeys(use.llm for use in self.uses()))

    def rewritings(self, kind: str) -> list[Rewriting]:
        """The declarations of one of `REWRITINGS`."""
        listed: list[Rewriting] = getattr(self.study, REWRITINGS[kind])
        return listed

    def screens(self, kind: str) -> list[RephraseScreen]:
        """The screens that answers of one of `REWRITINGS` take, in order."""
        study = self.study
        return {"rephrase": study.screens, "synthesize": study.synthesis_screens}[kind]

    def rewriting(
        self, source: str, llm: str, prompt: str, context: str = NO_CONTEXT
    ) -> tuple[str, Rewriting] | None:
        """Under which declaration an LLM rewrites a source with a prompt, and for which use.

        At most one: a prompt has one use. None where it is not declared.
        """
        for kind in REWRITINGS:
            for declared in self.rewritings(kind):
                if llm in declared.llms and declared.asks(source, prompt, context):
                    return kind, declared
        return None

    def rounds(self, source: str, llm: str, prompt: str, context: str = NO_CONTEXT) -> list[str]:
        """The request sets of a rewriting: the first round, then those of retries."""
        found = self.rewriting(source, llm, prompt, context)
        times = found[1].retry.times if found and found[1].retry else 0
        return [str(RequestSet(source, prompt, context, number)) for number in range(times + 1)]

    def context(self, name: str) -> Context:
        """What a context tells, by its name."""
        return named(self.study.contexts, name)

    @cached_property
    def _request_sets(self) -> "Recipes[dict[str, str]]":
        found: Recipes[dict[str, str]] = Recipes({name: {} for name in self.llms})
        for use in self.uses():
            rounds = [use.request_set]
            if use.kind in REWRITINGS:
                rounds = self.rounds(use.name, use.llm, use.prompt, use.context)
            found[use.llm] |= dict.fromkeys(rounds, use.name)
        return found

    def request_sets(self, llm: str) -> dict[str, str]:
        """What an LLM is asked, round by round: each set's name, and its source or dataset."""
        return self._request_sets[llm]

    def encoders(self) -> set[str]:
        """The names of the encoders."""
        return {name for name, model in self.models.items() if isinstance(model, Encoder)}

    def encoders_of_weights(self) -> set[str]:
        """The names of the encoders that start from weights."""
        return {name for name in self.encoders() if getattr(self.models[name], "weights", None)}

    def weights(self, name: str) -> Weights:
        """The weights of an LLM or of an encoder."""
        found = getattr(self.models.get(name), "weights", None)
        return found or self.llms[name].weights

    def missing_files(self) -> list[str]:
        """One line for each data file that the study names and that is not there."""
        wanted = self._named_files()
        return [f"{owner}: {path}" for owner, path in wanted if not matching([path])]

    def unfit_files(self) -> list[str]:
        """One line for each data file that is there and that no job can be given, with the reason.

        What lies in folders of tables and of saved data sets is given to jobs file by file.
        """
        lines = []
        for owner, pattern in self._named_files():
            for path in matching([pattern]):
                inside = sorted(Path(path).rglob("*")) if owner in self._read_whole() else []
                for name in (path, *map(str, inside)):
                    if reason := unfit_path(name):
                        told = f"{owner}: {printable(name)}: no job can read it, since"
                        lines.append(f"{told} {reason}; expected a plain file of another name")
        return list(dict.fromkeys(lines))

    def _read_whole(self) -> set[str]:
        """The sources, as messages call them, whose folders are given to jobs file by file."""
        return {f"source '{entry.name}'" for entry in self.study.sources if entry.kind != "folder"}

    def _named_files(self) -> list[tuple[str, str]]:
        """Who names a data file, and its path as declared."""
        wanted = []
        for source in self.study.sources:
            wanted += [(f"source '{source.name}'", path) for path in self.source_paths(source.name)]
        for entry in self.study.datasets:
            files = chain(*self.dataset_files(entry.name))
            wanted += [(f"dataset '{entry.name}'", path) for path in files]
        for release in self.study.releases:
            if isinstance(release.roster, FileRoster):
                owner = f"roster of release '{release.name}'"
                wanted += [(owner, path) for path in release.roster.paths]
        for name, holder in {**self.llms, **self.models}.items():
            local = getattr(getattr(holder, "weights", None), "path", None)
            if local:
                wanted.append((f"weights of '{name}'", local))
        return wanted
