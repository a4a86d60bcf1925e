"""Whether what a sentence names is present, absent or possible, or whether that cannot be told.

Cues and the words that end their reach, as in NegEx and ConText (Chapman et al. 2001; Harkema et
al. 2009). A `not` is understood by the word that it is said of, so that a wording need not be
listed: "was not seen", "had never been much of a problem", "could not be ruled out". A name beside
a cue that reaches no name by these rules is `unread`: to call it present would be to guess.
"""

from collections.abc import Sequence
from typing import NamedTuple

from palimpsest.facts.amounts import Reader
from palimpsest.facts.lexicon import lexicon
from palimpsest.facts.model import Concept

ENDS = frozenset(".;!?")
LISTED = frozenset({",", "and", "or", "nor", "/", "as", "well"})  # between names of a list
# Not "of" and "in": swelling of the legs, episodes of vomiting.
_LINKS = frozenset("with on for to by from at without but while than that".split())
BE = frozenset("was were is are be been being wasn weren isn aren ain".split())
_AUXILIARY = BE | frozenset(
    "has have had hasn haven hadn do doe did don doesn didn can could would will may might must "
    "should to remain remained".split()
)
_FILLERS = _AUXILIARY | frozenset(
    "any a an the yet at this that time point all in fact ever just as otherwise able appear seem "
    "thought believed felt known said much of to one it patient she he they pt her his "
    "there".split()
)
# Between auxiliaries and what they are of, beside adverbs in -ly.
_ADVERBS = frozenset(
    "also all specifically otherwise still therefore thus again thought felt believed considered "
    "deemed judged very quite so most less more both each now then only".split()
)
_GOVERNING = frozenset("for of to about at over with regarding as by from".split())
# "PE ruled out by CT": what follows tells how it was found, and what is meant stands before.
_PARTICIPLES = frozenset(
    "out excluded denied dismissed eliminated refuted disproved negated suspected queried "
    "questioned considered favored".split()
)
_BY = frozenset("by on in with via per after following from using through at during upon".split())
_SUGGESTING = 5  # words between a denial and what would suggest that of which it is
_MEANS = 3  # words between a problem and the test by which it was sought
_DETERMINERS = frozenset("no without non minus sans nor none nil spared ( neg negative".split())
# Words that are no object of a denial: "no symptom was reported, including fever".
_VAGUE = _FILLERS | frozenset(
    "symptom complaint problem issue such sign episode other thing finding trouble difficulty "
    "concern abnormality change further single instance one of history".split()
)
_THESE = frozenset("these those them which above it".split())  # what was named before
_JOINING = frozenset({",", "and", "or", ";", "&"})
_BARE = frozenset({"", ".", ";", ",", "!", "?", ")", "\n", "-", "–", "|"})
_AHEAD = 7  # words in which that of which a `not` is said must come
_NEAR, _UNKNOWN = 4, 8  # words between the last name of a list and what is said of it
_OBJECT = 5  # words between a verb and its object
_SENTENCE = 12  # words over which a cue that reached no name may have been said of one
_OTHERS = 6  # words between two names of a list
_TARGETS = ("problem", "medication")
_SYMPTOMS = "C23.888"  # signs and symptoms in MeSH; of these it has no such place
_COMPLAINTS = frozenset(
    "palpitations sweating melena hematochezia hematuria rash hemorrhage fall distension".split()
) | {"urinary retention", "low urine output", "tongue biting", "sore throat", "blurred vision"}
Found = Sequence[tuple[int, int, Concept]]


class Cue(NamedTuple):
    """way: of names after it (>), before it (<), after it else before it (><), or turned (<>).

    clausal: a verb before its first name does not end its reach: "at no point did she have".
    alone: what it says of names before it, where that is something else. loose: its verb is none
    that is known, so that names far after it may be no object of that.
    """

    first: int
    end: int
    way: str
    what: str
    clausal: bool = False
    alone: str = ""
    loose: bool = False


