"""What tables of fidelity depend on, and the judge that a study may declare."""

from typing import Any

from pydantic import Field

from palimpsest.runtime.request_sets import NO_CONTEXT
from palimpsest.runtime.schema import Declared, Name, Positive


class RatesSpec(Declared):
    """What the rates of a source depend on. seed: of the sampling order of examples."""

    seed: int


class Judge(Declared):
    """An LLM that is asked what rephrases invented and left out.

    Beside the rephrases it is given, without being told, passages that rules reworded and into
    which they planted errors: what it says of these is its recall and its false alarms.
    """

    name: Name = Field(description="It becomes part of paths, as sources and datasets do.")
    source: str = Field(description="A declared source that is rephrased.")
    llm: Name = Field(description="A file under `config/llms/`; best another LLM than it judges.")
    prompt: Name = Field(description="A file under `config/prompts/`.")
    pairs: Positive = Field(
        100,
        description="Rephrases of each LLM, prompt and context that are judged, of the same "
        "passages where these were kept; a larger sample has the same.",
    )
    faithful: Positive = Field(
        100, description="Passages in other words by rule: a claim about one is a false alarm."
    )
    planted: Positive = Field(
        30, description="The same with one error, of each type of error that can be planted."
    )
    max_tokens: Positive = Field(
        800, description="Room for an answer, a list of claims as JSON; a cut one has failed."
    )

    def check(self, references: Any) -> None:
        """Add what does not fit to a `study.references.References`.

        What is judged must be rephrased; what it was told besides, the judge must be told.
        """
        where, catalogue = f"judges.{self.name}", references.catalogue
        asked = [use for use in catalogue.uses() if use.kind == "rephrase"]
        references.refers(f"{where}.source", self.source, {use.name for use in asked})
        contexts = {use.context for use in asked if use.name == self.source} - {NO_CONTEXT}
        if contexts and "{context}" not in catalogue.judge_prompts[self.prompt].user:
            references.add(
                f"{where}.prompt: '{self.source}' is rephrased in the contexts "
                f"{sorted(contexts)}; expected '{{context}}' in config/prompts/{self.prompt}.yaml, "
                "or what a context supports would be judged invented"
            )


class JudgedSpec(Declared):
    """What the rates of a judge depend on. source: whose rephrases were judged."""

    source: str
