"""How much an answer talks about a text: its words weighed by a table that a person can read.

An LLM's remarks on its work come in more wordings than patterns can list, but their words are few:
those for texts, for what is done to texts, and for who speaks. talk.yaml says what each weighs.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

_TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+|[.!?:;,\n]")
_ENCLOSED = {"(": ")", "[": "]", "{": "}", "*": "*", "_": "_"}
_PHRASE = "phrase"
_STEM = range(16, 1, -1)  # letters of a stem, the most first
_END = ""  # of a phrase, in a tree of its words


@dataclass(frozen=True)
class _Weights:
    """The table, ready to be looked up."""

    places: dict[str, int]  # of marks and of places in an answer
    about: frozenset[str]  # kinds of words of which a stretch has one at least
    words: dict[str, tuple[int, str]]  # weight and kind
    stems: dict[str, tuple[int, str]]
    pairs: dict[tuple[str, str], int]  # of kinds
    phrases: dict[str, Any]  # a tree: word by word, at _END the weight


@cache
def _weights() -> _Weights:
    table = yaml.safe_load((files("palimpsest.screens") / "talk.yaml").read_text(encoding="utf-8"))
    words: dict[str, tuple[int, str]] = {}
    stems: dict[str, tuple[int, str]] = {}
    for kind in table["kinds"]:
        for word in kind["words"].split():
            place, key = (stems, word[:-1]) if word.endswith("*") else (words, word)
            if place.setdefault(key, (kind["weight"], kind["kind"]))[1] != kind["kind"]:
                raise ValueError(f"talk.yaml: {word!r} stands under two kinds")
    phrases: dict[str, Any] = {}
    for weight, rows in table["phrases"].items():
        for phrase in rows:
            node = phrases
            for word in phrase.split():
                node = node.setdefault(word, {})
            node[_END] = weight
    return _Weights(
        places=table["places"],
        about=frozenset([*table["about"], _PHRASE]),
        words=words,
        stems=stems,
        pairs={(pair["first"], pair["then"]): pair["weight"] for pair in table["pairs"]},
        phrases=phrases,
    )


@lru_cache(maxsize=1 << 16)
def _weight_of(token: str) -> tuple[int, str, bool]:
    """The weight of a word, number or mark, its kind, and whether it is about texts."""
    table = _weights()
    if token == ",":
        return 0, "", False
    if not token[0].isalpha():
        name = {"\n": "line"}.get(token, "number" if token[0].isdigit() else "stop")
        return table.places[name], name, False
    known = table.words.get(token)
    for length in _STEM:
        known = known or table.stems.get(token[:length])
    # Words of other languages count neither way.
    weight, kind = known or (table.places["unknown"] if token.isascii() else 0, "unknown")
    return weight, kind, kind in table.about


def talk(text: str) -> int:
    """The weight of the stretch of a text that talks most about a text; see talk.yaml."""
    table = _weights()
    text = text.strip().lower().replace("’", "'")
    tokens = _TOKEN.findall(text)
    start = _last_paragraph(text)
    last = len(tokens) - len(_TOKEN.findall(text, start)) if start else -1
    closing = _ENCLOSED.get(text[start : start + 1])
    most = weight_so_far = skipped = 0
    hollow, about, in_first, before = 0, False, True, ""  # hollow: words, or far below nothing
    for index, token in enumerate(tokens):
        if index == last:
            enclosed = table.places["enclosed"] if closing and text.endswith(closing) else 0
            weight_so_far, about = table.places["last"] + enclosed, enclosed > 0
            hollow, before = 0, ""
        if index < skipped:
            continue
        weight, kind, is_about = _weight_of(token)
        if token in table.phrases:
            length, phrased = _phrase(tokens, index, table.phrases)
            if length:
                weight, kind, is_about, skipped = phrased, _PHRASE, True, index + length
        if kind in ("stop", "line"):
            filled = table.places["hollow"] if hollow >= 3 else 0
            if in_first and (about or filled):
                head = table.places["head"] if token == ":" else 0
                most = max(most, weight_so_far + table.places["first"] + head + filled)
            if index >= last >= 0 and filled:
                most = max(most, weight_so_far + filled)
            in_first = False
        elif kind:
            hollow = hollow + 1 if weight >= 0 else -len(tokens)
        if weight:
            weight += table.pairs.get((before, kind), 0)
            before = kind
        about = about or is_about
        weight_so_far += weight
        if weight_so_far <= 0:
            weight_so_far, about = 0, False
        elif about and weight_so_far > most:
            most = weight_so_far
    if last >= 0 and hollow >= 3:
        most = max(most, weight_so_far + table.places["hollow"])
    return most


def _last_paragraph(text: str) -> int:
    """Where the last paragraph of a text begins, or its last line where it has no paragraphs."""
    paragraph = text.rfind("\n\n")
    return paragraph + 2 if paragraph >= 0 else text.rfind("\n") + 1


def _phrase(tokens: list[str], index: int, node: dict[str, Any]) -> tuple[int, int]:
    """How many words the longest phrase has that begins at a place, and its weight; else 0, 0."""
    found = (0, 0)
    for length, word in enumerate(tokens[index : index + 8], 1):
        node = node.get(word)
        if node is None:
            break
        if _END in node:
            found = (length, node[_END])
    return found


def talks_about_text(text: str, given: str) -> bool:
    """Whether a text talks about a text, and more than what it was made of does."""
    places, weight = _weights().places, talk(text)
    # The same words weigh more where they stand first or last.
    return weight >= places["most"] and weight > talk(given) + places["first"] + places["head"]