class Stop(NamedTuple):
    """A word that ends the reach of cues. hard: of clausal ones, too."""

    at: int
    hard: bool


def stop(reader: Reader, index: int, hard: bool) -> Stop:
    """A stop; a verb or pronoun behind a comma or "and" begins a clause of its own."""
    return Stop(index, hard or reader.norms[index - 1] in _JOINING)


def listed(reader: Reader, index: int, end: int, way: str, what: str) -> Cue:
    """A cue of the lexicon, in the form in which it stands.

    "Fever: denied", "PE was effectively excluded": where nothing follows, or where it is a verb in
    the passive voice, it says what is before it. "Not present: fever" says what is after it.
    """
    first = _begin(reader, index)
    following = reader.norms[end]
    if way == "<":
        # Fever: denied; there was possible PE
        ahead = following == ":" or reader.norms[first - 1] == "there" and following not in _BARE
        return Cue(first, end, ">" if ahead else way, what)
    passive = any(reader.norms[at] in BE for at in range(first, index))
    passive = passive and reader.norms[end - 1] not in _GOVERNING
    told = reader.norms[end - 1] in _PARTICIPLES and following in _BY
    # "PE: questionable on CT"
    labelled = reader.norms[index - 1] == ":" and following in _BY
    if passive or told or labelled or following in _BARE or following in _THESE:
        return Cue(first, end, "<>", what)
    return Cue(index, end, way, what, reader.norms[index] not in _DETERMINERS)


def negation(reader: Reader, index: int, end: int) -> tuple[Cue | None, int]:
    """What the `not` at a token says, and where to go on.

    None where it says nothing of whether a thing is there: "did not improve".
    """
    first = _begin(reader, index)
    passive = first < index and reader.norms[index - 1] in BE or reader.norms[index] in BE
    at, key = end, None
    for _ in range(_AHEAD):
        word = reader.norms[at]
        if word in _BARE or word == ":":
            break
        key, after = reader.role(at, "key")
        if key == "seen" and reader.norms[after] == "to":  # was not found to have
            key, at, passive = None, after + 1, False
            continue
        if key in ("certain", "same") and reader.role(after, "key")[0] == "excluded":
            key, at = None, after  # not definitively excluded, not able to exclude
            continue
        if key or not (word in _FILLERS or word[-2:] == "ly"):
            break
        passive = passive or word in ("be", "been", "being")
        at += 1
    if key is None:
        return Cue(first, at, "><" if passive else ">", "absent", True, "unread", not passive), at
    if key == "same":
        return None, after
    if reader.norms[after] in ("or", "nor", "and"):  # neither confirmed nor excluded
        other, end = reader.role(after + 1, "key")
        after = end if other else after
    said = {"seen": "absent", "excluded": "possible", "certain": "possible"}.get(key, "unread")
    return Cue(first, after, "<>" if passive else "><", said, True), after


def _begin(reader: Reader, index: int) -> int:
    """Where the verb begins that a cue is a part of: "has been" of "has been denied"."""
    first = index
    while index:
        word = reader.norms[index - 1]
        if word in _AUXILIARY:
            first = index - 1
        elif not (word in _ADVERBS or word[-2:] == "ly"):
            break
        index -= 1
    return first


