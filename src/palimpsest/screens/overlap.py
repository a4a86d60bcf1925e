"""Screens of what an answer has in common with itself, with its passage and with its prompt."""

from collections.abc import Iterator
from functools import lru_cache
from typing import ClassVar, Literal

from pydantic import Field

from palimpsest.runtime.schema import Share
from palimpsest.screens.screen import NAME, Answer, MeasuringScreen, Screen
from palimpsest.text.loops import is_looped
from palimpsest.text.ngrams import ngrams, words
from palimpsest.text.sentences import segments

ECHO_WORDS = 8
REPEAT_WORDS = 4
COPY_WORDS = 5
STEM = 6  # letters: infusion and infused are one content word, and so are most inflections
# Words that any English text has, of four letters and more.
COMMON = frozenset(
    "about above after again also although among another because been before being below "
    "between both came come could does doing done down during each either else even ever every "
    "from further given have having here hers herself himself however into itself just made "
    "make many more most much must near neither none only onto other otherwise over same "
    "several shall should since some such than that their them then there therefore these they "
    "this those though through thus under until unto upon very want well were what when where "
    "whereas whether which while whom whose will with within without would your yours".split()
)


class PromptEcho(Screen):
    """Rejects an answer with eight words in a row from the prompt that are not in the passage."""

    name: Literal["prompt_echo"] = NAME

    def check(self, answer: Answer) -> str | None:
        own = f"{answer.system}\n{answer.user.replace(answer.passage, ' ')}"
        found = _prompt_grams(own).intersection(ngrams(answer.words, ECHO_WORDS))
        if found and not found.issubset(ngrams(answer.passage_words, ECHO_WORDS)):
            return self.name
        return None


@lru_cache(maxsize=64)  # the requests of a prompt differ in little but the passage
def _prompt_grams(prompt: str) -> frozenset[tuple[str, ...]]:
    return frozenset(ngrams(words(prompt), ECHO_WORDS))


class LimitedShare(MeasuringScreen):
    """A screen of a share that may be too high."""

    max_share: Share = Field(description="Above it an answer is rejected.")

    def check(self, answer: Answer) -> str | None:
        return self.name if answer.measured[self.column] > self.max_share else None


class Repetition(LimitedShare):
    """Rejects an answer of whose 4-grams of words more than `max_share` repeat an earlier one.

    Or one with a loop, of words or of other characters, that the passage does not have: a line or
    sentence that stands three times, or 256 bytes in a row that compress to a fifth.
    """

    name: Literal["repetition"] = NAME
    column: ClassVar = "repeated_share"

    def check(self, answer: Answer) -> str | None:
        looped = is_looped(answer.text, answer.passage)
        return self.name if looped else super().check(answer)

    @staticmethod
    def measure(answer: Answer) -> float:
        grams = ngrams(answer.words, REPEAT_WORDS)
        return 1 - len(set(grams)) / len(grams) if grams else 0.0


class Copy(LimitedShare):
    """Rejects an answer of whose 5-grams of words more than `max_share` stand in the passage.

    The share of an answer too short for a 5-gram is 1 if all of it stands in the passage, else 0.
    """

    name: Literal["copy"] = NAME
    column: ClassVar = "copied_share"

    @staticmethod
    def measure(answer: Answer) -> float:
        size = min(COPY_WORDS, len(answer.words))
        copied, grams = set(ngrams(answer.passage_words, size)), ngrams(answer.words, size)
        return sum(gram in copied for gram in grams) / len(grams) if size else 0.0


class ContextCopied(LimitedShare):
    """Rejects an answer with more than `max_share` of what a sentence of the context alone says.

    That are its content words and numbers, as of `off_topic`, that the passage has not, where there
    are two or more: a rephrase is to say what its passage says. Of all sentences the highest share
    counts. Without a context it is 0.
    """

    name: Literal["context_copied"] = NAME
    column: ClassVar = "context_share"

    @staticmethod
    def measure(answer: Answer) -> float:
        if not answer.context:
            return 0.0
        passage, said = content_words(answer.passage_words), content_words(answer.words)
        told = (content_words(words(one)) - passage for one in told_sentences(answer.context))
        return max((len(own & said) / len(own) for own in told if len(own) > 1), default=0.0)


def told_sentences(context: str) -> Iterator[str]:
    """The sentences of a context, without what each line is called."""
    for line in context.split("\n"):
        told = line.partition(": ")[2]
        yield from (told[start:end] for start, end in segments(told))


class OffTopic(MeasuringScreen):
    """Rejects an answer with less than `min_share` of the passage's content words and numbers.

    Content words have four letters or more and are compared by their first six. Synonyms and
    spelled-out abbreviations are not found, so keep `min_share` low.
    """

    name: Literal["off_topic"] = NAME
    min_share: Share = Field(description="Below it an answer is rejected.")
    column: ClassVar = "found_share"

    @staticmethod
    def measure(answer: Answer) -> float:
        wanted = content_words(answer.passage_words)
        return len(wanted & content_words(answer.words)) / len(wanted) if wanted else 1.0

    def check(self, answer: Answer) -> str | None:
        return self.name if answer.measured[self.column] < self.min_share else None


def content_words(tokens: list[str]) -> set[str]:
    """What a text is about: its numbers, and its longer words cut to their first letters."""
    found = set()
    for token in tokens:
        if not token.isalpha() and any(map(str.isdigit, token)):
            found.add(token)
        elif len(token) > 3 and token not in COMMON:
            found.add(token[:STEM])
    return found
