"""Texts in other words, and with one error of a known type: what a judge or a rule must tell apart.

Edits are by patterns in the text, and know nothing of who looks for them; but names of drugs,
problems and procedures are those that the lexicon finds, and what stands in their place is a name
of the same kind that the text has not. An error that has no place in a text is not planted there.
"""

import re
from collections.abc import Callable, Sequence
from random import Random

from palimpsest.facts.extract import facts_of
from palimpsest.facts.unknown import is_unknown
from palimpsest.text.sentences import sentences_of

Edit = tuple[str, str | Callable[[re.Match[str]], str]]
OMISSION, ADDITION = "omission", "addition"  # of a whole sentence
_SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split()
# What they change is how a thing is said, not what.
REWORDINGS: tuple[Edit, ...] = (
    (r"\b(\d+) mg\b(?!/)", r"\1 milligrams"),
    (r"(?<!twice )(?<!once )(?<!times )\bdaily\b(?= *[,.;\n])", "every day"),
    (r"\b(?:once a day|once daily)\b", "every day"),
    (r"\b(?:twice a day|twice daily)\b", "b.i.d."),
    (r"\bBID\b", "twice a day"),
    (r"\bTID\b", "three times a day"),
    (r"\bQHS\b", "at bedtime"),
    (r"\bPO\b", "by mouth"),
    (r"\bPRN\b", "as needed"),
    (r"\b([Dd])enies\b", lambda m: "Does not report" if m[1] == "D" else "does not report"),
    (r"\b([Nn])o evidence of\b", lambda m: f"{m[1]}o sign of"),
    (r"\bblood pressure\b", "BP"),
    (r"\bBP\b", "blood pressure"),
    (r"\bheart rate\b", "pulse"),
    (r"\bHR\b", "heart rate"),
    (r"\bRR\b", "respiratory rate"),
    (r"\bshortness of breath\b", "SOB"),
    (r"\bSOB\b", "shortness of breath"),
    (r"\bdyspnea\b", "shortness of breath"),
    (r"\bchest pain\b", "pain in the chest"),
    (r"\bhigh blood pressure\b", "hypertension"),
    (r"\bHTN\b", "hypertension"),
    (r"\b[Hh]ypertension\b", "HTN"),
    (r"\bs/p\b", "status post"),
    (r"\bw/o\b", "without"),
    (r"\b(\d+)-year-old\b", r"\1 y/o"),
    (r"\b(\d+) ?y/?o\b", r"\1-year-old"),
    (
        r"(?<!to )(?<![-/.\d])\b([2-9]|1[0-2]) (days|weeks|months|years)\b",
        lambda m: f"{_SMALL[int(m[1])]} {m[2]}",
    ),
)
LATERAL = (
    "knee hip arm leg shoulder ankle foot hand wrist elbow lower upper breast kidney ear eye lung "
    "thumb index lobe side thigh calf flank lateral"
).split()
DENIED = (
    "fever|chest pain|nausea|shortness of breath|cough|swelling|numbness|dizziness|chills|"
    "abdominal pain|headache|vomiting|diarrhea|palpitations|edema|dyspnea|syncope|rash"
)
SPANS = ("days", "weeks", "months", "years")
_OFTEN = r"once a day|once daily|twice a day|twice daily|(?<!times )daily|BID|b\.i\.d\.|TID|QHS"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_RELATIVE = r"mother|father|brother|sister"
PATTERNS = {  # by the type of the error: where it may be planted
    "number": r"(?<![\d./-])(\d{2,3})(?=%|/\d{2,3}(?![\d/])| mmHg|\.\d)",
    "dose": r"(?<![\d.,/-])(\d+)(?= ?(?:mg|mcg|units)\b(?!/))",
    "unit": r"(?<=\d) ?mg\b(?!/)",
    "frequency": rf"\b(?:{_OFTEN})(?!\w)",
    "duration": r"\b(\d+|two|three|four|five|six) (day|week|month|year)s\b(?! old)(?!-old)",
    "date": rf"\b(\d{{1,2}})/(\d{{1,2}})(?=/\d{{2,4}}\b)|\b({_MONTHS}) (\d{{1,2}})\b",
    "laterality": rf"\b([Ll]eft|[Rr]ight)\b(?= (?:[a-z]+ )?(?:{'|'.join(LATERAL)}))",
    "negation": rf"\b(?:[Dd]enie[sd] (?:any |having )?|[Nn]o |[Ww]ithout )(?={DENIED})",
    "uncertainty": r"\b(?:[Pp]ossible|[Pp]robable|[Ss]uspected|[Pp]resumed|[Ll]ikely) (?=[a-z])",
    "experiencer": rf"\b(?:(?:[Hh]er|[Hh]is|[Tt]he) )?(?:{_RELATIVE}|{_RELATIVE.title()})"
    r"(?= (?:had|has|with|was diagnosed|died)\b|:)",
    "order": r"\b([Bb]efore|[Pp]rior to|[Aa]fter)\b(?= [a-z])",
}
OTHERS = {  # by the type of the error: what is put in a name's place
    "medication": "warfarin clonidine hydroxyzine digoxin lamotrigine baclofen tacrolimus".split(),
    "allergy": "penicillin codeine vancomycin morphine aspirin tetracycline".split(),
    "problem": "gout|glaucoma|epilepsy|psoriasis|hepatitis|osteoporosis|lupus".split("|"),
    "procedure": "appendectomy|bronchoscopy|colonoscopy|hysterectomy|thoracentesis".split("|"),
}
# What stands before a problem that was told where no pattern has a place.
DOUBTS = {"negation": "no", "uncertainty": "possible"}
KINDS = (*PATTERNS, *OTHERS, OMISSION, ADDITION)


