"""Sentences that an LLM wrote for a category: what is taken of an answer, and the screens."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from palimpsest.screens.residue import CHAT, CONTROL, REFUSAL, THINKING
from palimpsest.text.ngrams import ngrams, words
from palimpsest.text.sentences import sentences_of

# Why a written sentence is not in its set, in the order in which it is looked at.
REASONS = {
    "empty": "the answer has no word",
    "refusal": "the LLM declined, or spoke of itself",
    "thinking": "thoughts of the LLM are in the answer",
    "chat_residue": "the sentence speaks to the user, or the answer has marks of a chat template",
    "truncated": "the answer ended for want of room within the sentence",
    "not_one_sentence": "the answer begins with no sentence, as a heading alone",
    "too_short": "fewer than 4 words",
    "too_long": "more than 60 words",
    "prompt_echo": "8 words in a row of the prompt or of the taxonomy's guideline or definitions, "
    "or a shorter sentence as a whole, or a label that the prompt has at the start of a line",
    "example_echo": "8 words in a row, or all, of an example or near miss of the taxonomy",
    "near_duplicate": "too like a sentence of the set that was kept before it",
    "real_text": "8 words in a row that stand in notes of few patients",
    "check_failed": "the back-check gave no answer",
    "not_confirmed": "the back-check denied the category, or for none found one",
    "beyond_balance": "the category had enough sentences",
}
FAILED = "failed:"  # precedes an engine's reason, some of which are called as a screen is
FEWEST, MOST = 4, 60  # words of a sentence
ECHO_WORDS = 8
LIKENESS_WORDS = 3

# What an assistant writes before the sentence.
ITS_OWN = r"(?:sentence|note|example|answer|response|output|text|entry|statement)s?"
LEAD_IN = re.compile(
    r"\A(?:[\s\"'“”‘’*#>-]*(?:"
    r"(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|yes|great)\s*[,:.!]"
    rf"|(?:here(?:\W?s| is| are)|(?:below|this|the following) is)\b[^\n:]{{0,80}}\b{ITS_OWN}\b"
    r"[^\n:]{0,80}:"
    rf"|(?:(?:a|the|my|one|clinical|possible|example|written|final) )*{ITS_OWN} ?\d* ?:"
    r")\s*)+",
    re.I,
)
# What an assistant says about its sentence. Patients who cannot finish a sentence, must pass.
ABOUT = re.compile(
    r"\bthis is (a|the|my|one)( \w+)? (sentence|note|example)\b|\bthis note (goes on|explains)\b"
    r"|\A\W*i(\W?m| am|\W?ll| will)( now)? (writ(e|ing)|going to write|looking for)\b"
    r"[^.]{0,60}\b(note|sentence)\b",
    re.I,
)
# What a prompt writes before a part of it, as `What it must say:`.
LABEL = re.compile(r"^[^\n:]{3,60}:", re.M)
EMPHASIS = re.compile(r"\*\*|__|`+")
QUOTES = {'"': '"', "“": "”", "‘": "’", "'": "'"}
# A written sentence ends; what stands open was cut off.
END = re.compile(r"[.!?][\"'”’)\]]*\Z")


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


class Echoes:
    """Finds what a sentence repeats of a taxonomy and of its prompt."""

    def __init__(self, taxonomy: dict[str, Any]) -> None:
        """taxonomy: guideline, and of each category definition, examples and near misses."""
        rules, told = [taxonomy["guideline"]], []
        for category in taxonomy["categories"]:
            rules.append(category["definition"])
            told += category["examples"] + [miss["text"] for miss in category["near_misses"]]
        examples = [tuple(words(text)) for text in told]
        self._whole = set(examples)
        self._told = {gram for text in examples for gram in ngrams(text, ECHO_WORDS)}
        self._rules = {gram for text in rules for gram in ngrams(words(text), ECHO_WORDS)}

    def of(self, sentence: str, prompt: str) -> str | None:
        """The reason code of an echo in a sentence, or None.

        prompt: system and user message. Examples that it tells are no echo of the prompt.
        """
        tokens = tuple(words(sentence))
        if tokens in self._whole:
            return "example_echo"
        if any(sentence.startswith(label) for label in LABEL.findall(prompt)):
            return "prompt_echo"
        heard = _spaced(words(prompt))
        for gram in ngrams(tokens, min(ECHO_WORDS, len(tokens))):
            if gram not in self._told and (gram in self._rules or _spaced(gram) in heard):
                return "prompt_echo"
        return None if self._told.isdisjoint(ngrams(tokens, ECHO_WORDS)) else "example_echo"


def _spaced(tokens: Sequence[str]) -> str:
    return f" {' '.join(tokens)} "


def screened(
    request: dict[str, Any], completion: dict[str, Any], echoes: Echoes
) -> tuple[str, str | None]:
    """The sentence of an answer, and the reason code of the screen that turns it down, or None.

    These screens look at one answer. request: system and user. completion: text, failure and
    finish_reason.
    """
    if completion["failure"]:
        return "", f"{FAILED}{completion['failure']}"
    text = completion["text"].strip()
    if not words(text):
        return "", "empty"
    sentence, alone = first_sentence(text)
    for reason, found in (
        ("refusal", REFUSAL.search(text) or REFUSAL.search(sentence)),
        ("thinking", THINKING.search(text)),
        # Chat after the sentence was cut off with all that follows.
        ("chat_residue", CONTROL.search(text) or CHAT.search(sentence) or ABOUT.search(sentence)),
        (
            "truncated",
            completion["finish_reason"] == "length" and alone and not END.search(sentence),
        ),
        ("not_one_sentence", not sentence),
    ):
        if found:
            return sentence, reason
    tokens = words(sentence)
    if len(tokens) < FEWEST:
        return sentence, "too_short"
    if len(tokens) > MOST:
        return sentence, "too_long"
    return sentence, echoes.of(sentence, f"{request['system']}\n{request['user']}")


class Kept:
    """The sentences of a set that were kept, to hold further ones against."""

    def __init__(self, most: float) -> None:
        """most: Jaccard index of the 3-grams of words, above which two are near duplicates."""
        self.most = most
        self._sizes: list[int] = []
        self._having: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)

    def has_like(self, sentence: str) -> bool:
        """Whether a near duplicate was kept. Only sentences that share a 3-gram are looked at."""
        grams = set(ngrams(words(sentence), LIKENESS_WORDS))
        shared: Counter[int] = Counter()
        for gram in grams:
            shared.update(self._having.get(gram, ()))
        return any(
            count / (len(grams) + self._sizes[other] - count) > self.most
            for other, count in shared.items()
        )

    def add(self, sentence: str) -> None:
        """Keep a sentence."""
        grams = set(ngrams(words(sentence), LIKENESS_WORDS))
        for gram in grams:
            self._having[gram].append(len(self._sizes))
        self._sizes.append(len(grams))
