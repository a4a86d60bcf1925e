"""Cut a part's last document at the end of a sentence, so that the part has about its budget."""

from dataclasses import dataclass

from tokenizers import Tokenizer

from palimpsest.text.sentences import pauses
from palimpsest.text.tokenizers import count_tokens


@dataclass(frozen=True)
class Kept:
    """What is kept of a document: its first characters, and how many tokens these are."""

    characters: int
    tokens: int
    whole: bool


def cut_at_sentence(
    text: str, tokens: int, room: float, tokenizer: Tokenizer, may_be_left_out: bool
) -> Kept:
    """The sentences from the start of a text whose tokens come nearest to a number.

    tokens: of the whole text, which may be kept too. may_be_left_out: whether nothing may be kept.
    """
    ends = [len(text[:end].rstrip()) for end in pauses(text, 0, len(text)) if end < len(text)]
    ends = [end for end in dict.fromkeys(ends) if end]
    counts = count_tokens(tokenizer, [text[:end] for end in ends])
    kept = [Kept(end, count, False) for end, count in zip(ends, counts, strict=True)]
    kept.append(Kept(len(text), tokens, True))
    if may_be_left_out:
        kept.insert(0, Kept(0, 0, False))
    return min(kept, key=lambda one: (abs(one.tokens - room), -one.tokens))
