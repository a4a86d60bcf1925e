"""Where clinical English pauses, and what must not be torn: numbers, doses, dates, names.

Everything here is about English notes.
"""

import re
from itertools import pairwise

_UNIT = (
    r"(?:mg|mcg|ug|µg|g|gm|grams?|kg|ml|l|liters?|units?|u|iu|meq|mmol|%|tab(?:let)?s?|"
    r"cap(?:sule)?s?|puffs?|drops?|gtt|patch(?:es)?|sprays?|amps?|vials?|mm|cm|mmhg|bpm|"
    r"[a-zµ]{1,5}/[a-z0-9]{1,6})(?![a-z])(?:\(s\))?"
)
_NUMBER = r"(?<!\d)\d+(?:[.,:/-]\d+)*"  # the first digit on: linear in a run of digits
_ROUTE = (
    r"(?:po|p\.o\.|iv|i\.v\.|im|sc|sq|subq|sl|pr|pv|inh|neb|td|gtt|ngt?|by mouth|orally|"
    r"topically|nasally)"
)
_FREQUENCY = (
    r"(?:daily|nightly|weekly|monthly|once|twice|bid|b\.i\.d\.|tid|t\.i\.d\.|qid|q\.i\.d\.|qd|"
    r"q\.d\.|qod|qhs|q\.h\.s\.|qam|qpm|q\.?\s?\d+(?:-\d+)?\s?h(?:rs?|ours?)?|prn|p\.r\.n\.|"
    r"as needed|(?:every|each|per|a|times|for|x)\s+(?:\d+\s+)?(?:more\s+)?"
    r"(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|nights?|mornings?|evenings?)|stat|ac|pc)"
)
_ORDER = rf"(?:{_ROUTE}|{_FREQUENCY}|{_UNIT})(?![a-z])"
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_DRUG_UNIT = (
    r"(?:mg|mcg|ug|µg|g|gm|grams?|ml|units?|iu|meq|tab(?:let)?s?|cap(?:sule)?s?|puffs?|drops?|"
    r"patch(?:es)?|sprays?)(?![a-z/])"
)
DOSE = re.compile(rf"{_NUMBER}\s?{_DRUG_UNIT}", re.I)
ORDER = re.compile(rf"\b{_ROUTE}\s.*\b{_FREQUENCY}(?![a-z])", re.I)
# One stretch each that reads as one thing; alternatives are tried in this order.
WHOLE = re.compile(
    r"\[\*\*[^\]]{0,80}\*\*\]"  # a mask
    rf"|\b(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?|"
    rf"\d{{1,2}}\s+{_MONTH}(?:,?\s+\d{{4}})?)\b"  # a date
    r"|\b\d{1,2}:\d\d(?::\d\d)?\s*[ap]\.?m\b"  # a time
    # a drug and its dose, route and frequency
    rf"|(?:\b[a-z][\w'/-]{{0,40}}\s+){{0,2}}[<>=~]{{0,2}}\s?{_NUMBER}(?:\s*(?:-|to)\s*{_NUMBER})?\s*{_UNIT}"
    rf"(?:[\s,]+(?:{_NUMBER}\s*)?{_ORDER})*"
    rf"|\b[a-z][\w'/-]{{0,40}}(?:[\s,]+{_ORDER})+"
    rf"|[<>=]\s*{_NUMBER}"
    rf"|{_NUMBER}(?:\s*[/x×–-]\s*{_NUMBER})+"  # 120 / 80, 2 - 3, 4 x 5
    r"|\b(?:dr|mr|mrs|ms|prof|st|no|vs|fig|age[ds]?|day|grade|stage|type|level|number)\.?\s+\S+"
    r"|(?m:^)[^\S\n]*\d{1,2}[.)]\s+\S+",  # a list number and its word
    re.I,
)
ABBREVIATIONS = frozenset(
    "dr mr mrs ms prof st jr sr vs pt pts approx ca cf dept est fig hx dx tx rx sx fx dz ext gen "
    "neuro resp abd lab labs wk wks mo mos yr yrs hr hrs min sec temp wt ht inc etc al max vol "
    "tab tabs cap caps inj susp soln qd bid tid qid qhs prn po iv im sc ed eg ie".split()
)
# End of a sentence within a line, or the start of a line that is not blank.
PAUSE = re.compile(r"""[.!?]["')\]”’*]*[^\S\n]+(?=[A-Z0-9(\[*_#"'“‘•À-Þ-])|\n(?=[^\S\n]*\S)""")
BLANKS = re.compile(r"(?<!\s)\s+(?=\S)")
ITEM = re.compile(r"[^\S\n]*(?:\d{1,2}[.)]|[-*•#+])(?:\s|(?=[A-Za-z]))|[^\S\n]*[A-Z][\w /]{0,30}:")
# What stands before the sentence of a line: a mark of an item, and the name of what it is about.
_MARK = re.compile(r"(?:#+[^\S\n]*|[-*•+>]+(?:[^\S\n]+|(?=[A-Za-z]))|\d{1,2}[.)][^\S\n]+)?")
_NAME = re.compile(r"[A-Z][^\n:.;]{0,59}:[^\S\n]+(?=\S)")
# Names that say whose finding it is: the sentence without it would be about the patient.
_WHOSE = re.compile(
    r"\b(?:famil(?:y|ial)|fhx?|mother|father|parents?|siblings?|sister|brother|son|daughter|wife|"
    r"husband|spouse|child(?:ren)?|grand\w+|aunt|uncle|cousin|niece|nephew|relatives?)\b",
    re.I,
)
_NAME_WORDS = 3  # of a name without `#`; more may be a part of a sentence
_HEADER = 60  # characters of the longest header in capitals
_LAST_WORD = re.compile(r"([^\s.,:;()]+|(?:[A-Za-z]\.)+[A-Za-z])$")
_NEAR = 200  # characters before a break that are looked at
_WRAPPED = 60  # characters from which a line may have been wrapped


