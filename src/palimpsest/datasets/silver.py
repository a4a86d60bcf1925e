"""Silver: the labels that an LLM gave to sentences, and that it upheld when asked again."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row

CHECK_FAILED = "check_failed"
COLUMNS = ["sentence_id", "category", "answer", "failure"]  # of LABELS, that are looked at
Labels = dict[str, dict[str, Row]]  # rows of LABELS by sentence and category


def by_sentence(labels: Iterable[Row]) -> Labels:
    """Rows of LABELS by sentence and category."""
    found: Labels = defaultdict(dict)
    for row in labels:
        found[row["sentence_id"]][row["category"]] = row
    return found


def label_of(labels: Labels, sentence: str, category: str, use: str) -> Row:
    """The row about a sentence and a category. use: label or check, for the error.

    Raises UserError where it was never asked for.
    """
    given = labels.get(sentence, {})
    if category not in given:
        raise UserError(
            f"{use}: there is no answer about sentence {sentence} and category '{category}'; "
            "delete its requests to rebuild them"
        )
    return given[category]


class Silver:
    """Labels sentences by what an LLM answered about them."""

    def __init__(self, names: list[str], labels: Labels, checks: Labels | None) -> None:
        """names: of the taxonomy. checks: None where the labels were not checked."""
        self.names, self.labels, self.checks = names, labels, checks
        self.removed: Counter[str] = Counter()  # labels of kept sentences, denied by the check

    def labels_of(self, sentence: str) -> list[str] | str:
        """The labels of a sentence in the taxonomy's order, or the reason why it has none.

        Raises UserError where something was never asked for.
        """
        given = [label_of(self.labels, sentence, name, "label") for name in self.names]
        for label in given:
            if label["failure"]:
                return str(label["failure"])
        named = [label["category"] for label in given if label["answer"]]
        if self.checks is None:
            return named
        checked = [label_of(self.checks, sentence, name, "check") for name in named]
        if any(check["failure"] for check in checked):
            return CHECK_FAILED
        self.removed.update(check["category"] for check in checked if not check["answer"])
        return [check["category"] for check in checked if check["answer"]]
