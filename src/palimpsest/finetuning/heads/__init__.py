"""Heads: what each kind of dataset asks of fine-tuning.

The number of a kind stands for the code that trains it, in the keys of finished runs. Raise it when
the predictions of a run change; tests/unit/finetuning/test_recipes.py fails when they do.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from palimpsest.finetuning.heads.base import Head

RECIPES = {
    "spans": 2,
    "sentences": 2,
    "documents": 1,
    "pairs": 1,
    "assertion": 1,
    "relations": 1,
}


def head_of(kind: str) -> "type[Head]":
    """The head for a kind of dataset. Loads torch."""
    from palimpsest.finetuning.heads.pooled import PooledHead
    from palimpsest.finetuning.heads.token import TokenHead

    return TokenHead if kind == "spans" else PooledHead
