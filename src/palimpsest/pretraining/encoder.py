"""Encoders: masked language models, from weights or from scratch."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

# isort: off
from palimpsest.runtime import lean_transformers  # noqa: F401  before transformers
from transformers import (
    AutoModelForMaskedLM,
    BertConfig,
    ModernBertConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    set_seed,
)

# isort: on
from palimpsest.pretraining.config import EncoderArchitecture, EncoderRecipe
from palimpsest.pretraining.objectives import MaskedLoss
from palimpsest.pretraining.packing import Batches, Framing, masking, pack
from palimpsest.pretraining.tokenizer import ENCODER_MARKS
from palimpsest.pretraining.training import ONE_FILE, Notes, Run
from palimpsest.pretraining.workers import is_first
from palimpsest.runtime.checkpoints import check_tokens, load_pretrained, verified
from palimpsest.text.tokenizers import encode_compact, encoder_marks, load_tokenizer


def build_encoder(
    architecture: EncoderArchitecture, tokenizer: Tokenizer, context: int
) -> PreTrainedModel:
    """An encoder with fresh weights; seed torch before. context: longest sequence in tokens."""
    config = _config(architecture, tokenizer, context)
    return AutoModelForMaskedLM.from_config(config, trust_remote_code=False)


def _config(
    architecture: EncoderArchitecture, tokenizer: Tokenizer, context: int
) -> PreTrainedConfig:
    """As each family calls it; what is not declared is the family's default."""
    start, end, _ = encoder_marks(tokenizer)
    padding = tokenizer.token_to_id(ENCODER_MARKS["pad_token"])
    common = {
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": architecture.hidden_size,
        "intermediate_size": architecture.intermediate_size,
        "num_hidden_layers": architecture.layers,
        "num_attention_heads": architecture.heads,
        "bos_token_id": start,
        "eos_token_id": end,
        "pad_token_id": padding,
    }
    if architecture.family == "modernbert":
        marks = {"cls_token_id": start, "sep_token_id": end}
        return ModernBertConfig(max_position_embeddings=context, **marks, **common)
    if architecture.family == "roberta":  # its first position is the one behind the padding's
        places = context + padding + 1
        return RobertaConfig(max_position_embeddings=places, type_vocab_size=1, **common)
    return BertConfig(max_position_embeddings=context, **common)


def framing_of(first: int, last: int, kept_apart: bool) -> Framing:
    """The marks of documents and sequences. kept_apart: each document has a frame of its own."""
    if kept_apart:
        return Framing(before=(first,), after=(last,))
    return Framing(before=(last,), first=(first,), last=(last,))


def train_encoder(
    run: Run,
    recipe: EncoderRecipe,
    texts: Sequence[str],
    start: Path,
    valid: Sequence[str] = (),
) -> Notes:
    """Pretrain an encoder on some texts, save it to the run's target and return what to note.

    start: the folder of weights that it goes on from, or from scratch the one of its tokenizer.
    valid: texts on which the valid loss is measured.
    """
    tokenizer, training = load_tokenizer(start / "tokenizer.json"), run.training
    first, last, mask = encoder_marks(tokenizer)
    set_seed(run.seed)
    if recipe.architecture:
        encoder = build_encoder(recipe.architecture, tokenizer, training.context)
    else:
        verified(start)
        encoder = load_pretrained(AutoModelForMaskedLM, start, dtype=torch.float32)
        check_tokens(start, encoder.config, tokenizer, training.context)
    kept_apart = training.document_masking
    framing = framing_of(first, last, kept_apart)
    special = {first, last, mask}
    examples = masking(mask, encoder.config.vocab_size, recipe.mask_probability, special)

    def batches(given: Sequence[str], what: str) -> Batches:
        encoded = encode_compact(tokenizer, list(given))
        sequences = pack(encoded, framing, training.context, run.seed, what)
        document_start = first if kept_apart else None
        return Batches(sequences, training.batch_size, run.seed, examples, document_start)

    objective = MaskedLoss(encoder, kept_apart, recipe.mask_probability)
    notes = run.train(
        objective, batches(texts, "the corpus"), batches(valid, "the validation") if valid else None
    )
    if is_first():
        encoder.save_pretrained(run.target, max_shard_size=ONE_FILE)
        if recipe.architecture:
            saved = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **ENCODER_MARKS)
            saved.save_pretrained(run.target)
        else:
            for name in ("tokenizer.json", "tokenizer_config.json"):
                shutil.copyfile(start / name, run.target / name)
    return notes
