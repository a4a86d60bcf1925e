"""Tiny trainings that several tests share."""

import hashlib
from pathlib import Path

from palimpsest.pretraining.config import DecoderRecipe, EncoderRecipe, TrainingResources
from palimpsest.pretraining.training import Run

TEXTS = ["The patient was admitted with chest pain. ", "Aspirin 81 mg was started. "] * 20
TRAINING = {
    "steps": 40,
    "batch_size": 4,
    "context": 16,
    "learning_rate": 0.01,
    "warmup_steps": 2,
    "weight_decay": 0.01,
}
SHAPE = {"hidden_size": 16, "intermediate_size": 32, "layers": 1, "heads": 2}


def decoder_recipe(family="llama", **training):
    return DecoderRecipe(
        kind="decoder", architecture={"family": family, **SHAPE}, training=TRAINING | training
    )


def encoder_recipe(family=None, **training):
    """family: of one that starts from scratch."""
    architecture = {"family": family, **SHAPE} if family else None
    return EncoderRecipe(kind="encoder", architecture=architecture, training=TRAINING | training)


def run_in(folder: Path, recipe, seed=3, **resources):
    (folder / "out").mkdir(parents=True, exist_ok=True)
    tuned = TrainingResources(**{"checkpoint_steps": 4, **resources})
    return Run("run", recipe.training, tuned, seed, folder / "working", folder / "out")


def weights_of(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
