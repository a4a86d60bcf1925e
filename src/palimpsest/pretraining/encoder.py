"""Encoders: continued masked-language-model pretraining."""

import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForMaskedLM, set_seed

from palimpsest.pretraining.config import EncoderRecipe
from palimpsest.pretraining.packing import IGNORED, masking, pack
from palimpsest.pretraining.training import ONE_FILE, Notes, Run, ScheduledTrainer
from palimpsest.runtime.checkpoints import check_tokens, load_pretrained, verified
from palimpsest.runtime.files import read_json, write_json
from palimpsest.text.tokenizers import encode_compact, encoder_marks, load_tokenizer


class MaskedTrainer(ScheduledTrainer):
    """Computes the vocabulary scores of masked positions only: the same loss, half the time."""

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        bare = self.accelerator.unwrap_model(model)
        labels = inputs["labels"]
        masked = labels != IGNORED
        if not masked.any():  # nothing was drawn: the mean of no position is no number
            scores = model(input_ids=inputs["input_ids"]).logits
            loss = scores.sum() * 0.0
            return (loss, scores) if return_outputs else loss
        if not hasattr(bare, "cls"):  # not of the BERT family: the head has another name and shape
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        hidden = bare.base_model(input_ids=inputs["input_ids"]).last_hidden_state
        scores = bare.cls(hidden[masked])
        total = torch.nn.functional.cross_entropy(scores, labels[masked], reduction="sum")
        loss = total / (masked.sum() if num_items_in_batch is None else num_items_in_batch)
        return (loss, scores) if return_outputs else loss


def train_encoder(run: Run, recipe: EncoderRecipe, texts: list[str], weights: Path) -> Notes:
    """Go on pretraining an encoder on some texts, save it, and return what to note.

    weights: the folder that it starts from.
    """
    verified(weights)
    tokenizer, training = load_tokenizer(weights / "tokenizer.json"), run.training
    shutil.copyfile(weights / "tokenizer.json", run.target / "tokenizer.json")
    write_json(run.target / "tokenizer_config.json", read_json(weights / "tokenizer_config.json"))
    start, end, mask = encoder_marks(tokenizer)
    packed = pack(encode_compact(tokenizer, texts), end, training.context - 2, run.seed)
    border = torch.ones(len(packed), 1, dtype=packed.dtype)
    sequences = torch.cat([border * start, packed, border * end], dim=1)
    set_seed(run.seed)
    encoder = load_pretrained(AutoModelForMaskedLM, weights, dtype=torch.float32)
    check_tokens(weights, encoder.config, tokenizer, training.context)
    example = masking(mask, encoder.config.vocab_size, recipe.mask_probability, {start, end, mask})
    notes = run.train(MaskedTrainer, encoder, sequences, example)
    encoder.save_pretrained(run.target, max_shard_size=ONE_FILE)
    return notes
