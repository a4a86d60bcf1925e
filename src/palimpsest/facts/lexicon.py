"""Names and words that the rules know, to be looked up token by token, the longest first.

terms.yaml and words.yaml are ours; drugs.yaml and problems.yaml are written from packaged
vocabularies by scripts/project/write_vocabularies.py. What ours say of a name holds.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from palimpsest.facts.organs import formed, organs, turned

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where it was built
# w/ and w/o, letters, a number with its points and commas, or any other sign; with the blanks after it, and
# with the hyphen or the end of a line after which its word or sentence goes on.
TOKEN = re.compile(
    r"(?:[wW]/(?:[oO](?![^\W_]))?|[^\W\d_]+|\d+(?:[.,]\d+)*|.)(?:-(?=[^\W\d_])|[^\S\n]*(?:\n[^\S\n]*(?=[a-z]))?)",
    re.DOTALL,
)
_WHOSE = (" her ", " his ", " their ")  # pain in her chest
# Names of an allergy are read as that to which it is, and a word of allergies.
_ALLERGIES = frozenset(
    f"{of} hypersensitivity"
    for of in "drug latex shellfish peanut nut egg milk wheat venom".split()
) | {"dust mite allergy"}
_NO_NAME = ("ly", "ed")  # how words end that name nothing
_SHORTEST = 3  # letters of a word that may name something
_STEM = 5  # letters by which words are one
# British spellings, read as the American ones.
_SPELLED = {
    "haem": "hem", "aemi": "emi", "oede": "ede", "rrhoe": "rrhe", "pnoe": "pne", "laen": "len",
    "oesoph": "esoph", "oestr": "estr", "coeli": "celi", "caec": "cec", "faec": "fec",
    "foet": "fet", "aesth": "esth", "paed": "ped", "naec": "nec", "caesar": "cesar",
    "aetio": "etio", "phaeo": "pheo", "homoeo": "homeo", "manoeuv": "maneuv", "leuco": "leuko",
    "sulph": "sulf", "tumour": "tumor", "colour": "color", "labour": "labor", "aviour": "avior",
    "odour": "odor", "favour": "favor", "humour": "humor", "igour": "igor", "goitre": "goiter",
    "fibre": "fiber", "centre": "center", "metre": "meter", "litre": "liter",
}  # fmt: skip
_BRITISH = re.compile("|".join(_SPELLED))
_ISE = re.compile(r"(?<=\w{2})(al|er|il|in|at|ic|im|om|ol|ot|en|an)is(e|ed|es|ing|ation)$")
# Read otherwise than by their spelling: CT rules out what it is done to rule out.
_AS_WRITTEN = {"w/": "with", "w/o": "without", "rules": "rules"}
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
AMBIGUOUS = frozenset({"ON"})  # how often, in capitals and behind an amount or route alone
_LEAST_FORMED = 8  # letters
_MOST = 200_000  # tokens that are remembered
# Roles that are noted wherever their names stand; others are asked for beside another.
NOTED = frozenset(
    "concept frequency multiple number ordinal month none cue> cue< not no_allergy allergic "
    "relative allergy> allergy< order route stop side sided time place> place<".split()
)
_SEEN = ("graphy", "scopy")  # scintigraphic imaging, bronchoscopic examination
_EXAMINATIONS = (
    "imaging examination exam study scan scanning evaluation assessment investigation".split()
)
_OF_ORGANS = ("problem", "procedure")
KINDS = {"drugs": "medication", "problems": "problem", "procedures": "procedure"}
KINDS |= {"tests": "test", "imaging": "procedure", "events": "event", "cancers": "problem"}


class Entry:
    """What a name or word means: a value for each role that it can have.

    Roles: concept (kind, id), part, side, sided, unit (dimension, factor), time (hours), number,
    multiple, ordinal, frequency (rate, timing), month, cue (what, whether of names after it), stop,
    relative, telling, patient, allergy, allergic, treated, route, denying, order, direction, not,
    key (what a `not` is said of), place (kind of what must stand behind it or before it).
    """

    __slots__ = ("noted", "roles")

    def __init__(self) -> None:
        self.roles: dict[str, Any] = {}
        self.noted = False  # whether one of the roles is noted wherever the name stands


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


@dataclass(frozen=True)
class Lexicon:
    """norms: of a token its word without case and plural. names: None for a token that begins no
    name, True for a number, else the meanings of the token alone, whether one of them is noted by
    itself, the names of more words, and the roles of all names that it begins.

    trees: of a concept where it stands in MeSH. ordinary: the first letters of words that name no
    problem, procedure or drug. unnamed: of a word whether it could be one of a name that no lexicon
    has: it is long enough, and neither known nor ordinary. content: of a word its first letters, or
    "" where it says little of what a text is about.
    """

    norms: Remembered
    names: Remembered
    unnamed: Remembered
    content: Remembered
    trees: dict[str, tuple[str, ...]]
    ordinary: frozenset[str]


def stem(word: str) -> str:
    """The letters by which words are one."""
    return word[:_STEM]


def tokens_of(text: str) -> list[str]:
    """A text cut into tokens; together they are the text."""
    return TOKEN.findall(text)


def word_of(token: str) -> str:
    """A token without what is after its word."""
    return token.rstrip(" \t\n\r\f\v\xa0-") or token[:1]


def normal(token: str) -> str:
    """The word of a token, in lower case, in American spelling and without a plural's s."""
    word = word_of(token)
    if len(word) > 2 and word[-1] == "s" and word[:-1].isupper():
        return word[:-1].lower()  # HAs
    word = word.lower()
    if word in _AS_WRITTEN:
        return _AS_WRITTEN[word]
    if len(word) > 4:
        word = _ISE.sub(r"\1iz\2", _BRITISH.sub(lambda found: _SPELLED[found[0]], word))
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui":
        if word.endswith("ies") and len(word) > 4:
            return word[:-3] + "y"
        return word[:-1]
    return word


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
    ordinary = frozenset(stem(normal(word)) for word in words["ordinary"].split())
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
    told_by = _add_organs(entries, norms_of)
    return _indexed(entries, trees, ordinary, told_by, norms_of)


