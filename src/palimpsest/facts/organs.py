"""Names of problems and procedures told by their organ: splenectomy, removal of the spleen.

A name that is formed of an organ says in one word what others say in several, and a name that
begins with an organ's adjective may end with its noun: pancreatic pseudocyst, pseudocyst of the
pancreas. Both are one name, whatever the organ, so that neither way needs to be listed.
"""

from collections.abc import Iterable, Iterator

from palimpsest.facts.entries import Entries, Entry, Organ, Remembered, chosen, formed_name
from palimpsest.facts.tokens import tokens_of

# What is formed of an organ: the ending, its kind, and how it is told; {organ} with its article,
# {of} the noun alone or the adjective.
_FORMED = (
    (
        "ectomy",
        "procedure",
        (
            "{removal,excision,resection} of {organ}",
            "{surgical,operative,complete,total} {removal,excision,resection} of {organ}",
            "{of} {removal,excision,resection}",
            "{noun} {removed,excised,resected,taken out}",
            "{noun} {was,were} {removed,excised,resected,taken out}",
        ),
    ),
    ("itis", "problem", ("inflammation of {organ}", "{of} inflammation", "inflamed {noun}")),
    (
        "megaly",
        "problem",
        ("enlargement of {organ}", "{of} enlargement", "enlarged {noun}"),
    ),
    ("oscopy", "procedure", ("endoscopy of {organ}", "endoscopic examination of {organ}")),
    ("opexy", "procedure", ("fixation of {organ}",)),
    ("orrhaphy", "procedure", ("{suture,repair} of {organ}",)),
    ("otomy", "procedure", ("incision of {organ}",)),
)
_WHOLE = ("the", "the entire", "the whole", "a", "an", "")
# Edema of, in the lungs; leak from the anastomosis; metastasis to the liver.
_BETWEEN = [(word, *article) for word in ("of", "in", "from", "to") for article in (("the",), ())]
_JOINTS = ("o", "")  # between an organ and an ending: cardi-o-megaly
_SEEN = ("graphy", "scopy")  # scintigraphic imaging, bronchoscopic examination
_EXAMINATIONS = (
    "imaging examination exam study scan scanning evaluation assessment investigation".split()
)
_OF_ORGANS = ("problem", "procedure")
_LINKS = frozenset(word for word, *_ in _BETWEEN)


def organs(told: dict[str, str]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The nouns, adjectives and beginnings of each organ of organs.yaml."""
    for line in told.values():
        nouns, adjectives, begins = (part.strip() for part in str(line).split("|"))
        yield nouns.split(","), adjectives.split(","), begins.split(",") if begins else []


def formed(
    nouns: list[str], adjectives: list[str], begins: list[str]
) -> Iterator[tuple[list[str], str, list[str]]]:
    """Words formed of an organ, their kind, and the ways to tell them, with choices in braces."""
    for ending, kind, ways in _FORMED:
        joints = _JOINTS if ending[0] not in "aeiou" else ("",)
        words = [begin + joint + ending for begin in begins for joint in joints]
        told = [
            way.replace("{organ}", f"{article} {noun}".strip())
            .replace("{noun}", noun)
            .replace("{of}", of)
            for way in ways
            for noun in nouns
            for article in (_WHOLE if "{organ}" in way else ("",))
            for of in ([*adjectives, noun] if "{of}" in way else ("",))
        ]
        yield words, kind, list(dict.fromkeys(told))


def turned(
    name: tuple[str, ...], nouns: Iterable[tuple[str, ...]], adjectives: Iterable[str]
) -> Iterator[tuple[str, ...]]:
    """Other orders of a name: pseudocyst of the pancreas, pancreas pseudocyst.

    name: its words. nouns: each as its words.
    """
    nouns, adjectives = list(nouns), list(adjectives)
    rest: tuple[str, ...] | None = None
    if len(name) > 1 and name[0] in adjectives:
        rest = name[1:]
    for noun in nouns:
        size = len(noun)
        if len(name) > size and name[:size] == noun:
            rest = name[size:]
        for between in _BETWEEN:
            if len(name) > size + len(between) and name[-size - len(between) :] == (
                *between,
                *noun,
            ):
                rest = name[: -size - len(between)]
    if rest is None or not _LINKS.isdisjoint(rest):
        return
    for noun in nouns:
        for other in (*((*rest, *between, *noun) for between in _BETWEEN), (*noun, *rest)):
            if other != name:
                yield other
    for adjective in adjectives:
        if (adjective, *rest) != name:
            yield (adjective, *rest)


def add_organs(entries: Entries, told: dict[str, str], norms: Remembered) -> frozenset[str]:
    """Names told by their organ, which mean what the names mean that they are made of.

    told: organs.yaml. norms: of a token its word. Returns the words of the organs, which alone name
    no problem.
    """

    def words(name: str) -> tuple[str, ...]:
        return tuple(map(norms.__getitem__, tokens_of(name)))

    def add(name: tuple[str, ...], concept: tuple[str, str]) -> None:
        entries.setdefault((name, None), Entry()).roles.setdefault("concept", concept)

    starts: dict[str, list[Organ]] = {}
    ends: dict[str, list[Organ]] = {}
    for nouns, adjectives, begins in organs(told):
        for made, kind, ways in formed(nouns, adjectives, begins):
            known = (entries[(word,), None].roles for word in made if ((word,), None) in entries)
            meant = next((roles["concept"] for roles in known if "concept" in roles), None)
            if meant is None and not (made and formed_name(made[0])):
                continue
            for name in (name for way in ways for name in chosen(way)):
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
