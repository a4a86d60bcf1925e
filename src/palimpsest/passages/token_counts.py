"""Count the tokens of any stretch of a note after every word of it was counted once.

Most tokenizers split a text at white space before they do anything else, so that the tokens of a
text are the sum of those of its words, each taken with the white space before it. Words come again
and again: their counts are kept. Where a tokenizer or a note is not of that kind the sum is an
estimate, and passages are counted one by one.
"""

import json
import re
from array import array
from bisect import bisect_right
from itertools import accumulate

from tokenizers import Tokenizer

from palimpsest.text.tokenizers import count_tokens

WORD = re.compile(r"\s*\S+")
# White space for Python, but not for every tokenizer: BERT's removes these and joins the words.
CONTROL_SPACES = "\x0b\x0c\x1c\x1d\x1e\x1f\x85"
REMEMBERED = 300_000  # words whose counts are kept
LONGEST_REMEMBERED = 200  # characters


class TokenCounter:
    """Tokens of words, each encoded once."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.additive = counts_add_up(tokenizer)
        self._known: dict[str, int] = {"": 0}

    def count(self, text: str) -> int:
        """Tokens of a text that stands alone."""
        known = self._known.get(text)
        if known is None:
            known = count_tokens(self.tokenizer, [text])[0]
            if len(text) <= LONGEST_REMEMBERED:
                self._known[text] = known
        return known

    def measure(self, texts: list[str]) -> list["MeasuredText"]:
        """The texts with the tokens of their words; new words are encoded together."""
        if len(self._known) > REMEMBERED:
            self._known = {"": 0}
        # Not beyond the last word: white space at the end would be searched again and again.
        words = [WORD.findall(text, 0, len(text.rstrip())) for text in texts]
        fresh = list(dict.fromkeys(w for note in words for w in note if w not in self._known))
        counts = dict(zip(fresh, count_tokens(self.tokenizer, fresh), strict=True))
        self._known |= {w: n for w, n in counts.items() if len(w) <= LONGEST_REMEMBERED}
        long = {w: n for w, n in counts.items() if len(w) > LONGEST_REMEMBERED}
        measured = []
        for text, note in zip(texts, words, strict=True):
            known = list(map(self._known.get, note))
            if long and None in known:
                known = [long[w] if n is None else n for w, n in zip(note, known, strict=True)]
            measured.append(MeasuredText(self, text, note, known))
        return measured


class MeasuredText:
    """A text and the tokens up to each of its words.

    exact: whether the tokens of a stretch are always the sum of those of its words.
    """

    def __init__(
        self, counter: TokenCounter, text: str, words: list[str], counts: list[int]
    ) -> None:
        self.counter, self.text = counter, text
        self.exact = counter.additive and not any(space in text for space in CONTROL_SPACES)
        self.ends = array("q", accumulate(map(len, words)))  # characters up to a word's end
        self.tokens = array("q", accumulate(counts, initial=0))  # tokens before a word

    def word_at(self, position: int) -> int:
        """The word that a character, or the white space at it, belongs to."""
        return bisect_right(self.ends, position)

    def word_start(self, word: int) -> int:
        """Where a word starts with the white space before it."""
        return self.ends[word - 1] if word else 0

    def body(self, word: int) -> int:
        """Where a word starts without the white space before it; for the last: the text's end."""
        if word >= len(self.ends):
            return len(self.text)
        return self.ends[word] - len(self.text[self.word_start(word) : self.ends[word]].lstrip())

    def count(self, start: int, end: int) -> int:
        """Tokens of text[start:end] by its words: those of the stretch alone where `exact`."""
        first, last = self.word_at(start), self.word_at(end)
        if first == last:
            return self.counter.count(self.text[start:end])
        return (
            self._first(first, start)
            + self.tokens[last]
            - self.tokens[first + 1]
            + self.counter.count(self.text[self.ends[last - 1] : end])
        )

    def count_alone(self, spans: list[tuple[int, int]]) -> list[int]:
        """Tokens of each of some stretches, standing alone."""
        if self.exact:
            return [self.count(start, end) for start, end in spans]
        return count_tokens(self.counter.tokenizer, [self.text[start:end] for start, end in spans])

    def reach(self, start: int, tokens: int) -> int:
        """The last word start before which a stretch from `start` has at most so many tokens.

        White space before the word is not counted; the stretch may be empty.
        """
        first = self.word_at(start)
        if first >= len(self.ends):
            return len(self.text)
        budget = tokens - self._first(first, start) + self.tokens[first + 1]
        if self.tokens[first + 1] > budget:
            return start
        return self.body(bisect_right(self.tokens, budget) - 1)

    def _first(self, word: int, start: int) -> int:
        """Tokens of the rest of a word from `start`."""
        if start == self.word_start(word):
            return self.tokens[word + 1] - self.tokens[word]
        return self.counter.count(self.text[start : self.ends[word]])


def counts_add_up(tokenizer: Tokenizer) -> bool:
    """Whether the tokens of a text are always the sum of those of its words.

    True for two kinds whose splitting at white space is known: byte-level BPE with GPT-2's pattern
    and BERT's WordPiece.
    """
    parts = json.loads(tokenizer.to_str())
    normalizer, splitter, model = (
        parts[key] or {} for key in ("normalizer", "pre_tokenizer", "model")
    )
    if any(not added["special"] for added in parts["added_tokens"]):
        return False  # these are found in note text, and may hold white space
    if model.get("type") == "BPE" and splitter.get("type") == "ByteLevel":
        plain = splitter["use_regex"] and not splitter["add_prefix_space"]
        return plain and not normalizer and not model.get("dropout")
    if model.get("type") == "WordPiece" and splitter.get("type") == "BertPreTokenizer":
        return normalizer.get("type") == "BertNormalizer" and normalizer["clean_text"]
    return False
