"""The nearest of many texts: by all words where they are few, by those that few have at size."""

import random

import numpy as np
import pyarrow as pa
import pytest

from palimpsest.release import likeness
from palimpsest.release.likeness import Nearest, TfIdf


def texts(count: int, seed: int, words: int = 30) -> list[str]:
    """Texts of words that follow a law as a language's do."""
    draws = random.Random(seed)
    stock = [f"w{number}" for number in range(400)]
    chances = [1 / (rank + 1) for rank in range(len(stock))]
    return [" ".join(draws.choices(stock, chances, k=words)) for _ in range(count)]


def strings(listed: list[str]) -> pa.Array:
    return pa.array(listed, pa.string())


def looked(weights: TfIdf, others: list[str], batch: int) -> np.ndarray:
    best = Nearest(weights)
    for at in range(0, len(others), batch):
        best.look_at(strings(others[at : at + batch]))
    return best.cosines


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_few_texts_are_held_against_all_others(batch: int) -> None:
    ours, others = texts(60, 1), texts(100, 2)
    weights = TfIdf(strings(ours))
    every = (weights.fitted @ weights.of(strings(others)).T).toarray().max(axis=1)
    np.testing.assert_allclose(looked(weights, others, batch), every, atol=1e-12)


def test_a_copy_is_the_nearest_also_where_most_words_tell_nothing(monkeypatch) -> None:
    monkeypatch.setattr(likeness, "TELLING", (3, 0.0))
    ours = texts(300, 1)
    weights = TfIdf(strings(ours))
    others = [*texts(100, 2), *ours[:20], *texts(100, 3)]
    cosines = looked(weights, others, 16)
    every = (weights.fitted @ weights.of(strings(others)).T).toarray().max(axis=1)
    np.testing.assert_allclose(cosines[:20], 1)
    assert (cosines <= every + 1e-12).all()


def test_a_text_that_shares_no_telling_word_is_like_none() -> None:
    weights = TfIdf(strings(["alpha beta", "gamma delta"]))
    assert looked(weights, ["gamma delta epsilon", "zeta"], 2).tolist()[0] == 0
    assert looked(weights, [], 2).tolist() == [0, 0]
