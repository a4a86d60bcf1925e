"""Sentences that an LLM wrote for a category: what is taken of an answer, and their own screens."""

import re
from collections import Counter, defaultdict
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field, PrivateAttr

from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Positive, Share
from palimpsest.screens.config import EchoedTaxonomy
from palimpsest.screens.length import Truncated
from palimpsest.screens.residue import ChatResidue, Refusal, Thinking
from palimpsest.screens.screen import NAME, Answer, Screen, SentenceScreen
from palimpsest.text.ngrams import ngrams, words
from palimpsest.text.patterns import pattern
from palimpsest.text.sentences import sentences_of

ECHO_WORDS = 8
LIKENESS_WORDS = 3
Gram = tuple[str, ...]

# What an assistant writes before the sentence.
ITS_OWN = r"(?:sentence|note|example|answer|response|output|text|entry|statement)s?"
LEAD_IN = pattern(
    r"\A(?:[\s\"'“”‘’*#>-]*(?:"
    r"(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|yes|great)\s*[,:.!]"
    rf"|(?:here(?:\W?s| is| are)|(?:below|this|the following) is)\b[^\n:]{{0,80}}\b{ITS_OWN}\b"
    r"[^\n:]{0,80}:"
    rf"|(?:(?:a|the|my|one|clinical|possible|example|written|final) )*{ITS_OWN} ?\d* ?:"
    r")\s*)+",
    ignore_case=True,
)
# What an assistant says about its sentence. Patients who cannot finish a sentence, must pass.
ABOUT = pattern(
    r"\bthis is (a|the|my|one)( \w+)? (sentence|note|example)\b|\bthis note (goes on|explains)\b"
    r"|\A\W*i(\W?m| am|\W?ll| will)( now)? (writ(e|ing)|going to write|looking for)\b"
    r"[^.]{0,60}\b(note|sentence)\b",
    ignore_case=True,
    captures=False,
)
# What a prompt writes before a part of it, as `What it must say:`.
LABEL = pattern(r"(?m)^[^\n:]{3,60}:")
EMPHASIS = re.compile(r"\*\*|__|`+")
QUOTES = {'"': '"', "“": "”", "‘": "’", "'": "'"}
# A written sentence ends; what stands open was cut off.
END = pattern(r"[.!?][\"'”’)\]]*\Z")


def first_sentence(text: str) -> tuple[str, bool]:
    """The first sentence of an answer, and whether it is all of it.

    Without a lead-in, bullet, emphasis and quotation marks around it, and on one line. Nothing
    where no sentence is found.
    """
    text = EMPHASIS.sub("", text)
    text = LEAD_IN.sub("", text).strip()
    places = sentences_of(text)
    if not places:
        return "", True
    start, end = places[0]
    return _unquoted(" ".join(text[start:end].split())), end == len(text)


def _unquoted(sentence: str) -> str:
    """A sentence without quotation marks that are around all of it, or closed after it."""
    closing = QUOTES.get(sentence[:1])
    inside = sentence[1:]
    if closing and inside.endswith(closing) and closing not in inside[:-1]:
        return inside[:-1].strip()
    # Its end lies in a later sentence: a closing mark that is none, as in "'Tis", is no reason.
    if closing and closing != "'" and closing not in inside:
        return inside.strip()
    return sentence


def written_sentence(request: Row, completion: Row) -> Answer:
    """What a completion says, to be screened as one sentence.

    request: system and user. completion: text (nothing where it failed) and finish_reason.
    """
    said = (completion["text"] or "").strip()
    sentence, alone = first_sentence(said)
    out_of_room = completion["finish_reason"] == "length" and alone
    return Answer(
        system=request["system"],
        user=request["user"],
        passage="",
        said=said,
        text=sentence,
        truncated=out_of_room and not END.search(sentence),
    )


def sentence_screens(taxonomy: EchoedTaxonomy) -> list[Screen]:
    """The screens that look at one sentence and its request, in order."""
    return [
        Refusal(name="refusal"),
        Thinking(name="thinking"),
        ChatResidue(name="chat_residue"),
        AboutSentence(name="about_sentence"),
        Truncated(name="truncated"),
        NoSentence(name="not_one_sentence"),
        WordCount(name="word_count"),
        Echo(name="echo", taxonomy=taxonomy),
    ]


