"""Names and words that the rules know, to be looked up token by token, the longest first.

terms.yaml and words.yaml are ours; drugs.yaml and problems.yaml are written from packaged
vocabularies by scripts/project/write_vocabularies.py. What ours say of a name holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from palimpsest.facts.entries import (
    Entries,
    Entry,
    Node,
    Remembered,
    chosen,
    formed_name,
    is_written,
)
from palimpsest.facts.organs import add_organs
from palimpsest.facts.tokens import STEM, normal, stem, tokens_of, word_of

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where it was built
_WHOSE = (" her ", " his ", " their ")  # pain in her chest
# Names of an allergy are read as that to which it is, and a word of allergies.
_ALLERGIES = frozenset(
    f"{of} hypersensitivity"
    for of in "drug latex shellfish peanut nut egg milk wheat venom".split()
) | {"dust mite allergy"}
_NO_NAME = ("ly", "ed")  # how words end that name nothing
_ENDING = 2  # letters at the end of an ordinary word that another form of it may not have
_LONG = 4  # letters of a word that says what a text is about
SHORT = range(2, 6)  # letters of an abbreviation
_SHORTEST = 3  # letters of a word that may name something
AMBIGUOUS = frozenset({"ON"})  # how often, in capitals and behind an amount or route alone
# Roles of which no other word decides what they mean, and concepts and words of which one does.
_PLAIN = frozenset({"concept", "stop", "place>", "place<"})
_VARIES = {("problem", "fever"), ("test", "temperature"), "ra"}
# Roles that are noted wherever their names stand; others are asked for beside another.
NOTED = frozenset(
    "concept frequency multiple number ordinal month none cue> cue< not no_allergy allergic "
    "relative allergy> allergy< order route stop side sided time place> place<".split()
)
KINDS = {"drugs": "medication", "problems": "problem", "procedures": "procedure"}
KINDS |= {"tests": "test", "imaging": "procedure", "events": "event", "cancers": "problem"}


@dataclass(frozen=True)
class Lexicon:
    """What is known of tokens and words.

    norms: of a token its word without case and plural. names: None for a token that begins no name,
    True for a number, else what the token means alone (1, and the entry of each meaning), whether
    one of these is noted by itself, the names of more words, and the roles of all names that it
    begins. trees: of a concept where it stands in MeSH. unnamed: of a word whether it could be one
    of a name that no lexicon has: it is long enough, and neither known nor ordinary. content: of a
    word its first letters, or "" where it says little of what a text is about. begun: the first
    letters of a word of four or more, else "". shorts: of a token in capitals that may be an
    abbreviation its word, else "". sizes: of a token the letters of its word.
    """

    norms: Remembered
    names: Remembered
    unnamed: Remembered
    content: Remembered
    begun: Remembered
    shorts: Remembered
    sizes: Remembered
    trees: dict[str, tuple[str, ...]]


@cache
def lexicon() -> Lexicon:
    """The lexicon, read once."""
    entries: Entries = {}
    trees: dict[str, tuple[str, ...]] = {}
    norms_of = Remembered(normal)

    def add(name: str, role: str, value: Any, weak: bool = False) -> None:
        words = [word_of(token) for token in tokens_of(name)]
        norms = tuple(map(norms_of.__getitem__, words))
        # Capitals of an abbreviation are a part of it: MS is no Ms.
        capitals = name.upper() == name and any(map(str.isalpha, name)) and role == "concept"
        written = capitals or role == "concept" and not name.islower() or name in AMBIGUOUS
        exact = tuple(words) if written else None
        entry = entries.setdefault((norms, exact), Entry())
        if not (weak and (role in entry.roles)):
            entry.roles[role] = value

    words = _read("words.yaml")
    plain: dict[str, list[str]] = {}
    for word in map(normal, words["ordinary"].split()):
        plain.setdefault(stem(word), []).append(word)
    for role, value, names in _words(words):
        for name in names:
            add(name, role, value)
    own: dict[tuple[str, ...], str] = {}
    for section, terms in _read("terms.yaml").items():
        for meant, names in _terms(section, terms):
            theirs = [n.replace(" the ", whose) for n in names if " the " in n for whose in _WHOSE]
            for name in dict.fromkeys([*names, *theirs]):
                if section == "parts":
                    add(name, "part", meant)
                    continue
                add(name, "concept", (KINDS[section], meant))
                own[tuple(map(norms_of.__getitem__, tokens_of(name)))] = meant
    for meant, names in _read("drugs.yaml").items():
        for name in names.split("|"):
            add(name, "concept", ("medication", meant), weak=True)
    for meant, told in _read("problems.yaml").items():
        places, *names = told.split("|")
        for name in names:
            if meant in _ALLERGIES:
                continue
            known = own.get(tuple(map(norms_of.__getitem__, tokens_of(name))))
            of = known or meant
            trees[of] = tuple(dict.fromkeys((*trees.get(of, ()), *places.split())))
            add(name, "concept", ("problem", meant), weak=True)
    told_by = add_organs(entries, _read("organs.yaml"), norms_of)
    return _indexed(entries, trees, plain, told_by, norms_of)


def _indexed(
    entries: Entries,
    trees: dict[str, tuple[str, ...]],
    plain: dict[str, list[str]],
    told_by: frozenset[str],
    norms: Remembered,
) -> Lexicon:
    heads: dict[str, Node] = {}
    roles: dict[str, set[str]] = {}
    for (words, exact), entry in entries.items():
        noted = NOTED.intersection(entry.roles)
        entry.noted = bool(noted)
        if len(noted) == 1 and (role := min(noted)) in _PLAIN:
            if role != "concept" or not _VARIES.intersection((entry.roles[role], words[0])):
                entry.plain = role
        roles.setdefault(words[0], set()).update(entry.roles)
        node = heads.setdefault(words[0], Node())
        for word in words[1:]:
            node = node.following.setdefault(word, Node())
        node.ends.append((exact, entry))
        node.ends.sort(key=lambda end: end[0] is None)

    def begun(token: str) -> Any:
        if token[0].isdigit():
            return True
        head = heads.get(norms[token])
        word = word_of(token)
        ends = sorted(head.ends, key=lambda end: end[0] != (word,)) if head else []
        alone = tuple((1, entry) for exact, entry in ends if _fits(exact, word))
        if not alone and (formed := formed_name(norms[token])) is not None:
            alone = ((1, formed),)
        if not alone and not (head and head.following):
            return None
        noted = any(entry.noted for _, entry in alone)
        following = head.following if head else {}
        begins = roles.get(norms[token], set()).union(*(entry.roles for _, entry in alone))
        return alone, noted, following, begins

    names = Remembered(begun)
    ordinary = frozenset(plain)

    def unnamed(word: str) -> bool:
        if len(word) < _SHORTEST or not word.isalpha() or word[-2:] in _NO_NAME:
            return False
        if word in told_by or _is_ordinary(word, plain):
            return False
        meant = names[word]
        return meant is None or meant is not True and not meant[0]

    def content(word: str) -> str:
        if word[0].isdigit() or len(word) > 2 and word.isalpha() and stem(word) not in ordinary:
            return stem(word)
        return ""

    return Lexicon(
        norms=norms,
        names=names,
        unnamed=Remembered(unnamed),
        content=Remembered(content),
        begun=Remembered(lambda word: stem(word) if len(word) >= _LONG else ""),
        shorts=Remembered(lambda token: norms[token] if _is_short(word_of(token)) else ""),
        sizes=Remembered(lambda token: len(word_of(token))),
        trees=trees,
    )


def _is_ordinary(word: str, plain: dict[str, list[str]]) -> bool:
    """Whether a word is an ordinary one or a form of it: of constant, but no constriction."""
    return any(
        word[: max(len(one) - _ENDING, STEM)] == one[: max(len(one) - _ENDING, STEM)]
        for one in plain.get(stem(word), ())
    )


def _is_short(word: str) -> bool:
    """Whether a word in capitals may be an abbreviation."""
    return (
        len(word) in SHORT
        and word.isalpha()
        and word[0].isupper()
        and sum(map(str.isupper, word)) > 1
    )


def _fits(exact: tuple[str, ...] | None, word: str) -> bool:
    return exact is None or is_written(exact[0], word)


def _read(name: str) -> Any:
    text = (files("palimpsest.facts") / name).read_text(encoding="utf-8")
    return LOADER(text).get_single_data()


def _listed(names: str) -> list[str]:
    """Names between bars; of what stands in braces, one for each choice: {sore,painful} throat."""
    listed = [name.strip().strip('"') for name in str(names).split("|") if name.strip()]
    return [" ".join(one.split()) for name in listed for one in chosen(name)]


def _terms(section: str, terms: Any) -> Iterator[tuple[str, list[str]]]:
    if section == "same_part":
        return
    if section == "cancers":
        for meant, organs in terms.items():
            yield meant, [one for organ in _listed(organs) for one in _cancers(organ)]
        return
    if section == "parts":
        same = _read("terms.yaml")["same_part"]
        for name in _listed(terms):
            yield same.get(name, name), [name]
        return
    for meant, names in terms.items():
        yield meant, [*_listed(names), *([] if "," in meant or section == "events" else [meant])]


def _cancers(organ: str) -> list[str]:
    """What a cancer of an organ is called; organ: a noun or an adjective."""
    kinds = "{cancer,carcinoma,adenocarcinoma,malignancy,malignant tumor,CA}"
    return _listed(f"{organ} {kinds}|{kinds} of the {organ}|{kinds} of {organ}|{{CA,Ca}} {organ}")


_WHEN = 2  # an order that other words of the sentence decide
_COUNTS = (
    ("time", "times"), ("number", "numbers"), ("ordinal", "ordinals"), ("multiple", "multiples"),
)  # fmt: skip


def _words(words: Any) -> Iterator[tuple[str, Any, Iterable[str]]]:
    """Roles of the words in words.yaml: role, value, names."""
    for name, measure in words["units"].items():
        dimension, factor = measure.split()
        yield "unit", (dimension, float(factor)), [name]
    for role, section in _COUNTS:
        for name, value in words[section].items():
            yield role, float(value), [name]
    for often, names in words["frequencies"].items():
        rate, _, timing = str(often).partition(" ")
        value = (float(rate), timing) if rate[0].isdigit() else (0.0, rate)
        yield "frequency", value, _listed(names)
    for number, name in enumerate(_listed(words["months"]), 1):
        yield "month", number, [name, name[:3], *(["sept"] if number == 9 else [])]
    for cue, names in words["cues"].items():
        said, _, way = cue.partition(" ")
        yield ("cue>" if way == ">" else "cue<" if way == "<" else "none"), said, _listed(names)
    for place, names in words["places"].items():
        kind, _, way = place.partition(" ")
        yield f"place{way}", kind, _listed(names)
    for key, names in words["of not"].items():
        yield "key", key, _listed(names)
    for role, key, value in (
        ("not", "not", True),
        ("stop", "stops", False),
        ("stop", "breaks", True),
        ("allergic", "perhaps allergic", False),
        ("allergic", "allergic", True),
        ("treated", "treated", True),
        ("route", "routes", True),
        ("denying", "denying", True),
        ("relative", "relatives", True),
        ("telling", "telling", True),
        ("patient", "patient", True),
        ("allergy>", "allergy >", True),
        ("allergy<", "allergy <", True),
        ("no_allergy", "no allergy", True),
        ("order", "before", 1),
        ("order", "after", -1),
        ("order", "told", 0),
        ("order", "when", _WHEN),
        ("direction", "past", -1),
        ("direction", "future", 1),
    ):
        yield role, value, _listed(words[key])
    for side, names in words["sides"].items():
        yield "side", side, _listed(names)
    for name, told in words["sided"].items():
        yield "sided", tuple(told.split()), [name]
