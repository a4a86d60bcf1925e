"""The screens: each looks at one completion and may turn it down with a reason code.

Screens read only the request and the answer, so a changed threshold needs no new answer.
"""

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from palimpsest.screens.injection import INJECTION, sounds_like_an_order
from palimpsest.screens.residue import CHAT, CONTROL, REFUSAL, THINKING
from palimpsest.text.ngrams import ngrams, words

# What thresholds are held against; null for a request that failed.
MEASURES = ("length_ratio", "repeated_share", "copied_share", "found_share")
PLACE = [
    ("request_key", pa.string()),
    ("note_id", pa.string()),
    ("start", pa.int64()),  # the passage's character offsets in its note
    ("end", pa.int64()),
]
SCHEMA = pa.schema([*PLACE, ("text", pa.string()), *((name, pa.float64()) for name in MEASURES)])
REJECTS = pa.schema(
    [
        *PLACE,
        ("outcome", pa.string()),  # rejected or failed
        ("reason", pa.string()),
        *((name, pa.float64()) for name in MEASURES),
    ]
)
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


def strip_lead_in(text: str, patterns: list[str]) -> str:
    """The answer without blanks around it and without a lead-in that the prompt declares."""
    text = text.strip()
    for pattern in patterns:
        found = re.match(pattern, text, re.I)
        if found:
            text = text[found.end() :].strip()
    return text


def repeated_share(tokens: list[str]) -> float:
    """Share of 4-grams that repeat an earlier one; 0 for a text without 4-grams."""
    found = ngrams(tokens, REPEAT_WORDS)
    return 1 - len(set(found)) / len(found) if found else 0.0


def copied_share(tokens: list[str], passage: list[str]) -> float:
    """Share of the answer's 5-grams that stand in the passage.

    For an answer too short for a 5-gram: 1 if it stands in the passage as a whole, else 0.
    """
    size = min(COPY_WORDS, len(tokens))
    if not size:
        return 0.0
    there = set(ngrams(passage, size))
    found = ngrams(tokens, size)
    return sum(gram in there for gram in found) / len(found)


def content_words(tokens: list[str]) -> set[str]:
    """What a text is about: its numbers, and its longer words cut to their first letters."""
    return {
        token if any(letter.isdigit() for letter in token) else token[:STEM]
        for token in tokens
        if (len(token) > 3 and token not in COMMON) or any(letter.isdigit() for letter in token)
    }


def found_share(tokens: list[str], passage: list[str]) -> float:
    """Share of the passage's content words and numbers that the answer has; 1 if it has none.

    Synonyms and spelled-out abbreviations are not found, so a good rephrase is well below 1.
    """
    wanted = content_words(passage)
    return len(wanted & content_words(tokens)) / len(wanted) if wanted else 1.0


def measure(request: dict[str, Any], text: str) -> dict[str, float]:
    """What the thresholds are held against, for the tables of rephrases and of rejects."""
    answer, passage = words(text), words(request["passage"])
    return {
        "length_ratio": len(answer) / max(1, len(passage)),
        "repeated_share": repeated_share(answer),
        "copied_share": copied_share(answer, passage),
        "found_share": found_share(answer, passage),
    }


def _truncated(request: dict[str, Any], completion: dict[str, Any], text: str) -> bool:
    return completion["finish_reason"] == "length"


def _echoes(request: dict[str, Any], completion: dict[str, Any], text: str) -> bool:
    """Whether eight words in a row come from the prompt and not from the passage."""
    own = f"{request['system']}\n{request['user'].replace(request['passage'], ' ')}"
    instructions = set(ngrams(words(own), ECHO_WORDS)) - set(
        ngrams(words(request["passage"]), ECHO_WORDS)
    )
    return any(gram in instructions for gram in ngrams(words(text), ECHO_WORDS))


def _injected(request: dict[str, Any], completion: dict[str, Any], text: str) -> bool:
    """Whether the passage speaks to the LLM; the answer, obedient or not, is then left out."""
    passage = request["passage"]
    return bool(
        CONTROL.search(passage) or INJECTION.search(passage) or sounds_like_an_order(words(passage))
    )


PLAIN: dict[str, Callable[[dict[str, Any], dict[str, Any], str], bool]] = {
    "truncated": _truncated,
    "thinking": lambda request, completion, text: bool(THINKING.search(text)),
    "refusal": lambda request, completion, text: bool(REFUSAL.search(text)),
    "chat_residue": lambda request, completion, text: bool(
        CHAT.search(text) or CONTROL.search(text)
    ),
    "prompt_echo": _echoes,
    "injection": _injected,
}


def screen(
    request: dict[str, Any],
    completion: dict[str, Any],
    text: str,
    measured: dict[str, float],
    screens: list[dict[str, Any]],
) -> str | None:
    """The reason code of the first screen that turns an answer down, or None.

    An answer without a word is turned down as `empty`, whatever screens are declared.

    text: the answer after `strip_lead_in`. measured: from `measure`. screens: as declared.
    """
    if not words(text):
        return "empty"
    for declared in screens:
        name = declared["name"]
        if name == "length":
            if measured["length_ratio"] < declared["min_ratio"]:
                return "too_short"
            if measured["length_ratio"] > declared["max_ratio"]:
                return "too_long"
        elif name == "repetition":
            if measured["repeated_share"] > declared["max_share"]:
                return "repetition"
        elif name == "copy":
            if measured["copied_share"] > declared["max_share"]:
                return "copy"
        elif name == "off_topic":
            if measured["found_share"] < declared["min_share"]:
                return "off_topic"
        elif PLAIN[name](request, completion, text):
            return name
    return None
