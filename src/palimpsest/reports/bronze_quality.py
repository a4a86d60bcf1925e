"""How good bronze is: what became of the answers, how varied the sentences, how near to gold."""

from typing import Any

import numpy as np
import pandas as pd

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.labels import NONE
from palimpsest.runtime.rows import Row
from palimpsest.text.ngrams import distinct_share, words

SHARES = ["confirmed_share", "distinct_2", "self_similarity", "nearest_gold", "nearest_gold_max"]
AFTER_CHECK = "beyond_balance"  # the one reason that comes after the check
DENIED = "not_confirmed"
ROWS = 256  # sentences compared with all of gold at once


def confirmed_share(account: Row) -> float:
    """Share of the sentences with an answer of the check that it confirmed; NaN of none."""
    rejected = account["rejected"]
    upheld = account["kept"] + rejected.get(AFTER_CHECK, 0)
    answered = upheld + rejected.get(DENIED, 0)
    return upheld / answered if answered else np.nan


def self_similarity(vectors: Any) -> float:
    """Mean cosine over all pairs of some texts; NaN of fewer than two.

    vectors: a sparse matrix, a row of length 1 for each text.
    """
    number = vectors.shape[0]
    if number < 2:
        return np.nan
    total = np.asarray(vectors.sum(axis=0))
    return float(((total**2).sum() - vectors.multiply(vectors).sum()) / (number * (number - 1)))


def nearest(vectors: Any, gold: Any) -> np.ndarray:
    """The highest cosine of each text with a gold sentence; sparse matrices, rows of length 1."""
    highest = [
        (vectors[first : first + ROWS] @ gold.T).toarray().max(axis=1)
        for first in range(0, vectors.shape[0], ROWS)
    ]
    return np.concatenate([np.zeros(0), *highest])


def quality(
    bronze: list[Row],
    accounts: dict[str, Row],
    checked: bool,
    gold: list[str],
    names: list[str],
) -> pd.DataFrame:
    """A row for each category, for none and for `all` of them.

    bronze: text and labels. accounts: from the request on, by category. checked: whether there was
    a check. gold: texts of gold sentences, maybe none. Similarity is the cosine of TF-IDF
    vectors of words. Columns `rejected_<reason>` stand for every reason that occurs.
    Raises AccountingError when what was asked is not kept + rejected + failed.
    """
    texts = [row["text"] for row in bronze]
    tokens = [words(text) for text in texts]
    near = np.full(len(texts), np.nan)
    if texts:
        own, theirs = _vectors(texts, gold)
        near = nearest(own, theirs) if gold else near
    places = {
        name: [index for index, row in enumerate(bronze) if (row["labels"] or [NONE]) == [name]]
        for name in [*names, NONE]
    }
    whole = Account()
    for name in places:
        whole.add(accounts[name])
    places["all"] = list(range(len(bronze)))
    asked = sum(accounts[name]["in"] for name in [*names, NONE])
    accounts = {**accounts, "all": whole.close(asked, "bronze sentences")}
    rows = []
    for name, those in places.items():
        account = accounts[name]
        row: Row = {"category": name, "asked": account["in"], "kept": account["kept"]}
        row |= {f"rejected_{reason}": count for reason, count in account["rejected"].items()}
        row["failed"] = sum(account["failed"].values())
        if checked:
            row["confirmed_share"] = confirmed_share(account)
        if those:
            row["distinct_2"] = distinct_share([tokens[index] for index in those], 2)
            row["self_similarity"] = self_similarity(own[those])
            row["nearest_gold"] = near[those].mean()
            row["nearest_gold_max"] = near[those].max()
        rows.append(row)
    table = pd.DataFrame(rows)
    reasons = sorted(column for column in table.columns if column.startswith("rejected_"))
    table = table.reindex(columns=["category", "asked", "kept", *reasons, "failed", *SHARES])
    return table.fillna(dict.fromkeys(reasons, 0)).astype(dict.fromkeys(reasons, int))


def _vectors(texts: list[str], gold: list[str]) -> tuple[Any, Any]:
    """TF-IDF vectors of some texts and of gold sentences, weighted by both."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer=words).fit_transform([*texts, *gold])
    return vectors[: len(texts)], vectors[len(texts) :]
