"""What names mean: the entries of the lexicon, and names that are known by how they are formed."""

import re
from collections.abc import Iterator
from typing import Any

_CHOICE = re.compile(r"\{([^{}]*)\}")
# How names of procedures and problems end that are formed from Greek.
_FORMED = re.compile(
    r"(?P<procedure>(?:ectomy|ostomy|otomy|oscopy|plasty|centesis|pexy|rrhaphy|desis|graphy))$"
    r"|(?P<problem>(?:itis|emia|aemia|uria|algia|penia|megaly|rrhea|rrhoea|plegia|paresis|ectasis"
    r"|stenosis|sclerosis|necrosis|fibrosis|cytosis|lithiasis|thrombosis|malacia|pathy))$"
)
_FORMED_OTHERWISE = frozenset(
    "sympathy empathy telepathy homeopathy biography autobiography bibliography demography "
    "geography photography cartography topography typography".split()
)
_LEAST_FORMED = 8  # letters
_MOST = 200_000  # tokens that are remembered


class Entry:
    """What a name or word means: a value for each role that it can have.

    Roles: concept (kind, id), part, side, sided, unit (dimension, factor), time (hours), number,
    multiple, ordinal, frequency (rate, timing), month, cue (what, whether of names after it), stop,
    relative, telling, patient, allergy, allergic, treated, route, denying, order, direction, not,
    key (what a `not` is said of), place (kind of what must stand behind it or before it).
    """

    __slots__ = ("noted", "plain", "roles")

    def __init__(self) -> None:
        self.roles: dict[str, Any] = {}
        self.noted = False  # whether one of the roles is noted wherever the name stands
        self.plain = ""  # the role, where it has but one of these, and one that is always the same


class Node:
    """A place in the tree of names, word by word. ends: names that end there, with the words as
    they must be written, or None where it does not matter; following: by the next word.
    """

    __slots__ = ("ends", "following")

    def __init__(self) -> None:
        self.ends: list[tuple[tuple[str, ...] | None, Entry]] = []
        self.following: dict[str, Node] = {}


# By the words of a name, and those that must stand as they are written, or None.
Entries = dict[tuple[tuple[str, ...], tuple[str, ...] | None], Entry]
Organ = tuple[list[tuple[str, ...]], list[str]]  # its nouns, each as its words, and its adjectives


class Remembered(dict[str, Any]):
    """What a function says of each token, remembered for so many of them."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, token: str) -> Any:
        if len(self) >= _MOST:
            self.clear()
        said = self[token] = self.function(token)
        return said


def named_for(concept: tuple[str, str]) -> Any:
    """What a token means that names a concept and nothing else, as `Lexicon.names` has it."""
    entry = Entry()
    entry.roles["concept"] = concept
    entry.noted, entry.plain = True, "concept"
    return ((1, entry),), True, {}, {"concept"}


def formed_name(word: str) -> Entry | None:
    """A procedure or problem that no vocabulary has, by how its name is formed: ileostomy."""
    found = _FORMED.search(word)
    if found is None or len(word) < _LEAST_FORMED or word in _FORMED_OTHERWISE:
        return None
    return named_for((str(found.lastgroup), word))[0][0][1]  # type: ignore[no-any-return]


def is_written(exact: str, word: str) -> bool:
    """Whether a word has the capitals of a name's: MS is no Ms, but Type 2 DM is type 2 DM."""
    if exact == word or exact.islower():
        return True
    return word.endswith("s") and exact == word[:-1]  # CTs


def chosen(name: str) -> Iterator[str]:
    found = _CHOICE.search(name)
    if found is None:
        yield name
        return
    for choice in found[1].split(","):
        yield from chosen(name[: found.start()] + choice + name[found.end() :])