def said_of(
    found: Found, cues: Sequence[Cue], stops: Sequence[Stop], norms: Sequence[str]
) -> list[str]:
    """What a sentence says of each name in it: present, absent, possible or unread.

    found: first token, end and concept of each name. stops: in the order of the sentence.
    """
    said = ["present"] * len(found)
    targets = [at for at, one in enumerate(found) if one[2][0] in _TARGETS]
    if not targets:
        return said
    behind: dict[int, str] = {}
    sought: set[int] = set()
    unspent: list[int] = []
    before: Cue | None = None
    for cue in cues:
        what, way = cue.what, cue.way
        # "Nothing on CT to suggest"
        near = _SUGGESTING if norms[cue.first - 1] == "to" else 1
        if before is not None and before.what == "absent" and 0 <= cue.first - before.end <= near:
            apart = any(before.end <= found[at][0] < cue.first for at in targets)
            if what in ("possible", "sought") and way[0] == ">":
                what = "absent"  # no suspicion of
            elif what == "absent" and before.clausal and not apart and norms[cue.first] != "nor":
                what = "unread"  # not without
        before = cue
        ahead = _after(cue, found, targets, stops) if way[0] == ">" else []
        back = _before(cue, found, targets, stops, norms) if way != ">" and not ahead else []
        if way == "<>" and not back:
            ahead = _after(cue, found, targets, stops)
        for at in back:
            if what != "present" or at in sought:  # looked for PE, and it is there
                behind[at] = cue.alone or what
        sought.update(ahead if what == "sought" else ())
        far = cue.loose and ahead and found[ahead[0]][0] - cue.end > _OBJECT
        for at in ahead:
            said[at] = "unread" if far else _sought(found[at][2]) if what == "sought" else what
        if not (ahead or back) and what != "present":
            unspent += _around(cue, found, targets, norms)
    for at in unspent:
        if said[at] == "present":
            said[at] = "unread"
    return [behind.get(at, one) for at, one in enumerate(said)]


def _sought(concept: Concept) -> str:
    """What was looked for: who is seen for a symptom has it, and a disease may not be there."""
    name = concept[1]
    if name in _COMPLAINTS or name.endswith(" pain"):
        return "present"
    trees = lexicon().trees.get(name, ())
    return "present" if any(tree.startswith(_SYMPTOMS) for tree in trees) else "possible"


def _around(cue: Cue, found: Found, targets: list[int], norms: Sequence[str]) -> list[int]:
    """The names near a cue that reached none, of which it may have been said.

    Not of a cue that has another object, which is unknown here: cough without sputum.
    """
    if cue.way[0] == "<" or cue.alone:
        return [at for at in targets if 0 <= cue.first - found[at][1] <= _SENTENCE]
    if cue.loose or norms[min(cue.end, len(norms) - 1)] not in _VAGUE:
        return []
    return [at for at in targets if 0 <= found[at][0] - cue.end <= _SENTENCE]


def _after(cue: Cue, found: Found, targets: list[int], stops: Sequence[Stop]) -> list[int]:
    """The names after a cue within its reach."""
    named = [at for at in targets if found[at][0] >= cue.end]
    if not named:
        return []
    own = found[named[0]][0]  # the first name
    for at, hard in stops:
        if at >= cue.end and (hard or at > own or not cue.clausal):
            return [one for one in named if found[one][0] < at]
    return named


def _before(
    cue: Cue, found: Found, targets: list[int], stops: Sequence[Stop], norms: Sequence[str]
) -> list[int]:
    """The names before a cue of which it is said: those of a list just before it."""
    named = [at for at, one in enumerate(found) if one[1] <= cue.first]
    if not named:
        return []
    last = found[named[-1]]
    if len(named) > 1 and named[-1] not in targets:
        # "PE on CT was not seen", "looked for PE with CT and it is not there"
        gap = norms[found[named[-2]][1] : last[0]]
        if gap and gap[0] in _BY and len(gap) <= _MEANS and cue.first - last[1] <= _NEAR:
            return [named[-2]] if named[-2] in targets else []
    # One more of the list may have a name that is unknown here.
    near = _UNKNOWN if norms[last[1]] in LISTED else _NEAR
    if cue.first - last[1] > near or any(last[1] <= at < cue.first for at, _ in stops):
        return []
    reached = [named[-1]]
    for at in reversed(named[:-1]):
        gap = norms[found[at][1] : found[at + 1][0]]
        others = [word for word in gap if word not in LISTED]
        if (
            gap
            and len(others) == len(gap)
            or len(others) > _OTHERS
            or not _LINKS.isdisjoint(others)
        ):
            break
        reached.append(at)
    return [at for at in reached if at in targets]
