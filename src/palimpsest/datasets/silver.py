"""Silver: the labels that an LLM gave to sentences, and that it upheld when asked again."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from palimpsest.runtime.errors import UserError

CHECK_FAILED = "check_failed"
Decisions = dict[str, dict[str, dict[str, Any]]]  # by sentence and category


def by_sentence(decisions: Iterable[dict[str, Any]]) -> Decisions:
    """Rows of DECISIONS by sentence and category."""
    found: Decisions = defaultdict(dict)
    for decision in decisions:
        found[decision["sentence_id"]][decision["category"]] = decision
    return found


class Labels:
    """Labels sentences by what was decided about them."""

    def __init__(self, names: list[str], labels: Decisions, checks: Decisions | None) -> None:
        """names: of the taxonomy. checks: None where there was no second look."""
        self.names, self.labels, self.checks = names, labels, checks
        self.removed: Counter[str] = Counter()  # labels of kept sentences, denied by the check

    def of(self, sentence: str) -> list[str] | str:
        """The categories of a sentence in the taxonomy's order, or the reason why it has none.

        Raises UserError where a decision was never asked for.
        """
        given = self.labels.get(sentence, {})
        decided = [_decision(given, sentence, name, "label") for name in self.names]
        for decision in decided:
            if decision["failure"]:
                return decision["failure"]
        named = [decision["category"] for decision in decided if decision["answer"]]
        if self.checks is None:
            return named
        given = self.checks.get(sentence, {})
        checked = [_decision(given, sentence, name, "check") for name in named]
        if any(decision["failure"] for decision in checked):
            return CHECK_FAILED
        self.removed.update(one["category"] for one in checked if not one["answer"])
        return [decision["category"] for decision in checked if decision["answer"]]


def _decision(given: dict[str, Any], sentence: str, category: str, use: str) -> dict[str, Any]:
    if category not in given:
        raise UserError(
            f"{use}: nothing was decided about sentence {sentence} and category '{category}'; "
            "delete its requests to rebuild them"
        )
    return given[category]
