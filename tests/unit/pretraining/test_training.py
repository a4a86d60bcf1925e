"""Training goes on after a kill to the same weights, on one process or several."""

import json
import os
import random
import re
import signal
from datetime import timedelta

import pytest
import torch
from manifests import describe
from tiny_trainings import TEXTS, decoder_recipe, encoder_recipe, run_in, weights_of
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

from palimpsest.pretraining import state, training
from palimpsest.pretraining.decoder import train_decoder
from palimpsest.pretraining.encoder import train_encoder
from palimpsest.pretraining.training import rate_at, validated_at
from palimpsest.pretraining.workers import WORKER
from palimpsest.runtime.errors import UserError
from palimpsest.text.tokenizers import END, load_tokenizer

DECODERS, ENCODERS = ["llama", "gpt2", "qwen3"], ["bert", "roberta", "modernbert"]


def fit(folder, bpe, recipe=None, seed=3, valid=(), **resources):
    recipe = recipe or decoder_recipe()
    run = run_in(folder, recipe, seed, **resources)
    return weights_of_run(run, train_decoder(run, recipe, TEXTS, bpe, valid))


def weights_of_run(run, notes):
    return weights_of(run.target), notes


def curve(folder, split="train"):
    rows = json.loads((folder / "out" / "curve.json").read_text())
    return {row["step"]: row["loss"] for row in rows if row["split"] == split}


def killed(job, monkeypatch, at, where):
    """Run a job in a child that kills itself with SIGKILL at some call of a function."""
    module, name = where
    if (child := os.fork()) == 0:
        calls, plain = 0, getattr(module, name)

        def call(*arguments, **options):
            nonlocal calls
            calls += 1
            if calls == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return plain(*arguments, **options)

        setattr(module, name, call)
        try:
            job()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("kind", ["decoder", "encoder"])
def test_a_training_killed_again_and_again_ends_with_the_same_bytes(
    kind, tmp_path, bpe, marked_bpe, monkeypatch
):
    def job(folder):
        if kind == "decoder":
            recipe = decoder_recipe()
            return train_decoder(run_in(folder, recipe), recipe, TEXTS, bpe, TEXTS[:4])
        recipe = encoder_recipe("bert")  # which has dropout
        return train_encoder(run_in(folder, recipe), recipe, TEXTS, marked_bpe.parent, TEXTS[:4])

    torch.set_num_threads(1)
    folder = tmp_path / "killed"
    # Steps, each of a run that goes on where the one before left off; then one amid saving.
    for at in random.Random(13).sample(range(6, 12), 4):
        assert killed(lambda: job(folder), monkeypatch, at, (training, "rate_at"))
    assert killed(lambda: job(folder), monkeypatch, 1, (state, "described"))
    assert state.last_checkpoint(folder / "working") is not None
    notes = job(folder)
    assert job(tmp_path / "undisturbed") == notes
    for name in ("model.safetensors", "curve.json", "config.json"):
        one, other = (tmp_path / run / "out" / name for run in ("killed", "undisturbed"))
        assert one.read_bytes() == other.read_bytes(), name


def test_training_lowers_the_loss_and_depends_on_its_seed(tmp_path, bpe):
    first, notes = fit(tmp_path / "first", bpe)
    assert notes["loss"] < 4.5  # ln 400 is 6.0
    assert fit(tmp_path / "again", bpe, checkpoint_steps=100) == (first, notes)
    assert fit(tmp_path / "other", bpe, seed=4)[0] != first


def test_a_trained_folder_is_read_back_as_a_decoder(tmp_path, bpe):
    from palimpsest.perplexity.losses import token_losses

    fit(tmp_path, bpe)
    out = describe(tmp_path / "out")
    assert load_tokenizer(out / "tokenizer.json").token_to_id(END) == 0
    seen, unseen = token_losses([TEXTS[0], "zq " * 15], out, 32, 16, "losses")
    assert seen.mean() < unseen.mean()


