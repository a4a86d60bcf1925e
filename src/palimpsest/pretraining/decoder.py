"""Decoders: Llama models from scratch."""

from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

from palimpsest.pretraining.packing import Schedule, causal_example, pack
from palimpsest.pretraining.training import ScheduledTrainer, train
from palimpsest.text.tokenizers import END, encode_compact, load_tokenizer


def build_decoder(architecture: dict[str, int], vocabulary: int, context: int, end: int):
    """A decoder with fresh weights; seed torch before. context: longest sequence in tokens."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=architecture["hidden_size"],
            intermediate_size=architecture["intermediate_size"],
            num_hidden_layers=architecture["layers"],
            num_attention_heads=architecture["heads"],
            num_key_value_heads=architecture["heads"],
            max_position_embeddings=context,
            tie_word_embeddings=True,
            bos_token_id=end,
            eos_token_id=end,
            pad_token_id=end,
            use_cache=False,
        )
    )


def train_decoder(
    what: str,
    model: dict[str, Any],
    engine: dict[str, Any],
    texts: list[str],
    tokenizer: Path,
    seed: int,
    working: Path,
    target: Path,
) -> dict[str, Any]:
    """Train a decoder on some texts, save it to `target` and return what to note of the run."""
    bpe = load_tokenizer(tokenizer)
    end, training = bpe.token_to_id(END), model["training"]
    sequences = pack(encode_compact(bpe, texts), end, training["context"], seed)
    set_seed(seed)
    decoder = build_decoder(model["architecture"], bpe.get_vocab_size(), training["context"], end)
    examples = training["steps"] * training["batch_size"]
    schedule = Schedule(sequences, examples, seed, causal_example)
    loss = train(what, ScheduledTrainer, decoder, schedule, training, engine, seed, working)
    decoder.to(torch.float32).save_pretrained(target)
    PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token=END, eos_token=END, pad_token=END
    ).save_pretrained(target)
    return {
        "parameters": decoder.num_parameters(),
        "sequences": len(sequences),
        "epochs": round(examples / len(sequences), 3),
        "loss": round(loss, 4),
    }
