"""A tiny run of each trainer, pinned: finished checkpoints are known by RECIPE, not by the code.

When a loss moves, a checkpoint of an earlier version is no longer what this code would train.
"""

import pytest
from tiny_trainings import TEXTS, decoder_recipe, encoder_recipe, run_in

from palimpsest.pretraining.decoder import train_decoder
from palimpsest.pretraining.encoder import train_encoder
from palimpsest.pretraining.recipes import RECIPES

ROUNDING = 2e-3  # between machines; a changed recipe moves the loss by more
# The losses of a run by default, and of one with documents kept apart.
PINNED = {("decoder", 2): (2.2387, 2.1356), ("encoder", 2): (2.985, 2.8389)}


def advice(kind: str) -> str:
    return (
        f"the {kind} trains to another loss: if that is meant, raise RECIPES['{kind}'] in "
        "src/palimpsest/pretraining/recipes.py and pin the new loss here"
    )


@pytest.mark.parametrize("kept_apart", [False, True])
def test_a_decoder_trains_as_its_recipe_says(tmp_path, bpe, kept_apart):
    recipe = decoder_recipe(document_masking=kept_apart)
    loss = train_decoder(run_in(tmp_path, recipe), recipe, TEXTS, bpe)["loss"]
    pinned = PINNED["decoder", RECIPES["decoder"]][kept_apart]
    assert loss == pytest.approx(pinned, abs=ROUNDING), advice("decoder")


@pytest.mark.parametrize("kept_apart", [False, True])
def test_an_encoder_trains_as_its_recipe_says(tmp_path, encoder, kept_apart):
    recipe = encoder_recipe(document_masking=kept_apart)
    loss = train_encoder(run_in(tmp_path, recipe), recipe, TEXTS, encoder)["loss"]
    pinned = PINNED["encoder", RECIPES["encoder"]][kept_apart]
    assert loss == pytest.approx(pinned, abs=ROUNDING), advice("encoder")