class AboutSentence(SentenceScreen):
    """Rejects what an assistant says about the sentence that it was asked for."""

    name: Literal["about_sentence"] = NAME
    reasons: ClassVar = ("chat_residue",)

    def check(self, answer: Answer) -> str | None:
        return "chat_residue" if ABOUT.search(answer.text) else None


class NoSentence(SentenceScreen):
    """Rejects an answer that begins with no sentence, such as a heading alone."""

    name: Literal["not_one_sentence"] = NAME

    def check(self, answer: Answer) -> str | None:
        return None if answer.text else self.name


class WordCount(SentenceScreen):
    """Rejects a sentence of fewer than 4 words or more than 60."""

    name: Literal["word_count"] = NAME
    min_words: Positive = Field(4, description="With fewer a sentence is `too_short`.")
    max_words: Positive = Field(60, description="With more a sentence is `too_long`.")
    reasons: ClassVar = ("too_short", "too_long")

    def check(self, answer: Answer) -> str | None:
        if len(answer.words) < self.min_words:
            return "too_short"
        return "too_long" if len(answer.words) > self.max_words else None


class Echo(SentenceScreen):
    """Rejects a sentence that repeats its prompt or its taxonomy.

    `prompt_echo`: eight words in a row of the prompt or of the guideline or a definition, or a
    shorter sentence as a whole, or a label that the prompt has at the start of a line.
    `example_echo`: eight words in a row, or all, of an example or near miss.
    """

    name: Literal["echo"] = NAME
    taxonomy: EchoedTaxonomy = Field(description="What the prompt may have told.")
    reasons: ClassVar = ("prompt_echo", "example_echo")

    @cached_property
    def _examples(self) -> set[Gram]:
        """The words of each example and near miss."""
        return {
            tuple(words(text))
            for category in self.taxonomy.categories
            for text in [*category.examples, *category.near_misses]
        }

    @cached_property
    def _told(self) -> set[Gram]:
        return {gram for text in self._examples for gram in ngrams(text, ECHO_WORDS)}

    @cached_property
    def _rules(self) -> set[Gram]:
        definitions = [category.definition for category in self.taxonomy.categories]
        rules = [self.taxonomy.guideline, *definitions]
        return {gram for text in rules for gram in ngrams(words(text), ECHO_WORDS)} - self._told

    def check(self, answer: Answer) -> str | None:
        tokens, prompt = tuple(answer.words), f"{answer.system}\n{answer.user}"
        if tokens in self._examples:
            return "example_echo"
        if any(answer.text.startswith(label) for label in LABEL.findall(prompt)):
            return "prompt_echo"
        size = min(ECHO_WORDS, len(tokens))
        said = ngrams(tokens, size)
        # Examples that the prompt tells are no echo of the prompt.
        heard = set(ngrams(words(prompt), size)) - self._told
        if not (heard.isdisjoint(said) and self._rules.isdisjoint(said)):
            return "prompt_echo"
        return None if self._told.isdisjoint(said) else "example_echo"


class NearDuplicate(SentenceScreen):
    """Rejects a sentence too like one of its set that was kept before it."""

    name: Literal["near_duplicate"] = NAME
    max_likeness: Share = Field(description="Jaccard index of 3-grams; above it one is rejected.")
    # The sentences that were kept: how many 3-grams each has, and which of them have a 3-gram.
    _sizes: list[int] = PrivateAttr(default_factory=list)
    _having: defaultdict[Gram, list[int]] = PrivateAttr(default_factory=lambda: defaultdict(list))

    def check(self, answer: Answer) -> str | None:
        grams = set(ngrams(answer.words, LIKENESS_WORDS))
        # Only sentences that share a 3-gram are looked at.
        shared = Counter(other for gram in grams for other in self._having.get(gram, ()))
        alike = any(
            count / (len(grams) + self._sizes[other] - count) > self.max_likeness
            for other, count in shared.items()
        )
        return self.name if alike else None

    def keep(self, answer: Answer) -> None:
        """Hold what comes against a sentence, too."""
        grams = set(ngrams(answer.words, LIKENESS_WORDS))
        for gram in grams:
            self._having[gram].append(len(self._sizes))
        self._sizes.append(len(grams))
