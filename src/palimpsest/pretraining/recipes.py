"""The RECIPE of each kind of model: raise it when the same specification trains other weights.

Finished checkpoints are known by it, so that an edit of the code that changes no number trains
nothing. tests/unit/pretraining/test_pretraining_recipes.py pins the losses of a tiny run of each,
and fails when one moves.
"""

RECIPES = {"decoder": 2, "encoder": 2}
