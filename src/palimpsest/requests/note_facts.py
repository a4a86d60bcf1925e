"""What a note says of its patient and stay as a whole: age and sex, key dates, problems.

Rules for English notes, of linear time (RE2). Each gives stretches of the note, never words of its
own, and rather none than those of somebody else: relatives, donors and friends have ages too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from palimpsest.text.layout import Layout, read_layout
from palimpsest.text.patterns import pattern
from palimpsest.text.sentences import pauses

Span = tuple[int, int]  # character offsets in the note, end exclusive

_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|newborn"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_AGE = rf"(?:\d{{1,3}}|(?:{_TENS})(?:[- ](?:{_ONES}))?|{_TEENS}|{_ONES})"
_SEX = r"(?:gentleman|gentlewoman|woman|female|man|male|lady|boy|girl|(?-i:[MF]))\b"
# What stands between an age and a sex.
_LOOKS = (
    r"(?:very|pleasant|delightful|lovely|elderly|young|frail|unfortunate|right|left|ambidextrous|"
    r"(?:right|left)?-?handed|(?:right|left)-?hand-?dominant|white|black|caucasian|african|american|african-american|hispanic|"
    r"latin[oa]|asian|[a-z]{3,12}-speaking|speaking|spanish|russian|chinese|haitian|portuguese|"
    r"vietnamese|korean|indian|obese|overweight|healthy|otherwise|previously|well|well-known|known|"
    r"married|widowed|single|divorced|retired|pregnant|postmenopausal|transgender|homeless|"
    r"nonverbal|g\d+p\d+)"
)
_YEARS = r"(?:years?|yrs?|y)"
_SHORTER = r"(?:months?|mos?|weeks?|wks?|days?)"
_BETWEEN = rf"(?:[,\s]+{_LOOKS}){{0,4}}[,\s]+"
_OLD = pattern(
    rf"\b{_AGE}(?:[- ]?(?:{_YEARS}|({_SHORTER}))[- ]?old|\s?y/o|\s?y\.o\.|\s?yo\b|\s?(m/o)|"
    rf"\s?(yrs?)\b)({_BETWEEN}{_SEX}|/(?-i:[MF])\b)?",
    ignore_case=True,
)
_SHORT = pattern(
    r"(?:^|[\s(,:])(\d{1,3}\s?[MF])(?:,|/|\s+(?:w/|h/o|c/o|p/w|s/p|(?:with|who|hx|presents|"
    r"presenting|admitted|here|PMH|and)\b))"
)
_LABELLED = pattern(
    r"(\w*)[ \t]*\b((?:patient )?age(?:\s?/\s?(?:sex|gender))?\s*[:=]\s*\d{1,3}"
    r"(?:\s?(?:years?(?: old)?|yrs?|y/?o)\b)?(?:\s?/?\s?((?-i:[MF])\b|female\b|male\b))?)"
    r"(\s*(?:weeks?|wks?|w\b|\+))?",
    ignore_case=True,
)
_SEX_LABEL = pattern(
    r"\b(?:sex|gender)\s*[:=]\s*(?:female|male|woman|man|(?-i:[MF]))\b", ignore_case=True
)
_IS = pattern(rf"\b(?:patient|pt) is an?\s(?:{_LOOKS}[,\s]+){{0,4}}{_SEX}", ignore_case=True)
_TITLE = pattern(r"\b(?:Mr|Mrs|Ms|Miss)\b\.?(?:\s+[A-Z\[_])")
# What follows an age that stands without a sex, where it is a patient's and no fracture's.
_PATIENT = pattern(
    r"[\s,]*(?:patient|pt|child|infant|baby|newborn|toddler|adult|individual|person|who|with|w/|"
    r"presents?|presenting|here|is|was|has|had|s/p|status|and|admitted|c/o|h/o|hx|p/w|coming|came|"
    r"referred|seen|being|G\d|\.|,|;|$)",
    ignore_case=True,
)
_YOUNG = pattern(r"[\s,]*(?:child|infant|baby|newborn|boy|girl|male|female)\b", ignore_case=True)
_RELATIVE = (
    r"(?:mother|father|mom|dad|parents?|brother|sister|siblings?|twin|son|daughter|wife|husband|"
    r"spouse|partner|children|aunt|uncle|cousin|niece|nephew|grand\w+|relatives?|friend|neighbou?r|"
    r"boyfriend|girlfriend|room-?mate|donor|caregiver|caretaker)"
)
_WHOSE = pattern(rf"\b(?:{_RELATIVE}|born to|delivered (?:by|to)|family|FHx?|FMHx?)\b", True)
_WHOSE_AFTER = pattern(r"\s(?:donor|partner|friend|relative|sibling|cousin)\b", True)
_RELATIVE_AFTER = pattern(rf"\s(?:\w+\s)?{_RELATIVE}\b", ignore_case=True)
_OF_OTHERS = pattern(r"\b(?:family|social|maternal)\b", ignore_case=True)  # sections
_NEAR = 100  # characters before a statement that say whose it is
OLDEST = 120

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = (
    r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|"
    rf"{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}\s+{_MONTH},?\s+\d{{4}}|"
    rf"{_MONTH}\s+\d{{1,2}}\b|\d{{1,2}}/\d{{1,2}}\b|"
    r"\[\*\*[^\[\]\n]{0,40}\d[^\[\]\n]{0,40}\*\*\])"
)


def _dated(labels: str, told: str) -> tuple[object, object]:
    """Two patterns of a date, in order: with a label before it, and told in a sentence."""
    return (
        pattern(rf"\b(?:{labels})[ \t]*:?[ \t]*{_DATE}", ignore_case=True),
        pattern(rf"\b(?:{told})\b[^.\n]{{0,100}}?\bon\s+(?:the\s+)?{_DATE}", ignore_case=True),
    )


_KEY_DATES = (
    _dated(
        r"date of admission|admission date|admit(?:ted)? date|date admitted|admitted:",
        r"(?:was|is|been) (?:re)?admitted|admitted",
    ),
    _dated(
        r"date of discharge|discharge date|date discharged|discharged:",
        r"(?:was|is|been) discharged|discharged",
    ),
    _dated(
        r"date of (?:operation|surgery|procedure)|(?:operation|operative|surgery|procedure) date",
        r"underwent|taken to the (?:OR|operating room)",
    ),
)
_OPENS = r"(?m)^[ \t#*=•>-]{0,6}(?:\d{1,2}[.)][ \t]*)?"
_CLOSES = r"[ \t*=]{0,6}(?::[ \t*]*|[ \t]-[ \t]+|\r?$)"
_PROBLEMS = tuple(  # the first kind that is there is told
    pattern(rf"{_OPENS}(?:{labels}){_CLOSES}", ignore_case=True)
    for labels in (
        r"(?:active |current |ongoing |chronic |hospital |medical )*problems?(?: list)?|"
        r"(?:active|acute|current) issues",
        r"(?:discharge |final |principal |primary |main |admission |admitting |working |clinical |"
        r"secondary |post-?operative |pre-?operative )*(?:diagnos[ie]s|dx)",
        r"assessment(?:[ \t]*(?:and|&|/|\+)[ \t]*(?:plan|recommendations?))?|a[ \t]?[/&+][ \t]?p|"
        r"(?:clinical |overall )?impressions?|imp|conclusions?",
    )
)
# Where a problem list or an assessment ends, beside the next header that `text.layout` knows.
_NEXT_LABEL = pattern(r"(?m)^[ \t#*=•>-]{0,6}[A-Za-z][A-Za-z /&()'-]{0,30}:")
_PLAN = pattern(
    r"(?m)^[ \t#*=•>-]{0,6}(?:(?-i:[A-Z][A-Z /&]{3,40})[ \t]?:|(?:plan|"
    r"recommendations?|follow[- ]?up|disposition|instructions?|medications?|condition|"
    r"code status)\b[^\n:]{0,20}:)",
    ignore_case=True,
)
_BLANK_LINE = pattern(r"\n[ \t\r]*\n")
LONGEST = 4_000  # characters of a problem list that are looked at
_LETTERS = 3  # what has fewer is no problem: `___`, `-`


@dataclass(frozen=True)
class NoteFacts:
    """What is told of one note, found where it is first asked for."""

    text: str

    @cached_property
    def layout(self) -> Layout:
        """Headers, and where they stand."""
        return read_layout(self.text)

    def section(self, position: int) -> Span | None:
        """The header under which an offset lies."""
        name = self.layout.section_at(position)
        if not name:
            return None
        line = max(start for start in self.layout.sections if start <= position)
        start = self.text.index(name, line)
        return start, start + len(name)

    @cached_property
    def demographics(self) -> list[Span]:
        """Age and sex as first stated of the patient: one stretch or two, or none."""
        age, has_sex = next(self._ages(), (None, False))
        if has_sex and age:
            return [age]
        sex = next(self._sexes(), None)
        return sorted(span for span in (age, sex) if span)

    @cached_property
    def dates(self) -> list[Span]:
        """Admission, discharge and operation, each as first stated, in the order of the note."""
        found = []
        for kinds in _KEY_DATES:
            spans = (match.span() for kind in kinds for match in kind.finditer(self.text))
            if span := next((span for span in spans if not self._of_another(span)), None):
                found.append(span)
        return sorted(set(found))

    @cached_property
    def problems(self) -> list[Span]:
        """Sentences and lines of the problem list, else of the diagnosis, else the assessment."""
        for kind in _PROBLEMS:
            for match in kind.finditer(self.text):
                start, end = self._body(match)
                if sum(map(str.isalpha, self.text[start:end])) >= _LETTERS:
                    return list(pairwise([start, *pauses(self.text, start, end - 1), end]))
        return []

    def before(self, start: int, characters: int) -> list[Span]:
        """The sentences and lines that end where a passage starts, of about so many characters."""
        reach = max(0, start - characters)
        cuts = pauses(self.text, reach, start - 1)
        firsts = cuts if reach else [0, *cuts]
        return list(pairwise([*firsts, start])) if start else []

    def _body(self, label: "object") -> Span:
        """What stands below or behind the label of a problem list."""
        text = self.text
        start = label.end()
        alone = not text[start : text.find("\n", start) % (len(text) + 1)].strip()
        while start < len(text) and text[start].isspace():
            start += 1
        ends = [len(text), start + LONGEST]
        ends += [line for line in self.layout.sections if line >= start][:1]
        for stop in (_PLAN,) if alone else (_PLAN, _NEXT_LABEL, _BLANK_LINE):
            # From the first line's end on: an item may be a label of its own.
            line_end = text.find("\n", start)
            if line_end >= 0 and (found := stop.search(text, line_end)):
                ends.append(found.start())
        end = max(start, min(ends))
        return start, start + len(text[start:end].rstrip())

    def _ages(self) -> Iterator[tuple[Span, bool]]:
        """Ages in the order of the note, and whether each has a sex with it."""
        found = []
        for match in _OLD.finditer(self.text):
            shorter, infant, bare, sex = match.groups()
            after = self.text[match.end() : match.end() + 40]
            alone = _YOUNG if shorter or infant else _PATIENT
            fits = bool(sex) or (not bare and bool(alone.match(after)))
            other = (_WHOSE_AFTER if sex else _RELATIVE_AFTER).match(after)
            if fits and not other:
                found.append((match.span(), bool(sex)))
        for match in _SHORT.finditer(self.text):
            found.append((match.span(1), True))
        for match in _LABELLED.finditer(self.text):
            before, _, sex, weeks = match.groups()
            if not weeks and (before or "").lower() not in ("gestational", "bone"):
                found.append((match.span(2), bool(sex)))
        for span, has_sex in sorted(found):
            digits = "".join(filter(str.isdigit, self.text[slice(*span)].split("/")[0][:6]))
            if (not digits or 0 < int(digits) <= OLDEST) and not self._of_another(span):
                yield span, has_sex

    def _sexes(self) -> Iterator[Span]:
        """Sexes: those with a label, then those told, then titles."""
        for kind in (_SEX_LABEL, _IS, _TITLE):
            for match in kind.finditer(self.text):
                start, end = match.span()
                end -= len(match[0]) - len(match[0].rstrip()) if kind is not _TITLE else 0
                if kind is _TITLE:
                    end = start + len(match[0].split()[0])
                if not self._of_another((start, end)):
                    yield start, end

    def _of_another(self, span: Span) -> bool:
        """Whether a statement is of somebody else than the patient."""
        start = span[0]
        before = self.text[max(0, start - _NEAR) : start]
        sentence = max(before.rfind("\n"), before.rfind(". "), before.rfind("; ")) + 1
        if _WHOSE.search(before[sentence:]):
            return True
        return bool(_OF_OTHERS.search(self.layout.section_at(start)))
