"""Mix a corpus: which documents enter, in which order, and what they amount to."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from palimpsest.core.errors import AccountingError, UserError
from palimpsest.core.identity import keyed_hash
from palimpsest.core.text import ngrams, words

SCHEMA = pa.schema(
    [
        ("part", pa.int32()),  # place in the corpus's declared parts
        ("note_id", pa.string()),
        ("start", pa.int64()),  # the passage's character offsets in its note
        ("end", pa.int64()),
        ("text", pa.string()),
        ("tokens", pa.int32()),  # by the study's tokenizer
    ]
)


def take(
    documents: Iterable[dict[str, Any]], budget: int, seed: int, what: str
) -> list[dict[str, Any]]:
    """The first documents in sampling order whose tokens reach the budget.

    The order is the one in which passages are asked about, so that equal budgets of notes and of
    rephrases come from the same passages, and a larger budget keeps what a smaller one took.
    what: names the part, for the error.
    Raises UserError when there are too few: corpora of unequal size would be compared as equal.
    """
    ordered = sorted(
        documents,
        key=lambda row: keyed_hash(f"passages-{seed}", row["note_id"], str(row["start"])),
    )
    taken, tokens = [], 0
    for row in ordered:
        if tokens >= budget:
            return taken
        taken.append(row)
        tokens += row["tokens"]
    if tokens < budget:
        raise UserError(
            f"{what}: {tokens:,} tokens are there, the budget is {budget:,}. Raise the `tokens` of "
            "its rephrasing (only the new passages are asked about), loosen a screen, or lower the "
            "budget of every corpus that is compared with it"
        )
    return taken


def describe(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Size and diversity of some documents: notes, documents, tokens, bytes, distinct-n.

    distinct-n is the number of different n-grams of words over all n-grams (Li et al. 2016).
    """
    tokenised = [words(row["text"]) for row in documents]
    return {
        "notes": len({row["note_id"] for row in documents}),
        "documents": len(documents),
        "tokens": sum(row["tokens"] for row in documents),
        "bytes": sum(len(row["text"].encode()) for row in documents),
        **{f"distinct_{size}": _distinct(tokenised, size) for size in (1, 2, 3)},
    }


def _distinct(texts: list[list[str]], size: int) -> float:
    total, different = 0, set()
    for text in texts:
        grams = ngrams(text, size)
        total += len(grams)
        different.update(grams)
    return round(len(different) / total, 4) if total else 0.0


def add_accounts(accounts: Iterable[dict[str, Any]], what: str) -> dict[str, Any]:
    """The sum of the accounts of a part's shards.

    Raises AccountingError when one does not balance.
    """
    total: dict[str, Any] = {"in": 0, "kept": 0, "rejected": Counter(), "failed": Counter()}
    for account in accounts:
        out = account["kept"] + sum(account["rejected"].values()) + sum(account["failed"].values())
        if account["in"] != out:
            raise AccountingError(f"{what}: {account['in']} records in, but {out} accounted for")
        total["in"] += account["in"]
        total["kept"] += account["kept"]
        total["rejected"].update(account["rejected"])
        total["failed"].update(account["failed"])
    return total | {name: dict(sorted(total[name].items())) for name in ("rejected", "failed")}
