"""A study of two directions, and the annotator that a scripted server plays in it."""

import hashlib
import math

import yaml
from project import REPOSITORY

ALZHEIMERS = yaml.safe_load((REPOSITORY / "config/taxonomies/alzheimers.yaml").read_text())
KNOWN = {category["name"]: category for category in ALZHEIMERS["categories"]}
NAMES = ("cognitive_impairment", "requires_assistance", "neuropsychiatric_symptoms")
ADDED = "coping_strategy"
TITLES = {category["title"]: category["name"] for category in ALZHEIMERS["categories"]}
SENTENCES, REQUESTS, KEEP = 300, 12, 6
LEANING = 3.0  # log-odds of yes that the scripted LLM has for no reason: calibration takes it away
CONTENT_FREE = {"N/A", "[MASK]", ""}
WORDS = (
    "amber basin cedar delta ember fjord grove haven inlet jetty knoll ledge marsh north".split()
)
PROMPTS = {
    "plain-label": "LABEL | {title} | {definition}\n\n{sentence}",
    "plain-check": "CHECK | {title} | {definition}\n\n{sentence}",
    "plain-write": "WRITE | {title} | {definition}\n\n{conditions}",
}
SETS = ("silver.plain-label", "silver.plain-check", "bronze.plain-write", "bronze.plain-check")


def study() -> dict:
    llm = {"kind": "sentences", "taxonomy": "signs", "llm": "alpha", "check": "plain-check"}
    llm |= {"annotation": 20}
    gold = {"kind": "sentences", "examples": {"train": 40, "valid": 20, "test": 60}}
    return {
        "results": "results",
        "seed": 1,
        "splits": {"train": 0.6, "valid": 0.2, "test": 0.2},
        "sources": [{"name": "ward", "kind": "generated", "patients": 300}],
        "passages": {"tokenizer": "tiny"},
        "datasets": [
            {"name": "gold", **gold, "made_by": "generator", "taxonomy": "signs"}
            | {"source": "ward"},
            {"name": "homes", **gold, "made_by": "experts", "taxonomy": "homes"}
            | {"files": ["homes.jsonl"]},
            {"name": "silver", **llm, "made_by": "llm_labels", "label": "plain-label"}
            | {"source": "ward", "sentences": SENTENCES},
            {"name": "bronze", **llm, "made_by": "llm_writes", "write": "plain-write"}
            | {"requests": REQUESTS, "keep": KEEP},
        ],
        "experiments": [
            {
                "name": "signs",
                "dataset": "gold",
                "encoders": [{"encoder": "tiny", "corpus": "none"}],
                "mixtures": [
                    {"name": "gold", "phases": [[{"dataset": "gold"}]]},
                    {
                        "name": "both-gold",
                        "phases": [
                            [{"dataset": "silver", "weight": 0.5}, {"dataset": "bronze"}],
                            [{"dataset": "gold"}],
                        ],
                    },
                ],
                "finetuning": {"epochs": 1, "batch_size": 16, "learning_rate": 0.001},
                "seeds": [1],
            }
        ],
        "tables": [
            {"name": "table3", "kind": "comparison", "experiments": ["signs"]}
            | {"baseline": {"mixture": "gold"}},
            {"name": "table4", "kind": "comparison", "experiments": ["signs"]}
            | {"baseline": {"mixture": "gold"}, "by": "label"},
        ],
        "figures": [
            {"name": "figure3", "kind": "learning_curve", "experiment": "signs"}
            | {"mixtures": ["both-gold"], "sizes": [10]}
        ],
    }


def taxonomy(*names: str) -> dict:
    return ALZHEIMERS | {"categories": [KNOWN[name] for name in names]}


def drawn(*parts: str) -> float:
    """A number in [0, 1) that is always the same for the same texts."""
    return int(hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8], 16) / 2**32


class Annotator:
    """Answers as an LLM that knows gold, errs at a rate, and finds a share of errors on checking.

    Written sentences name their category; of some it writes another's, of some nothing.
    """

    def __init__(self, truth: dict[str, set[str]], errs: float = 0.0, finds: float = 1.0) -> None:
        """truth: categories by a sentence's text, with single blanks."""
        self.truth, self.errs, self.finds = truth, errs, finds

    def holds(self, sentence: str, category: str) -> bool:
        """Gold, or what a written sentence names."""
        return category in self.truth.get(sentence, sentence.split())

    def label(self, sentence: str, category: str) -> bool:
        return self.holds(sentence, category) != (drawn(sentence, category) < self.errs)

    def confirm(self, sentence: str, category: str) -> bool:
        return self.holds(sentence, category) or drawn("check", sentence, category) >= self.finds

    def write(self, category: str, conditions: str) -> str:
        draw = drawn("fate", category, conditions)
        if draw < 0.1:
            return "I'm sorry, I cannot write that."
        if draw > 0.9:
            category = "something-else"
        words = [WORDS[int(drawn(conditions, str(at)) * len(WORDS))] for at in range(12)]
        return f"The patient shows {category} with {' '.join(words)}."

    def __call__(self, body: dict) -> str | dict[str, float]:
        head, rest = body["messages"][-1]["content"].split("\n\n", 1)
        use, title, _ = head.split(" | ", 2)
        category = TITLES.get(title, "nothing")
        if use == "WRITE":
            return self.write(category, rest)
        odds = LEANING
        if rest not in CONTENT_FREE:
            said = self.label if use == "LABEL" else self.confirm
            odds += 1 if said(rest, category) else -1
        return {"Yes": -math.log1p(math.exp(-odds)), "No": -math.log1p(math.exp(odds))}