@pytest.mark.parametrize("family", DECODERS)
def test_every_decoder_is_one_of_transformers(family, tmp_path, bpe):
    recipe = decoder_recipe(family, steps=10, document_masking=True)
    _, notes = fit(tmp_path, bpe, recipe, valid=TEXTS[:4])
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    assert model.config.model_type == family and model.num_parameters() == notes["parameters"]
    assert model.config.max_position_embeddings == 16
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    ids = tokenizer(TEXTS[0], return_tensors="pt")["input_ids"]
    assert tokenizer.decode(ids[0]) == TEXTS[0]
    assert notes["valid_loss"] < 6 and torch.isfinite(model(ids[:, :16]).logits).all()


@pytest.mark.parametrize("masking", [False, True])
@pytest.mark.parametrize("family", ENCODERS)
def test_every_encoder_from_scratch_is_one_of_transformers(family, masking, tmp_path, marked_bpe):
    recipe = encoder_recipe(family, steps=10, document_masking=masking)
    run = run_in(tmp_path, recipe)
    notes = train_encoder(run, recipe, TEXTS, marked_bpe.parent, TEXTS[:4])
    model = AutoModelForMaskedLM.from_pretrained(run.target)
    assert model.config.model_type == family and model.num_parameters() == notes["parameters"]
    tokenizer = AutoTokenizer.from_pretrained(run.target)
    assert tokenizer.mask_token == "<mask>" and tokenizer.pad_token_id == 1
    ids = tokenizer("Aspirin was <mask>.", return_tensors="pt")
    assert ids["input_ids"][0, 0] == 0
    assert torch.isfinite(model(**ids).logits).all() and notes["valid_loss"] < 6.2


@pytest.mark.parametrize("family", ["encoder", "roberta", "modernbert"])
def test_every_encoder_goes_on_from_its_weights_and_keeps_its_tokenizer(family, tmp_path, request):
    start = request.getfixturevalue(family)
    recipe = encoder_recipe(steps=10)
    run = run_in(tmp_path, recipe)
    notes = train_encoder(run, recipe, TEXTS, start)
    name = "tokenizer.json"
    assert (run.target / name).read_bytes() == (start / name).read_bytes()
    AutoModelForMaskedLM.from_pretrained(run.target)
    losses = list(curve(tmp_path).values())
    assert sum(losses[-3:]) < sum(losses[:3]) and notes["sequences"] > 10
    assert weights_of(run.target) != weights_of(start)


def linear_outputs(model, seen):
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_hook(
                lambda module, inputs, output, name=name: seen.__setitem__(name, output.dtype)
            )


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("family", ["encoder", "roberta", "modernbert"])
def test_every_linear_layer_computes_in_the_declared_precision(
    family, precision, tmp_path, request, monkeypatch
):
    seen = {}
    plain = AutoModelForMaskedLM.from_pretrained

    def watched(*arguments, **options):
        model = plain(*arguments, **options)
        linear_outputs(model, seen)
        return model

    monkeypatch.setattr(AutoModelForMaskedLM, "from_pretrained", watched)
    recipe = encoder_recipe(steps=1, precision=precision)
    train_encoder(run_in(tmp_path, recipe), recipe, TEXTS, request.getfixturevalue(family))
    assert len(seen) > 8 and set(seen.values()) == {getattr(torch, precision)}


@pytest.mark.parametrize("device_batch_size", [1, 2, 4])
def test_the_batch_on_a_device_changes_nothing_that_was_asked_for(tmp_path, bpe, device_batch_size):
    fit(tmp_path / "run", bpe, device_batch_size=device_batch_size)
    fit(tmp_path / "plain", bpe)
    assert curve(tmp_path / "run") == pytest.approx(curve(tmp_path / "plain"), abs=1e-3)


@pytest.mark.parametrize("device_batch_size", [3, 8])
def test_a_batch_that_cannot_be_dealt_out_evenly_is_refused(tmp_path, bpe, device_batch_size):
    with pytest.raises(UserError, match="device_batch_size"):
        fit(tmp_path, bpe, device_batch_size=device_batch_size)