def ends_sentence(text: str, mark: int, following: str) -> bool:
    """Whether a sentence ends at a full stop, question or exclamation mark.

    mark: its offset. following: the first character after the blanks.
    """
    if text[mark] != ".":
        return True
    before = text[max(0, mark - 24) : mark]
    found = _LAST_WORD.search(before)
    if found is None:
        return True
    word = found.group().lower()
    if word in ABBREVIATIONS or (word == "no" and following.isdigit()):
        return False
    if len(word) == 1 and word.isalpha() and before[-1].isupper():  # an initial
        return False
    if "." in word:  # p.o., q.d., e.g.
        return False
    if word.isdigit() and len(word) <= 2:  # "1. " of a list, but not "was 2. "
        ahead = before[: found.start()]
        if ahead[-1:].strip():  # the last digits of a number
            return True
        ahead = ahead.rstrip(" \t")
        return bool(ahead) and ahead[-1] not in "\n.:;,)"
    return True


def pauses(text: str, after: int, until: int) -> list[int]:
    """Sentence ends and ends of unwrapped lines in (after, until], where the next part starts."""
    found = []
    for match in PAUSE.finditer(text, after, min(until + 24, len(text))):
        start = match.end()
        if start > until:
            break
        if text[match.start()] == "\n":
            is_pause = not _wrapped(text, start)
        else:
            is_pause = ends_sentence(text, match.start(), text[start])
        if is_pause and start > after:
            found.append(start)
    return found


def segments(text: str) -> list[tuple[int, int]]:
    """Character offsets of the stretches from one sentence end to the next, which are all of it.

    For those who must lose nothing, as taggers of headers and lists; `sentences_of` gives what a
    reader would call sentences.
    """
    return list(pairwise([0, *pauses(text, 0, len(text)), len(text)]))


def sentences_of(text: str) -> list[tuple[int, int]]:
    """Character offsets of the sentences of a text, end exclusive, in order and without blanks.

    Headers and what holds no letter are left out, and so are bullets and what precedes the first
    sentence of a line to name it, as `Neuro:` and `# Delirium:`; but not `Mother:`.
    """
    found = []
    opens_line, before = True, ""  # the segment before; looked at once, however long the line is
    for start, end in segments(text):
        _, fed, rest = before.rpartition("\n")
        opens_line = (opens_line or bool(fed)) and not rest.strip()
        before = text[start:end]
        if opens_line:
            start = _after_name(text, start, end)
        part = text[start:end].strip()
        if any(map(str.isalpha, part)) and not _is_header(part):
            start = text.index(part, start)
            found.append((start, start + len(part)))
    return found


def _after_name(text: str, start: int, end: int) -> int:
    """Where the sentence starts on a line that starts at `start`, behind bullet and name."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    mark = _MARK.match(text, start, end)
    name = _NAME.match(text, mark.end(), end)
    if not name or _WHOSE.search(name[0]):
        return mark.end()
    short = not mark[0] and len(name[0].split()) <= _NAME_WORDS
    return name.end() if short or mark[0].startswith("#") else mark.end()


def _is_header(part: str) -> bool:
    return part.endswith(":") or (part.isupper() and len(part) <= _HEADER and part[-1].isalpha())


def line_starts(text: str, after: int, until: int) -> list[int]:
    """Starts of lines that are not blank in (after, until]."""
    found = []
    line = text.find("\n", after, until) + 1
    while line:
        if text[line : line + _NEAR].split("\n", 1)[0].strip():
            found.append(line)
        line = text.find("\n", line, until) + 1
    return found


def blanks(text: str, after: int, until: int) -> list[int]:
    """Ends of white space in (after, until]."""
    ends = [match.end() for match in BLANKS.finditer(text, after, min(until + 1, len(text)))]
    return [end for end in ends if after < end <= until]


def whole_stretches(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Numbers, doses, dates and names in text[start:end] that must not be torn, in order."""
    ahead = min(len(text), end + _NEAR)
    return [match.span() for match in WHOLE.finditer(text, start, ahead)]


def _wrapped(text: str, start: int) -> bool:
    """Whether the line that starts there goes on with the sentence of the line before."""
    before = text[max(0, start - _NEAR) : start - 1]
    line = before[before.rfind("\n") + 1 :].rstrip()
    following = text[start : start + 40].lstrip()
    if not line or ITEM.match(following):
        return False
    if line[-1] in "!?:;":
        return False
    if line[-1] == ".":
        mark = max(0, start - _NEAR) + before.rfind(".")
        return not ends_sentence(text, mark, following[:1])
    return following[:1].islower() or len(line) >= _WRAPPED
