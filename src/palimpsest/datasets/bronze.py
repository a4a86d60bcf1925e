"""Bronze: written sentences that the check confirmed, as many of each category."""

from collections.abc import Iterator

from palimpsest.datasets.silver import CHECK_FAILED, Labels, label_of
from palimpsest.runtime.labels import NONE
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import Lowest, sampling_key


def category_of(sentence: Row) -> str:
    """What a sentence was written for; `none` is one."""
    return sentence["wanted"][0] if sentence["wanted"] else NONE


def check_reason(sentence: Row, names: list[str], checks: Labels) -> str | None:
    """The reason why the check does not confirm a sentence, or None.

    A sentence of a category must be found to have it; one of none must have no category of `names`.
    Raises UserError where something was never asked for.
    """
    asked = [
        label_of(checks, sentence["sentence_id"], name, "check")
        for name in sentence["wanted"] or names
    ]
    if any(check["failure"] for check in asked):
        return CHECK_FAILED
    found = any(check["answer"] for check in asked)
    return None if found == bool(sentence["wanted"]) else "not_confirmed"


def balanced(
    sentences: list[Row], names: list[str], checks: Labels | None, keep: int, seed: int
) -> Iterator[tuple[Row, str | None]]:
    """Each sentence in order, with the reason why it is not in the dataset, or None.

    names: of the taxonomy. checks: None where there was no check. keep: at most so many of each
    category and of none, in sampling order: a larger number keeps the same and more.
    """
    reasons: dict[str, str | None] = {}
    drawn: dict[str, Lowest[str]] = {name: Lowest(keep) for name in [*names, NONE]}
    for sentence in sentences:
        name = sentence["sentence_id"]
        reasons[name] = None if checks is None else check_reason(sentence, names, checks)
        if not reasons[name]:
            drawn[category_of(sentence)].offer(sampling_key("balance", seed, name), name)
    kept = {name for sample in drawn.values() for _, name in sample.drawn()}
    for sentence in sentences:
        name = sentence["sentence_id"]
        yield sentence, reasons[name] or (None if name in kept else "beyond_balance")


def example(sentence: Row) -> Row:
    """A row of SENTENCE_EXAMPLES from one of SENTENCES."""
    return {
        "example_id": sentence["sentence_id"],
        "group": sentence["group"],
        # All are for training: they are no evidence of how notes are.
        "split": "train",
        "text": sentence["text"],
        "made_by": "llm_writes",
        "labels": sentence["wanted"],
    }
