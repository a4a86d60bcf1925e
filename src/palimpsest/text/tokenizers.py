"""Tokenizers read from tokenizer.json, for which note text is never a control token."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from palimpsest.runtime.checkpoints import verified
from palimpsest.runtime.errors import UserError

BATCH = 1000  # texts that are encoded at once
END = "<|endoftext|>"  # of decoders trained here: before the first document and between documents
# Of BERT, ELECTRA, DeBERTa and ModernBERT; of RoBERTa, XLM-R and MPNet; of mmBERT; of EuroBERT.
ENCODER_MARKS = (
    ("[CLS]", "[SEP]", "[MASK]"),
    ("<s>", "</s>", "<mask>"),
    ("<bos>", "<eos>", "<mask>"),
    ("<|begin_of_text|>", "<|end_of_text|>", "<|mask|>"),
)


def load_tokenizer(path: Path) -> Tokenizer:
    """Load a verified tokenizer.json without truncation and padding.

    path: in a folder of weights or a checkpoint, or of a tokenizer alone. `[SEP]` or `<|im_end|>`
    in a text that it encodes is text.
    Raises UserError when the file cannot be read, or is not that of the folder's manifest.
    """
    verified(path.parent, path.name)
    return read_tokenizer(path)


def read_tokenizer(path: Path) -> Tokenizer:
    """The same of a file that is not verified, such as a user's. Raises UserError as that does."""
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the tokenizers library raises plain Exception
        raise UserError(f"{path}: expected a tokenizer.json: {error}") from error
    return _plain(tokenizer)


def _plain(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    return tokenizer


def encode(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    """Token ids of each text, without marks at its ends."""
    return [encoded.ids for encoded in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]


def encode_with_offsets(
    tokenizer: Tokenizer, texts: list[str]
) -> Iterator[tuple[list[int], np.ndarray]]:
    """The same, each with the character offsets of its tokens in the text: (tokens, 2)."""
    for first in range(0, len(texts), BATCH):
        batch = texts[first : first + BATCH]
        for encoded in tokenizer.encode_batch(batch, add_special_tokens=False):
            yield encoded.ids, np.array(encoded.offsets, int).reshape(-1, 2)


def of_words(tokenizer: Tokenizer) -> Tokenizer:
    """The same tokenizer for words that were cut out of running text, see `encode_words`.

    A byte-level BPE knows a word within a text by the space before it; here it puts one there.
    """
    state = json.loads(tokenizer.to_str())
    splitter = state["pre_tokenizer"] or {}
    for part in (splitter, *splitter.get("pretokenizers", ())):
        if part.get("type") == "ByteLevel":
            part["add_prefix_space"] = True
    return _plain(Tokenizer.from_str(json.dumps(state)))


def encode_words(tokenizer: Tokenizer, texts: list[list[str]]) -> list[list[list[int]]]:
    """Token ids of each word of each text; a word may have none, such as a control character.

    tokenizer: made by `of_words`. The ids are those of transformers' `is_split_into_words`.
    """
    found = []
    for words, encoded in zip(
        texts,
        tokenizer.encode_batch(texts, is_pretokenized=True, add_special_tokens=False),
        strict=True,
    ):
        pieces: list[list[int]] = [[] for _ in words]
        for piece, word in zip(encoded.ids, encoded.word_ids, strict=True):
            pieces[word].append(piece)
        found.append(pieces)
    return found


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


@dataclass(frozen=True)
class Frame:
    """The marks that an encoder expects around one text and around two, as ids.

    begin, end: around one text or the whole pair. between: two texts. second_type: the token type
    of the second text, and of the marks behind it.
    """

    begin: list[int]
    between: list[int]
    end: list[int]
    second_type: int

    def around(self, ids: list[int]) -> list[int]:
        """One text."""
        return [*self.begin, *ids, *self.end]

    def around_two(self, first: list[int], second: list[int]) -> tuple[list[int], list[int]]:
        """Two texts, and the token types."""
        head = [*self.begin, *first, *self.between]
        tail = [*second, *self.end]
        return head + tail, [0] * len(head) + [self.second_type] * len(tail)


def frame_of(tokenizer: Tokenizer) -> Frame:
    """The marks of an encoder: those that its tokenizer puts there, else those of its family.

    BERT: [CLS] a [SEP] b [SEP]. RoBERTa: <s> a </s></s> b </s>.
    Raises UserError when it has none.
    """
    encoded = tokenizer.encode("a", "a", add_special_tokens=True)
    places: dict[int, list[int]] = {0: [], 1: []}
    for place, sequence in enumerate(encoded.sequence_ids):
        if sequence is not None:
            places[sequence].append(place)
    if places[0] and places[1] and places[0][0] > 0:
        first, second = places[0], places[1]
        return Frame(
            encoded.ids[: first[0]],
            encoded.ids[first[-1] + 1 : second[0]],
            encoded.ids[second[-1] + 1 :],
            encoded.type_ids[second[0]],
        )
    start, end, _ = encoder_marks(tokenizer)
    if tokenizer.id_to_token(end) == "</s>":
        return Frame([start], [end, end], [end], 0)
    return Frame([start], [end], [end], 1)
