"""What a run predicts is pinned: finished runs are known by RECIPES, and not by the code.

If a test here fails and the change is meant, raise the number of the kind in
palimpsest.finetuning.heads.RECIPES, and pin the new numbers.
"""

import pytest
from tiny_datasets import finetuning, of_kind, sentences_dataset, spans_dataset

from palimpsest.finetuning.heads import RECIPES
from palimpsest.finetuning.run import finetune

# By kind: the number of its recipe, and the first scores of a run.
PINNED = {
    "spans": (2, [0.6138, 0.6205, 0.6138, 0.6205, 0.6138, 0.6205]),
    "sentences": (2, [0.5512, 0.3367, 0.6886, 0.4847, 0.6545, 0.8214]),
    "documents": (1, [0.9975, 0.0025, 0.0002, 0.9998, 0.9975, 0.0025]),
    "pairs": (1, [0.9969, 0.0031, 0.0308, 0.9692, 0.9969, 0.0031]),
    "assertion": (1, [0.6187, 0.3813, 0.3272, 0.6728, 0.6187, 0.3813]),
    "relations": (1, [0.4860, 0.5140, 0.4811, 0.5189, 0.4860, 0.5140]),
}
RUNS = {
    "spans": (spans_dataset(), finetuning(epochs=3, learning_rate=0.01)),
    "sentences": (sentences_dataset(), finetuning(epochs=2, learning_rate=0.001)),
    "documents": (of_kind("documents", "one_label"), finetuning(epochs=2, max_tokens=6)),
    "pairs": (of_kind("pairs", "one_label"), finetuning(epochs=2)),
    "assertion": (of_kind("assertion", "one_label"), finetuning(epochs=2)),
    "relations": (of_kind("relations", "one_label"), finetuning(epochs=2, pooling="cls")),
}


@pytest.mark.parametrize("kind", RECIPES)
def test_a_tiny_run_predicts_what_it_did(encoder, roberta, kind):
    dataset, recipe = RUNS[kind]
    phases = [[(row, weight) for row in dataset.of_split("train")] for weight in (0.5, 1.0)]
    start = roberta if kind == "relations" else encoder
    rows = finetune("run", start, dataset, phases, recipe, 1, 1).predictions
    number, scores = PINNED[kind]
    assert RECIPES[kind] == number
    assert [row["score"] for row in rows[:6]] == pytest.approx(scores, abs=1e-3), (
        "a run predicts something else than it did: see the top of this file"
    )