def test_gpus_that_are_not_there_are_missed_before_training(tmp_path, bpe, monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    with pytest.raises(UserError, match="asks for 2 GPUs, but none is here"):
        fit(tmp_path, bpe, gpus=2)


def test_compiled_layers_train_to_the_same_losses(tmp_path, bpe, monkeypatch):
    compiled = []

    def backend(graph, inputs):
        compiled.append(graph)
        return graph.forward

    monkeypatch.setattr(training, "COMPILER", backend)
    recipe = decoder_recipe(steps=3)
    fit(tmp_path / "compiled", bpe, recipe, compile=True)
    fit(tmp_path / "plain", bpe, recipe)
    assert compiled
    assert curve(tmp_path / "compiled") == pytest.approx(curve(tmp_path / "plain"), abs=1e-4)


def in_processes(folder, job, count=2):
    """Run a job in forks that are processes of one training; each must end well."""
    children = []
    for rank in range(count):
        if (child := os.fork()) == 0:
            status = 1
            try:
                os.environ |= {WORKER: "1", "RANK": str(rank), "LOCAL_RANK": str(rank)}
                torch.set_num_threads(1)
                torch.distributed.init_process_group(
                    "gloo",
                    init_method=f"file://{folder / 'store'}",
                    rank=rank,
                    world_size=count,
                    timeout=timedelta(seconds=60),
                )
                job()
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * count


def test_two_processes_train_as_one(tmp_path, bpe, marked_bpe):
    decoder, encoder = decoder_recipe(), encoder_recipe("bert")  # which has dropout

    def job(folder):
        run = run_in(folder / "decoder", decoder, device_batch_size=1)
        train_decoder(run, decoder, TEXTS, bpe, TEXTS[:4])
        run = run_in(folder / "encoder", encoder, device_batch_size=1)
        train_encoder(run, encoder, TEXTS, marked_bpe.parent, TEXTS[:4])

    in_processes(tmp_path, lambda: job(tmp_path / "two"))
    job(tmp_path / "one")
    for kind in ("decoder", "encoder"):
        for split, count in (("train", 40), ("valid", 10)):
            expected = curve(tmp_path / "one" / kind, split)
            assert len(expected) == count
            assert curve(tmp_path / "two" / kind, split) == pytest.approx(expected, abs=1e-3)


def test_the_valid_loss_is_measured_evenly_and_changes_no_weight(tmp_path, bpe):
    assert validated_at(40) == set(range(4, 41, 4)) and validated_at(3) == {1, 2, 3}
    measured, notes = fit(tmp_path / "measured", bpe, valid=TEXTS[:4])
    plain, plainly = fit(tmp_path / "plain", bpe)
    assert measured == plain and "valid_loss" not in plainly
    losses = curve(tmp_path / "measured", "valid")
    assert set(losses) == validated_at(40) and losses[40] < losses[4]
    assert notes["valid_loss"] == pytest.approx(losses[40], abs=1e-4)
    assert curve(tmp_path / "measured") == curve(tmp_path / "plain")


def test_the_rate_rises_and_falls_and_no_step_is_without():
    asked = decoder_recipe(steps=100, warmup_steps=10).training
    rates = [rate_at(step, asked) for step in range(100)]
    assert rates[0] == pytest.approx(0.001) and max(rates) == rates[9] == rates[10] == 0.01
    assert rates[10:] == sorted(rates[10:], reverse=True) and 0 < rates[-1] < 1e-4


def diverging(tmp_path, train, start, recipe):
    run = run_in(tmp_path, recipe)
    with pytest.raises(UserError) as error:
        train(run, recipe, TEXTS, start)
    assert not (run.target / "model.safetensors").exists()
    return str(error.value)


def test_a_loss_that_is_no_number_ends_training_with_its_step(tmp_path, bpe, encoder):
    recipe = decoder_recipe(learning_rate=1e30, warmup_steps=0)
    said = diverging(tmp_path / "decoder", train_decoder, bpe, recipe)
    assert re.search(r"run: the loss of step [23] is (nan|inf); .*lower the learning rate", said)
    recipe = encoder_recipe(learning_rate=1e30, warmup_steps=0)
    said = diverging(tmp_path / "encoder", train_encoder, encoder, recipe)
    assert "run: " in said and "step " in said and "lower the learning rate" in said


def test_weights_that_the_last_step_lost_are_not_delivered(tmp_path, bpe):
    recipe = decoder_recipe(learning_rate=1e38, warmup_steps=0, steps=1)
    said = diverging(tmp_path, train_decoder, bpe, recipe)
    assert "run: weights after step 1 are no numbers" in said
