"""Tokenizers read from tokenizer.json, for which note text is never a control token."""

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from palimpsest.runtime.errors import UserError

BATCH = 1000  # texts that are encoded at once
END = "<|endoftext|>"  # of decoders trained here: before the first document and between documents
ENCODER_MARKS = (("[CLS]", "[SEP]", "[MASK]"), ("<s>", "</s>", "<mask>"))  # BERT, RoBERTa


def load_tokenizer(path: Path) -> Tokenizer:
    """Load a tokenizer.json without truncation and padding.

    `[SEP]` or `<|im_end|>` in a text that it encodes is text.
    Raises UserError when the file cannot be read.
    """
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the tokenizers library raises plain Exception
        raise UserError(f"{path}: expected a tokenizer.json: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    return tokenizer


def encode(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    """Token ids of each text, without marks at its ends."""
    return [encoded.ids for encoded in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]


def encode_compact(tokenizer: Tokenizer, texts: list[str]) -> list[np.ndarray]:
    """As `encode`, in 4 bytes a token: a corpus of millions of tokens fits into memory."""
    batches = (texts[first : first + BATCH] for first in range(0, len(texts), BATCH))
    return [np.array(ids, np.int32) for batch in batches for ids in encode(tokenizer, batch)]


def count_tokens(tokenizer: Tokenizer, texts: list[str]) -> list[int]:
    """Tokens of each text."""
    return [len(ids) for ids in encode(tokenizer, texts)]


def encoder_marks(tokenizer: Tokenizer) -> tuple[int, int, int]:
    """Ids of an encoder's start, end and mask tokens. Raises UserError when it has none."""
    for names in ENCODER_MARKS:
        start, end, mask = (tokenizer.token_to_id(name) for name in names)
        if start is not None and end is not None and mask is not None:
            return start, end, mask
    raise UserError(f"the encoder's tokenizer has none of the marks {ENCODER_MARKS}")
