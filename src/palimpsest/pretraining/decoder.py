"""Decoders: Llama models from scratch."""

from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

from palimpsest.pretraining.config import DecoderArchitecture, DecoderRecipe
from palimpsest.pretraining.packing import causal_example, pack
from palimpsest.pretraining.training import ONE_FILE, Notes, Run, ScheduledTrainer
from palimpsest.text.tokenizers import END, encode_compact, load_tokenizer


def build_decoder(
    architecture: DecoderArchitecture, vocabulary: int, context: int, end: int
) -> LlamaForCausalLM:
    """A decoder with fresh weights; seed torch before. context: longest sequence in tokens."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=architecture.hidden_size,
            intermediate_size=architecture.intermediate_size,
            num_hidden_layers=architecture.layers,
            num_attention_heads=architecture.heads,
            num_key_value_heads=architecture.heads,
            max_position_embeddings=context,
            tie_word_embeddings=True,
            bos_token_id=end,
            eos_token_id=end,
            pad_token_id=end,
            use_cache=False,
        )
    )


def train_decoder(run: Run, recipe: DecoderRecipe, texts: list[str], tokenizer: Path) -> Notes:
    """Train a decoder on some texts, save it to the run's target and return what to note."""
    bpe = load_tokenizer(tokenizer)
    end, training = bpe.token_to_id(END), recipe.training
    sequences = pack(encode_compact(bpe, texts), end, training.context, run.seed)
    set_seed(run.seed)
    decoder = build_decoder(recipe.architecture, bpe.get_vocab_size(), training.context, end)
    notes = run.train(ScheduledTrainer, decoder, sequences, causal_example)
    decoder.to(torch.float32).save_pretrained(run.target, max_shard_size=ONE_FILE)
    PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token=END, eos_token=END, pad_token=END
    ).save_pretrained(run.target)
    return notes