def reworded(text: str, rng: Random, rewordings: Sequence[Edit] = REWORDINGS) -> str:
    """A text that says the same in other words: seven in ten of the edits, wherever they apply."""
    made = []
    for pattern, new in rewordings:
        if rng.random() < 0.7:
            for found in re.finditer(pattern, text):
                said = new(found) if callable(new) else found.expand(new)
                made.append((found.start(), found.end(), said))
    # All at once, on the text as it was given: one after the other, an edit would undo another.
    parts, last = [], 0
    for start, end, said in sorted(made):
        if start >= last:
            parts += [text[last:start], said]
            last = end
    return "".join([*parts, text[last:]])


def planted(text: str, kind: str, rng: Random, other: str = "") -> str | None:
    """A text with one error of a type, or None where there is no place for it.

    kind: one of KINDS. other: a text of another patient, of which a sentence may be added.
    """
    if kind == OMISSION:
        return _without_a_sentence(text, rng)
    if kind == ADDITION:
        return _with_a_sentence(text, other, rng)
    if kind in OTHERS:
        return _another_name(text, kind, rng)
    made = by_pattern(text, kind, rng)
    return _doubted(text, kind, rng) if made is None and kind in DOUBTS else made


def by_pattern(text: str, kind: str, rng: Random) -> str | None:
    """The same, of one of PATTERNS, by its pattern alone."""
    return edited(text, PATTERNS[kind], lambda found: _wrong(kind, found, rng), rng)


def edited(text: str, pattern: str, new: Callable[[re.Match[str]], str], rng: Random) -> str | None:
    """A text with one of the places of a pattern changed, or None where it has none."""
    places = list(re.finditer(pattern, text))
    if not places:
        return None
    found = rng.choice(places)
    made = new(found)
    return text[: found.start()] + made + text[found.end() :] if made != found[0] else None


def _wrong(kind: str, found: re.Match[str], rng: Random) -> str:
    """What stands in the place of what a pattern found."""
    said = found[0]
    if kind == "number":
        return str(int(said) + rng.choice((7, 13, 20)))
    if kind == "dose":
        return str(int(said) * rng.choice((2, 3, 10)))
    if kind == "unit":
        return " mcg"
    if kind == "frequency":
        return "four times a day"
    if kind == "duration":
        return f"{found[1]} {rng.choice([s for s in SPANS if s != f'{found[2]}s'])}"
    if kind == "date":
        day = int(found[2] or found[4])
        other = str(rng.choice([other for other in range(1, 29) if abs(other - day) > 2]))
        return f"{found[1]}/{other}" if found[1] else f"{found[3]} {other}"
    if kind == "laterality":
        return _cased(said, "right" if said.lower() == "left" else "left")
    if kind == "negation":
        affirmed = {"denied": "reported ", "denies": "reports ", "without": "with ", "no": "some "}
        return _cased(said, affirmed[said.split()[0].lower()])
    if kind == "uncertainty":
        return _cased(said, "confirmed ")
    if kind == "order":
        return _cased(said, "before" if said.lower() == "after" else "after")
    return _cased(said, "the patient")  # of a relative


def _cased(said: str, new: str) -> str:
    return new[0].upper() + new[1:] if said[0].isupper() else new


def _another_name(text: str, kind: str, rng: Random) -> str | None:
    """A text with another name in the place of one, wherever this stands."""
    concepts = "medication" if kind == "allergy" else kind
    named = [
        mention
        for mention in facts_of(text).mentions
        if mention.concept[0] == concepts
        and not is_unknown(mention.concept)  # what is only guessed is no error that is known
        and mention.allergy == (kind == "allergy")
        and mention.end - mention.start > 3
    ]
    others = [name for name in OTHERS[kind] if name not in text.lower()]
    if not named or not others:
        return None
    old = rng.choice(named)
    name = text[old.start : old.end]
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _cased(name, rng.choice(others)), text)


def _doubted(text: str, kind: str, rng: Random) -> str | None:
    """A text in which a problem that it tells of is denied, or possible."""
    told = [
        mention
        for mention in facts_of(text).mentions
        if mention.concept[0] == "problem"
        and not is_unknown(mention.concept)
        and mention.said == "present"
        and not mention.family
    ]
    if not told:
        return None
    start = rng.choice(told).start
    article = re.search(r"\b(?:[Aa]n?|[Tt]he) $", text[:start])
    before = text[: article.start() if article else start]
    said, following = DOUBTS[kind], text[start:]
    if not before or before.endswith((". ", "\n")):  # it begins a sentence
        said, following = said.capitalize(), following[:1].lower() + following[1:]
    return f"{before}{said} {following}"


def _facts(text: str) -> bool:
    """Whether a sentence says something that can be true or not."""
    found = facts_of(text)
    return bool(found.mentions or found.quantities or found.days or found.frequencies)


def _without_a_sentence(text: str, rng: Random) -> str | None:
    places = sentences_of(text)
    telling = [(start, end) for start, end in places if _facts(text[start:end])]
    if len(places) < 2 or not telling:
        return None
    start, end = rng.choice(telling)
    return text[:start] + text[end:].lstrip(" ")


def _with_a_sentence(text: str, other: str, rng: Random) -> str | None:
    told = [other[start:end] for start, end in sentences_of(other)]
    told = [one for one in told if one not in text and _facts(one)]
    if not told:
        return None
    ends = [end for _, end in sentences_of(text)] or [len(text)]
    end = rng.choice(ends)
    return f"{text[:end]} {rng.choice(told)}{text[end:]}"
