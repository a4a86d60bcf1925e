"""Training goes on after a kill to the same weights, and masks cost nothing but time."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
from manifests import describe

from palimpsest.pretraining.config import DecoderRecipe, EncoderRecipe, TrainingResources
from palimpsest.pretraining.decoder import train_decoder
from palimpsest.pretraining.encoder import train_encoder
from palimpsest.pretraining.packing import IGNORED
from palimpsest.pretraining.training import COMPLETE, Run, last_checkpoint
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_json
from palimpsest.text.tokenizers import END, load_tokenizer

MODEL = DecoderRecipe(
    kind="decoder",
    architecture={"hidden_size": 16, "intermediate_size": 32, "layers": 1, "heads": 2},
    training={
        "steps": 40,
        "batch_size": 4,
        "context": 16,
        "learning_rate": 0.01,
        "warmup_steps": 2,
        "weight_decay": 0.01,
    },
)
RESOURCES = TrainingResources(checkpoint_steps=4)
TEXTS = ["The patient was admitted with chest pain. ", "Aspirin 81 mg was started. "] * 20


def checkpoint(folder, step, complete):
    path = folder / f"checkpoint-{step}"
    path.mkdir()
    if complete:
        (path / COMPLETE).touch()
    return path


def test_the_newest_complete_checkpoint_is_taken_and_incomplete_ones_go(tmp_path):
    assert last_checkpoint(tmp_path) is None
    checkpoint(tmp_path, 9, complete=True)
    newest = checkpoint(tmp_path, 100, complete=True)
    broken = checkpoint(tmp_path, 200, complete=False)
    older = checkpoint(tmp_path, 50, complete=False)
    assert last_checkpoint(tmp_path) == newest
    assert not broken.exists() and not older.exists()
    assert (tmp_path / "checkpoint-9").exists()


def test_a_checkpoint_that_changed_since_is_not_resumed_from(tmp_path, capsys):
    older, newer = (checkpoint(tmp_path, step, complete=False) for step in (9, 20))
    for path in (older, newer):
        (path / "model.safetensors").write_text("weights")
        write_json(path / COMPLETE, described(path, ["model.safetensors"])["files"])
    assert last_checkpoint(tmp_path) == newer
    (newer / "model.safetensors").write_text("weightz")
    assert last_checkpoint(tmp_path) == older and not newer.exists()
    assert "checkpoint-20: damaged, so it is not resumed from" in capsys.readouterr().err
    (older / COMPLETE).write_text("{")
    assert last_checkpoint(tmp_path) is None


def test_a_folder_that_is_not_there_has_no_checkpoint(tmp_path):
    assert last_checkpoint(tmp_path / "gone") is None


PROGRAM = """
import json, sys
from pathlib import Path
from palimpsest.pretraining.config import DecoderRecipe, TrainingResources
from palimpsest.pretraining.decoder import train_decoder
from palimpsest.pretraining.training import Run
model, resources, texts, tokenizer, folder = json.loads(sys.argv[1])
model, folder = DecoderRecipe(**model), Path(folder)
resources = TrainingResources(**resources)
run = Run("run", model.training, resources, 3, folder / "working", folder / "out")
train_decoder(run, model, texts, Path(tokenizer))
"""


def weights_of(folder):
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def run_in(folder, seed=3, **resources):
    (folder / "out").mkdir(parents=True, exist_ok=True)
    tuned = RESOURCES.model_copy(update=resources)
    return Run("run", MODEL.training, tuned, seed, folder / "working", folder / "out")


def fit(tmp_path, bpe, name, seed=3, **resources):
    run = run_in(tmp_path / name, seed, **resources)
    notes = train_decoder(run, MODEL, TEXTS, bpe)
    return weights_of(run.target), notes


def test_a_killed_training_ends_with_the_weights_of_an_undisturbed_one(tmp_path, bpe):
    folder = tmp_path / "killed"
    (folder / "out").mkdir(parents=True)
    arguments = json.dumps([MODEL.identity(), RESOURCES.identity(), TEXTS, str(bpe), str(folder)])
    trainer = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, arguments], stderr=subprocess.DEVNULL
    )
    while trainer.poll() is None and not list(folder.glob(f"working/checkpoint-*/{COMPLETE}")):
        time.sleep(0.005)
    trainer.send_signal(signal.SIGKILL)
    trainer.wait()
    assert not (folder / "out" / "model.safetensors").exists(), "it ended before the kill"
    assert last_checkpoint(folder / "working") is not None
    resumed = train_decoder(run_in(folder), MODEL, TEXTS, bpe)
    undisturbed, notes = fit(tmp_path, bpe, "undisturbed")
    assert weights_of(folder / "out") == undisturbed
    assert resumed == notes


def test_training_lowers_the_loss_and_depends_on_its_seed(tmp_path, bpe):
    first, notes = fit(tmp_path, bpe, "first")
    assert notes["loss"] < 4.5  # ln 400 is 6.0
    assert fit(tmp_path, bpe, "again", checkpoint_steps=100) == (first, notes)
    assert fit(tmp_path, bpe, "other", seed=4)[0] != first


def test_a_trained_folder_is_read_back_as_a_decoder(tmp_path, bpe):
    from palimpsest.perplexity.losses import token_losses

    fit(tmp_path, bpe, "run")
    out = describe(tmp_path / "run" / "out")
    assert load_tokenizer(out / "tokenizer.json").token_to_id(END) == 0
    seen, unseen = token_losses([TEXTS[0], "zq " * 15], out, 32, 16, "losses")
    assert seen.mean() < unseen.mean()


@pytest.mark.parametrize("device_batch_size", [1, 2, 4])
def test_the_batch_on_a_device_changes_nothing_that_was_asked_for(tmp_path, bpe, device_batch_size):
    _, notes = fit(tmp_path, bpe, "run", device_batch_size=device_batch_size)
    _, plain = fit(tmp_path, bpe, "plain")
    assert notes["loss"] == pytest.approx(plain["loss"], abs=0.02)
    state = (tmp_path / "run" / "working" / "checkpoint-40" / "trainer_state.json").read_text()
    assert '"epoch": 1.0' in state  # all of the schedule, once


@pytest.mark.parametrize("device_batch_size", [3, 8])
def test_a_batch_that_cannot_be_dealt_out_evenly_is_refused(tmp_path, bpe, device_batch_size):
    with pytest.raises(UserError, match="device_batch_size"):
        fit(tmp_path, bpe, "run", device_batch_size=device_batch_size)


def test_gpus_that_are_not_there_are_missed_before_training(tmp_path, bpe, monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    with pytest.raises(UserError, match="asks for 2 GPUs, but none is here"):
        fit(tmp_path, bpe, "run", gpus=2)


@pytest.fixture
def masked(encoder):
    """A masked batch and the encoder that is to predict it."""
    from transformers import AutoModelForMaskedLM

    torch.manual_seed(1)
    inputs = torch.randint(5, 60, (4, 12))
    labels = torch.where(torch.rand(4, 12) < 0.3, inputs, IGNORED)
    model = AutoModelForMaskedLM.from_pretrained(encoder).eval()
    return model, {"input_ids": inputs, "labels": labels}


def masked_trainer(model, tmp_path):
    from transformers import TrainingArguments

    from palimpsest.pretraining.encoder import MaskedTrainer

    arguments = TrainingArguments(output_dir=str(tmp_path), use_cpu=True, report_to=[])
    return MaskedTrainer(model=model, args=arguments)


def test_the_masked_loss_is_the_models_own(masked, tmp_path):
    model, batch = masked
    loss = masked_trainer(model, tmp_path).compute_loss(model, dict(batch))
    assert loss.item() == pytest.approx(model(**batch).loss.item(), rel=1e-5)


def test_the_masked_gradients_are_the_models_own(masked, tmp_path):
    model, batch = masked
    gradients = []
    for loss in (
        masked_trainer(model, tmp_path).compute_loss(model, dict(batch)),
        model(**batch).loss,
    ):
        model.zero_grad()
        loss.backward()
        gradients.append(
            [part.grad.clone() for part in model.parameters() if part.grad is not None]
        )
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_parts_of_a_batch_add_up_to_the_whole(masked, tmp_path):
    model, batch = masked
    trainer = masked_trainer(model, tmp_path)
    count = int((batch["labels"] != IGNORED).sum())
    parts = [
        trainer.compute_loss(
            model, {name: value[at : at + 2] for name, value in batch.items()}, False, count
        )
        for at in (0, 2)
    ]
    assert sum(part.item() for part in parts) == pytest.approx(model(**batch).loss.item(), rel=1e-5)


def test_an_encoder_is_adapted_and_keeps_its_tokenizer(encoder, tmp_path):
    from palimpsest.pretraining.encoder import train_encoder

    recipe = EncoderRecipe(
        kind="encoder",
        training=MODEL.training.model_copy(update={"steps": 3}),
        mask_probability=0.3,
    )
    run = run_in(tmp_path)
    run = replace(run, training=recipe.training)
    notes, target = train_encoder(run, recipe, TEXTS, encoder), run.target
    assert (target / "tokenizer.json").read_bytes() == (encoder / "tokenizer.json").read_bytes()
    assert notes["sequences"] > 10 and weights_of(target) != weights_of(encoder)


def test_a_batch_of_which_nothing_is_masked_has_no_loss_and_moves_nothing(masked, tmp_path):
    model, batch = masked
    batch["labels"] = torch.full_like(batch["labels"], IGNORED)
    loss = masked_trainer(model, tmp_path).compute_loss(model, batch)
    loss.backward()
    assert loss.item() == 0
    assert all(part.grad is None or not part.grad.any() for part in model.parameters())


def diverging(tmp_path, **changes):
    training = MODEL.training.model_copy(update=changes)
    return Run("run", training, RESOURCES, 3, tmp_path / "working", tmp_path / "out")


def test_a_loss_that_is_no_number_ends_training_with_its_step(tmp_path, bpe):
    run = diverging(tmp_path, learning_rate=1e8, warmup_steps=0)
    with pytest.raises(UserError, match=r"run: the loss of step \d+ is .*lower the learning rate"):
        train_decoder(run, MODEL.model_copy(update={"training": run.training}), TEXTS, bpe)
    assert not (tmp_path / "out").exists()


def test_weights_that_the_last_step_lost_are_not_delivered(tmp_path, bpe):
    run = diverging(tmp_path, learning_rate=1e38, warmup_steps=0, steps=1)
    with pytest.raises(UserError, match="run: weights after step 1 are no numbers"):
        train_decoder(run, MODEL.model_copy(update={"training": run.training}), TEXTS, bpe)


def test_an_encoder_whose_loss_is_no_number_is_not_delivered(tmp_path, encoder):
    run = diverging(tmp_path, learning_rate=1e30, warmup_steps=0)
    run.target.mkdir()
    recipe = EncoderRecipe(kind="encoder", training=run.training)
    with pytest.raises(UserError, match=r"run: .*(step \d+).* lower the learning rate"):
        train_encoder(run, recipe, TEXTS, encoder)
    assert not (run.target / "model.safetensors").exists()
