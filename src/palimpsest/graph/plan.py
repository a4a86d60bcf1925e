"""The plan: what asking the LLMs will cost, before it is done."""

from pathlib import Path

from palimpsest.completions.config import LlmBehaviour, PlanSpec
from palimpsest.graph.completions import llm_weights
from palimpsest.graph.job import Inputs, Job, Recipe
from palimpsest.graph.places import RESULTS, sharded
from palimpsest.runtime.identity import digest
from palimpsest.runtime.paths import all_files, stamp_of
from palimpsest.study.catalogue import Catalogue
from palimpsest.weights.identity import declared_identity


def planned_sets(catalogue: Catalogue, llm: str) -> list[tuple[str, list[str]]]:
    """The request sets that an LLM is asked first, each with its shards.

    Checks of labels and judges are not among them, as further rounds are not: they depend on
    answers.
    """
    return [
        (use.request_set, catalogue.shards(use.name))
        for use in catalogue.uses()
        if use.llm == llm and use.kind not in ("check", "judge")
    ]


class PlanLlm(Job, rule="plan_llm"):
    def reads(self) -> Inputs:
        llm = self.wildcards["llm"]
        sets = [
            (f"{RESULTS}/requests/{request_set}", shards)
            for request_set, shards in planned_sets(self.catalogue, llm)
        ]
        tuning = {"llm": Recipe(f"config/llms/{llm}.yaml")}
        return {**llm_weights(self, llm), **tuning, **sharded("requests", sets)}

    def spec(self) -> PlanSpec:
        llm = self.catalogue.llms[self.wildcards["llm"]]
        return PlanSpec(
            llm=llm.narrowed(LlmBehaviour),
            weights=None if llm.engine.needs_weights else declared_identity(llm.weights),
            llm_name=self.wildcards["llm"],
            ledgers=_ledgers(Path(self.study.results) / "state" / "ledger"),
        )


class Plan(Job, rule="plan"):
    def reads(self) -> Inputs:
        return {"plans": [f"{RESULTS}/plan/{llm}.csv" for llm in self.catalogue.asked_llms()]}


def _ledgers(folder: Path) -> str:
    """A hash that changes with every answer: a plan is made again when there are more."""
    ledgers = [path for path in all_files(folder) if path.suffix == ".sqlite"]
    return digest([[path.name, *stamp_of(path)] for path in ledgers])
