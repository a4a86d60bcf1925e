"""One job: what it reads, what it is asked for, and what it wants of a machine."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from palimpsest.finetuning.config import Experiment
from palimpsest.pretraining.config import TrainingResources
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import canonical_json
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.runtime.schema import NO_CORPUS, SEEDS, Declared
from palimpsest.runtime.shards import shard_name
from palimpsest.study.catalogue import Catalogue, named


class Data(str):
    """A path that a job reads and that does not decide whether it runs: its manifest does."""


class Recipe(Data):
    """A file of the project: it is where the code is, also where other inputs are staged."""


Inputs = dict[str, str | list[str]]
JOBS: dict[str, type["Job"]] = {}  # by the rule's name


class Job:
    """A job of one rule. A subclass names the rule, whose docstring says what is made."""

    rule: ClassVar[str]

    def __init__(self, catalogue: Catalogue, wildcards: dict[str, str]) -> None:
        self.catalogue, self.study, self.wildcards = catalogue, catalogue.study, wildcards

    def __init_subclass__(cls, rule: str | None = None, **options: object) -> None:
        super().__init_subclass__(**options)
        if rule:  # what several rules have in common is no job
            cls.rule = rule
            JOBS[rule] = cls

    def reads(self) -> Inputs:
        """The inputs by name; optional ones are empty lists. Paths start with `<results>/`."""
        return {}

    def inputs(self, mark: Callable[[str], Any]) -> dict[str, Any]:
        """What the job reads, each path as `mark` makes it."""
        return {
            name: mark(paths) if isinstance(paths, str) else [mark(path) for path in paths]
            for name, paths in self.reads().items()
        }

    def spec(self) -> Declared | None:
        """What the output depends on besides the inputs and the code; the program's `--spec`."""
        return None

    def resources(self) -> Any:
        """What the job wants of a machine, where its rule does not say: what its model declares."""
        return self.catalogue.models[self.wildcards["model"]].resources

    def on_one_gpu(self) -> TrainingResources:
        """What its model declares, for a program that is one process and computes on one GPU."""
        declared: TrainingResources = self.catalogue.models[self.wildcards["model"]].resources
        return declared.model_copy(update={"gpus": min(1, declared.gpus)})

    def spec_json(self) -> str:
        """The specification as canonical JSON, with the wildcards, which manifests record."""
        spec = self.spec()
        identity = spec.identity() if spec else {}
        return canonical_json({**identity, "wildcards": self.wildcards})


def job_of(rule: str, catalogue: Catalogue, wildcards: Iterable[tuple[str, str]]) -> Job:
    """The job of a rule with some wildcards.

    Raises UserError where the study declares each name but not all of them together.
    """
    names = dict(wildcards)
    _check_together(catalogue, names)
    return JOBS[rule](catalogue, names)


def _check_together(catalogue: Catalogue, names: dict[str, str]) -> None:
    """What no pattern of a single wildcard can say. Nobody but a target's path gets it wrong."""
    for seed in ("seed", "run"):
        if int(names.get(seed, 0)) >= SEEDS:
            raise UserError(f"{seed} {names[seed]}: expected less than {SEEDS}")
    placed = names.get("source")
    if found := RequestSet.of_wildcards(names):
        asked = str(found)
        llms = [names["llm"]] if "llm" in names else list(catalogue.llms)
        sets = {
            name: placed for llm in llms for name, placed in catalogue.request_sets(llm).items()
        }
        if asked not in sets:
            who = f"LLM '{names['llm']}' is" if "llm" in names else "no LLM is"
            raise UserError(f"{who} asked '{asked}'; declared are {sorted(sets)}")
        placed = sets[asked]
    if placed and "shard" in names:
        count, index = catalogue.shard_count(placed), int(names["shard"].partition("-")[0])
        if index >= count or names["shard"] != shard_name(index, count):
            raise UserError(
                f"'{placed}' has no shard {names['shard']}; it has {count}, the last of which is "
                f"{shard_name(count - 1, count)}"
            )
    if "experiment" in names:
        _check_system(catalogue.experiment(names["experiment"]), catalogue, names)


def _check_system(experiment: Experiment, catalogue: Catalogue, names: dict[str, str]) -> None:
    """A system must be one of the experiment's."""
    rows = {(row.encoder, row.corpus) for row in experiment.encoders}
    rows |= {(name, NO_CORPUS) for name in catalogue.trivial(experiment)}
    model, corpus = names["model"], names.get("corpus", NO_CORPUS)
    if (model, corpus) not in rows:
        known = sorted(f"{encoder} on {corpus}" for encoder, corpus in rows)
        raise UserError(
            f"experiment '{experiment.name}' has no '{model} on {corpus}'; declared are {known}"
        )
    named(experiment.mixtures, names.get("mixture", experiment.mixtures[0].name))
