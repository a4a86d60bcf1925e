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
_BEGINS = 3  # letters by which stems are found; no stem has fewer
_ENDS = 20_000  # characters at either end of an answer that are looked at
_HOLLOW = 3  # words of what has none that weighs less than nothing
_END = ""  # of a phrase, in a tree of its words

Tree = dict[str, Any]  # of phrases: word by word, at _END the weight


@dataclass(frozen=True)
class _Weights:
    """The table, ready to be looked up."""

    places: dict[str, int]  # of marks and of places in an answer
    about: frozenset[str]  # kinds of words of which a stretch has one at least
    words: dict[str, tuple[int, str]]  # weight and kind
    stems: dict[str, list[tuple[str, tuple[int, str]]]]  # by their first letters, longest first
    pairs: dict[tuple[str, str], int]  # of kinds
    phrases: Tree


@cache
def _weights() -> _Weights:
    table = yaml.safe_load((files("palimpsest.screens") / "talk.yaml").read_text(encoding="utf-8"))
    words: dict[str, tuple[int, str]] = {}
    stems: dict[str, tuple[int, str]] = {}
    beginning: dict[str, list[tuple[str, tuple[int, str]]]] = {}
    for kind in table["kinds"]:
        for word in kind["words"].split():
            place, key = (stems, word[:-1]) if word.endswith("*") else (words, word)
            if place.setdefault(key, (kind["weight"], kind["kind"]))[1] != kind["kind"]:
                raise ValueError(f"talk.yaml: {word!r} stands under two kinds")
    for stem in sorted(stems, key=len, reverse=True):
        beginning.setdefault(stem[:_BEGINS], []).append((stem, stems[stem]))
    phrases: Tree = {}
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
        stems=beginning,
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
    for stem, weighed in table.stems.get(token[:_BEGINS], ()):
        known = known or (weighed if token.startswith(stem) else None)
    # Words of other languages count neither way.
    weight, kind = known or (table.places["unknown"] if token.isascii() else 0, "unknown")
    return weight, kind, kind in table.about


def talk(text: str) -> int:
    """The weight of the stretch of a text that talks most about a text; see talk.yaml."""
    table = _weights()
    places = table.places
    text = text.strip()
    if len(text) > 2 * _ENDS:
        text = f"{text[:_ENDS]}\n{text[-_ENDS:]}"
    text = text.lower().replace("’", "'")
    tokens = _TOKEN.findall(text)
    start = _last_paragraph(text)
    last = len(tokens) - len(_TOKEN.findall(text, start)) if start else -1  # its first token
    closing = _ENCLOSED.get(text[start : start + 1])
    most = weighed = 0  # of all stretches, and of the one that ends here
    about = False  # whether that one has a word about texts
    hollow = 0  # words of the sentence or paragraph, until one weighs less than nothing
    before, first, skipped = "", True, 0
    for index, token in enumerate(tokens):
        if index == last:
            enclosed = places["enclosed"] if closing and text.endswith(closing) else 0
            weighed, about, hollow, before = places["last"] + enclosed, enclosed > 0, 0, ""
        if index < skipped:
            continue
        weight, kind, is_about = _weight_of(token)
        if token in table.phrases:
            length, phrased = _phrase(tokens, index, table.phrases)
            if length:
                weight, kind, is_about, skipped = phrased, _PHRASE, phrased > 0, index + length
        if kind in ("stop", "line"):
            filled = places["hollow"] if hollow >= _HOLLOW else 0
            if first and (about or filled):
                head = places["head"] if token == ":" else 0
                most = max(most, weighed + places["first"] + head + filled)
            elif filled and index >= last >= 0:
                most = max(most, weighed + filled)
            first = False
        elif kind:
            hollow = hollow + 1 if weight >= 0 else -len(tokens)
        if weight:
            weight += table.pairs.get((before, kind), 0)
            before = kind
        weighed, about = weighed + weight, about or is_about
        if weighed <= 0:
            weighed, about = 0, False
        elif about:
            most = max(most, weighed)
    return max(most, weighed + places["hollow"]) if hollow >= _HOLLOW and last >= 0 else most


def _last_paragraph(text: str) -> int:
    """Where the last paragraph of a text begins, or its last line where it has no paragraphs."""
    paragraph = text.rfind("\n\n")
    return paragraph + 2 if paragraph >= 0 else text.rfind("\n") + 1


def _phrase(tokens: list[str], index: int, node: Tree) -> tuple[int, int]:
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
