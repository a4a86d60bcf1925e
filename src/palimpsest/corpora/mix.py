"""Mix a corpus: which documents enter, in which order, and what they amount to."""

from collections.abc import Iterable

import pyarrow as pa

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import AccountingError, UserError
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import within_budget
from palimpsest.text.ngrams import distinct_share, words

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


def take(documents: Iterable[Row], budget: int, seed: int, label: str) -> list[Row]:
    """The first documents in sampling order whose tokens reach the budget.

    It is the order in which passages are asked about, so that equal budgets of notes and of
    rephrases come from the same passages.
    label: names the part, for the error.
    Raises UserError when there are too few: corpora of unequal size would be compared as equal.
    """
    taken = list(within_budget(documents, budget, seed))
    tokens = sum(row["tokens"] for row in taken)
    if tokens < budget:
        raise UserError(
            f"{label}: {tokens:,} tokens are there, the budget is {budget:,}. Raise the `tokens` "
            "of its rephrasing (only the new passages are asked about), `retry` what was "
            "rejected, loosen a screen, or lower the budget of every corpus that is compared "
            "with it"
        )
    return taken


def describe(documents: list[Row]) -> Row:
    """Size and diversity of some documents: notes, documents, tokens, bytes, distinct-n.

    distinct-n is the number of different n-grams of words over all n-grams (Li et al. 2016).
    """
    tokenised = [words(row["text"]) for row in documents]
    return {
        "notes": len({row["note_id"] for row in documents}),
        "documents": len(documents),
        "tokens": sum(row["tokens"] for row in documents),
        "bytes": sum(len(row["text"].encode()) for row in documents),
        **{f"distinct_{size}": round(distinct_share(tokenised, size), 4) for size in (1, 2, 3)},
    }


def add_accounts(accounts: Iterable[Row], label: str, retried: Iterable[Row] = ()) -> Row:
    """The sum of the accounts of a part's shards and rounds.

    retried: for each shard of a further round, the requests of the round before that it stands
    for (`rejected` and `failed` by reason). They are not counted as rejected: how they ended is
    in the later account. A passage that was cut into smaller ones counts as these.
    Raises AccountingError when an account does not balance, or when more was asked again than was
    rejected.
    """
    total, entered = Account(), 0
    for account in accounts:
        total.add(account)
        entered += account["in"]
        total.close(entered, label)  # each must balance
    again = list(retried)
    for outcome, counts in (("rejected", total.rejected), ("failed", total.failed)):
        for replaced in again:
            entered -= sum(replaced[outcome].values())
            counts.subtract(replaced[outcome])
        for reason, count in list(counts.items()):
            if count < 0:
                raise AccountingError(
                    f"{label}: {-count} more requests were asked again than {outcome} as '{reason}'"
                )
            if not count:
                del counts[reason]
    return total.close(entered, label)
