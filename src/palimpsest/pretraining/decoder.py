"""Decoders: causal language models from scratch."""

from collections.abc import Sequence
from pathlib import Path

# isort: off
from palimpsest.runtime import lean_transformers  # noqa: F401  before transformers
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    LlamaConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen3Config,
    set_seed,
)

# isort: on
from palimpsest.pretraining.config import DecoderArchitecture, DecoderRecipe
from palimpsest.pretraining.objectives import CausalLoss
from palimpsest.pretraining.packing import Batches, Framing, causal_examples, pack
from palimpsest.pretraining.training import ONE_FILE, Notes, Run
from palimpsest.pretraining.workers import is_first
from palimpsest.text.tokenizers import END, encode_compact, load_tokenizer


def build_decoder(
    architecture: DecoderArchitecture, vocabulary: int, context: int, end: int
) -> PreTrainedModel:
    """A decoder with fresh weights; seed torch before. context: longest sequence in tokens."""
    marks = {"bos_token_id": end, "eos_token_id": end}
    common = {"vocab_size": vocabulary, "tie_word_embeddings": True, "use_cache": False, **marks}
    config = _config(architecture, context, common)
    return AutoModelForCausalLM.from_config(config, trust_remote_code=False)


def _config(
    architecture: DecoderArchitecture, context: int, common: dict[str, object]
) -> PreTrainedConfig:
    """As each family calls it. Nothing is dropped out, so that families differ in shape alone."""
    if architecture.family == "gpt2":
        return GPT2Config(
            n_positions=context,
            n_embd=architecture.hidden_size,
            n_inner=architecture.intermediate_size,
            n_layer=architecture.layers,
            n_head=architecture.heads,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            **common,
        )
    kind = LlamaConfig if architecture.family == "llama" else Qwen3Config
    return kind(
        hidden_size=architecture.hidden_size,
        intermediate_size=architecture.intermediate_size,
        num_hidden_layers=architecture.layers,
        num_attention_heads=architecture.heads,
        num_key_value_heads=architecture.key_value_heads or architecture.heads,
        head_dim=architecture.head_size or architecture.hidden_size // architecture.heads,
        max_position_embeddings=context,
        pad_token_id=common["eos_token_id"],
        **common,
    )


def framing_of(end: int) -> Framing:
    """The end mark before each document."""
    return Framing(before=(end,))


def train_decoder(
    run: Run,
    recipe: DecoderRecipe,
    texts: Sequence[str],
    tokenizer: Path,
    valid: Sequence[str] = (),
) -> Notes:
    """Train a decoder on some texts, save it to the run's target and return what to note.

    valid: texts on which the valid loss is measured.
    """
    bpe = load_tokenizer(tokenizer)
    end, training = bpe.token_to_id(END), recipe.training
    start = end if training.document_masking else None

    def batches(given: Sequence[str], what: str) -> Batches:
        sequences = pack(
            encode_compact(bpe, list(given)), framing_of(end), training.context, run.seed, what
        )
        return Batches(sequences, training.batch_size, run.seed, causal_examples, start)

    set_seed(run.seed)
    decoder = build_decoder(recipe.architecture, bpe.get_vocab_size(), training.context, end)
    notes = run.train(
        CausalLoss(decoder),
        batches(texts, "the corpus"),
        batches(valid, "the validation") if valid else None,
    )
    if is_first():
        decoder.save_pretrained(run.target, max_shard_size=ONE_FILE)
        PreTrainedTokenizerFast(
            tokenizer_object=bpe, bos_token=END, eos_token=END, pad_token=END
        ).save_pretrained(run.target)
    return notes
