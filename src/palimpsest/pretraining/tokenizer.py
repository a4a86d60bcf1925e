"""A byte-level BPE tokenizer for decoders that are trained from scratch."""

from collections.abc import Iterable

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from palimpsest.text.tokenizers import END


def train_bpe(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """Train on some texts: same texts in the same order, same tokenizer.

    vocab_size: entries, with the 256 bytes and the end mark; fewer where the texts give no more.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