def _add_organs(entries: Entries, norms: Remembered) -> frozenset[str]:
    """Names told by their organ, which mean what the names mean that they are made of.

    Returns the words of the organs, which alone name no problem.
    """

    def words(name: str) -> tuple[str, ...]:
        return tuple(map(norms.__getitem__, tokens_of(name)))

    def add(name: tuple[str, ...], concept: tuple[str, str]) -> None:
        entries.setdefault((name, None), Entry()).roles.setdefault("concept", concept)

    starts: dict[str, list[Organ]] = {}
    ends: dict[str, list[Organ]] = {}
    for nouns, adjectives, begins in organs(_read("organs.yaml")):
        for made, kind, told in formed(nouns, adjectives, begins):
            known = (entries[(word,), None].roles for word in made if ((word,), None) in entries)
            meant = next((roles["concept"] for roles in known if "concept" in roles), None)
            if meant is None and not (made and _formed(made[0])):
                continue
            for name in (name for way in told for name in _chosen(way)):
                add(words(" ".join(name.split())), meant or (kind, made[0]))
        organ = [words(noun) for noun in nouns], [norms[adjective] for adjective in adjectives]
        for noun in organ[0]:
            starts.setdefault(noun[0], []).append(organ)
            ends.setdefault(noun[-1], []).append(organ)
        for adjective in organ[1]:
            starts.setdefault(adjective, []).append(organ)
    told_by = frozenset(starts) | frozenset(ends)
    for (name, exact), entry in list(entries.items()):
        concept = entry.roles.get("concept")
        if concept and len(name) == 1 and name[0].endswith(_SEEN):
            for examination in _EXAMINATIONS:
                add((f"{name[0][:-1]}ic", examination), concept)
        if exact is not None or len(name) < 2 or concept is None or concept[0] not in _OF_ORGANS:
            continue
        for organ in (*starts.get(name[0], ()), *(ends.get(name[-1], ()) if len(name) > 2 else ())):
            for other in turned(name, *organ):
                add(other, concept)
    return told_by


def _indexed(
    entries: Entries,
    trees: dict[str, tuple[str, ...]],
    ordinary: frozenset[str],
    told_by: frozenset[str],
    norms: Remembered,
) -> Lexicon:
    heads: dict[str, Node] = {}
    roles: dict[str, set[str]] = {}
    for (words, exact), entry in entries.items():
        entry.noted = not NOTED.isdisjoint(entry.roles)
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
        alone = tuple(entry for exact, entry in ends if _fits(exact, word))
        if not alone and (formed := _formed(norms[token])) is not None:
            alone = (formed,)
        if not alone and not (head and head.following):
            return None
        noted = any(entry.noted for entry in alone)
        following = head.following if head else {}
        begins = roles.get(norms[token], set()).union(*(entry.roles for entry in alone))
        return alone, noted, following, begins

    names = Remembered(begun)

    def unnamed(word: str) -> bool:
        if len(word) < _SHORTEST or not word.isalpha() or word[-2:] in _NO_NAME:
            return False
        if word in told_by:
            return False
        meant = names[word]
        return stem(word) not in ordinary and (meant is None or meant is not True and not meant[0])

    def content(word: str) -> str:
        if word[0].isdigit() or len(word) > 2 and word.isalpha() and stem(word) not in ordinary:
            return stem(word)
        return ""

    return Lexicon(norms, names, Remembered(unnamed), Remembered(content), trees, ordinary)


def named_for(concept: tuple[str, str]) -> Any:
    """What a token means that names a concept and nothing else, as `Lexicon.names` has it."""
    entry = Entry()
    entry.roles["concept"] = concept
    entry.noted = True
    return (entry,), True, {}, {"concept"}


def _formed(word: str) -> Entry | None:
    """A procedure or problem that no vocabulary has, by how its name is formed: ileostomy."""
    found = _FORMED.search(word)
    if found is None or len(word) < _LEAST_FORMED or word in _FORMED_OTHERWISE:
        return None
    return named_for((str(found.lastgroup), word))[0][0]  # type: ignore[no-any-return]


def is_written(exact: str, word: str) -> bool:
    """Whether a word has the capitals of a name's: MS is no Ms, but Type 2 DM is type 2 DM."""
    if exact == word or exact.islower():
        return True
    return word.endswith("s") and exact == word[:-1]  # CTs


def _fits(exact: tuple[str, ...] | None, word: str) -> bool:
    return exact is None or is_written(exact[0], word)


def _read(name: str) -> Any:
    text = (files("palimpsest.facts") / name).read_text(encoding="utf-8")
    return LOADER(text).get_single_data()


def _listed(names: str) -> list[str]:
    """Names between bars; of what stands in braces, one for each choice: {sore,painful} throat."""
    listed = [name.strip().strip('"') for name in str(names).split("|") if name.strip()]
    return [" ".join(one.split()) for name in listed for one in _chosen(name)]


def _chosen(name: str) -> Iterator[str]:
    found = _CHOICE.search(name)
    if found is None:
        yield name
        return
    for choice in found[1].split(","):
        yield from _chosen(name[: found.start()] + choice + name[found.end() :])


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
