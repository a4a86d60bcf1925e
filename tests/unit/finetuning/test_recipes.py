"""What a run predicts is pinned: finished runs are known by RECIPES, and not by the code.

If a test here fails and the change is meant, raise the number of the kind in
palimpsest.finetuning.heads.RECIPES, and pin the new numbers.
"""

import pytest
from tiny_datasets import finetuning, sentences_dataset, spans_dataset

from palimpsest.finetuning.heads import RECIPES
from palimpsest.finetuning.run import finetune

# By kind: the number of its recipe, and the first scores of a run.
PINNED = {
    "spans": (1, [0.3397, 0.3554, 0.3397, 0.3554, 0.3397, 0.3554]),
    "sentences": (1, [0.4477, 0.4115, 0.7014, 0.4155, 0.6413, 0.7826]),
}
RUNS = {
    "spans": (spans_dataset(), finetuning(epochs=3, learning_rate=0.01)),
    "sentences": (sentences_dataset(), finetuning(epochs=2, learning_rate=0.001)),
}


@pytest.mark.parametrize("kind", RECIPES)
def test_a_tiny_run_predicts_what_it_did(encoder, kind):
    dataset, recipe = RUNS[kind]
    phases = [[(row, weight) for row in dataset.of_split("train")] for weight in (0.5, 1.0)]
    rows = finetune("run", encoder, dataset, phases, recipe, 1, 1)
    number, scores = PINNED[kind]
    assert RECIPES[kind] == number
    assert [row["score"] for row in rows[:6]] == pytest.approx(scores, abs=1e-3), (
        "a run predicts something else than it did: see the top of this file"
    )
