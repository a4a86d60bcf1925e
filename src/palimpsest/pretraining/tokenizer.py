"""A byte-level BPE tokenizer for models that are trained from scratch."""

from collections.abc import Iterable
from typing import Literal

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from palimpsest.text.tokenizers import END

# Control tokens of encoders, as transformers calls them; their ids are in this order.
ENCODER_MARKS = {
    "cls_token": "<s>",
    "pad_token": "<pad>",
    "sep_token": "</s>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}


def train_bpe(
    texts: Iterable[str], vocab_size: int, marks: Literal["decoder", "encoder"] = "decoder"
) -> Tokenizer:
    """Train on some texts: same texts in the same order, same tokenizer.

    vocab_size: entries, with the 256 bytes and the control tokens; fewer where the texts give no
    more. marks: a decoder has an end mark; an encoder has ENCODER_MARKS, which stand around one
    text and around two as RoBERTa has them.
    """
    special = [END] if marks == "decoder" else list(ENCODER_MARKS.values())
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    if marks == "encoder":
        ends = [(name, tokenizer.token_to_id(name)) for name in ("</s>", "<s>")]
        tokenizer.post_processor = processors.RobertaProcessing(*ends, add_prefix_space=False)
    return tokenizer
