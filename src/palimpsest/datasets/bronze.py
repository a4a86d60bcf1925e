"""Bronze: written sentences that the back-check confirmed, as many of each category."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from palimpsest.datasets.silver import CHECK_FAILED, Decisions
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.labels import NONE


def category_of(sentence: dict[str, Any]) -> str:
    """What a sentence was written for; `none` is one."""
    return sentence["wanted"][0] if sentence["wanted"] else NONE


def confirmed(sentence: dict[str, Any], names: list[str], checks: Decisions) -> str | None:
    """The reason why the back-check does not confirm a sentence, or None.

    A sentence of a category must be found to have it; one of none must have no category of `names`.
    Raises UserError where a decision was never asked for.
    """
    given = checks.get(sentence["sentence_id"], {})
    asked = sentence["wanted"] or names
    for name in asked:
        if name not in given:
            raise UserError(
                f"check: nothing was decided about sentence {sentence['sentence_id']} and "
                f"category '{name}'; delete its requests to rebuild them"
            )
    if any(given[name]["failure"] for name in asked):
        return CHECK_FAILED
    found = any(given[name]["answer"] for name in asked)
    return None if found == bool(sentence["wanted"]) else "not_confirmed"


def judged(
    sentences: list[dict[str, Any]],
    names: list[str],
    checks: Decisions | None,
    keep: int,
    seed: int,
) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Each sentence in order, with the reason why it is not in the set, or None.

    names: of the taxonomy. checks: None where there was no back-check. keep: at most so many of
    each category and of none, drawn by a keyed hash: a larger number keeps the same and more.
    """
    reasons = {
        one["sentence_id"]: confirmed(one, names, checks) if checks is not None else None
        for one in sentences
    }
    drawn = sorted(
        (one for one in sentences if not reasons[one["sentence_id"]]),
        key=lambda one: keyed_hash(f"balance-{seed}", one["sentence_id"]),
    )
    counts: Counter[str] = Counter()
    for one in drawn:
        counts[category_of(one)] += 1
        if counts[category_of(one)] > keep:
            reasons[one["sentence_id"]] = "beyond_balance"
    yield from ((one, reasons[one["sentence_id"]]) for one in sentences)


def labelled(sentence: dict[str, Any]) -> dict[str, Any]:
    """A row of LABELLED from one of SENTENCES."""
    named = {name: sentence[name] for name in ("sentence_id", "text", "group")}
    nowhere = {"note_id": "", "start": 0, "end": 0}
    # All are for training: they are no evidence of how notes are.
    return {
        **named,
        **nowhere,
        "categories": sentence["wanted"],
        "split": "train",
        "origin": "bronze",
    }
