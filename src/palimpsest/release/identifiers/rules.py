"""Rules that find identifiers in notes without labels. docs/release.md says how many they find.

They look at form alone, in the manner of Philter's patterns (Norgeot et al. 2020): what has no
form, as a name in running text, they miss. A roster knows more.
"""

import re
from collections.abc import Iterator

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_NAME = r"[A-Z][a-z]+(?:[-'][A-Z][a-z]+)?"
DATE = re.compile(
    rf"(?<![\d/-])(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}/\d{{1,2}}/(?:\d{{4}}|\d\d)"
    rf"|\d{{1,2}}[- ]{_MONTH}[- ,]+\d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
    r"(?![\d/-])",
    re.I,
)
_RULES = (
    (
        "PHONE",
        re.compile(r"(?<![\d-])(?:\+?1[-. ])?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d-])"),
    ),
    ("DATE", DATE),
    (
        "ADDRESS",
        re.compile(
            rf"\b\d{{1,5}} (?:{_NAME} ){{1,3}}[A-Z][a-z]+, "
            rf"(?:{_NAME} ?){{1,3}}, [A-Z]{{2}} \d{{5}}\b"
        ),
    ),
    ("ID", re.compile(r"(?<![\d.-])\d{7,12}(?![\d.-])")),
    (
        "AGE",
        re.compile(
            r"(?<![\d.])(?:9\d|1[01]\d)(?=[- ]?(?:years?|yrs?|y/?o|yo\b)|[- ]year-old)", re.I
        ),
    ),
    (
        "NAME",
        re.compile(
            rf"(?:(?<=Dr\. )|(?<=Mr\. )|(?<=Mrs\. )|(?<=Ms\. )|(?<=Name: )|(?<=NAME: )"
            rf"|(?<=Physician: )|(?<=Attending: )|(?<=Patient: ))(?:{_NAME}, {_NAME}|{_NAME}"
            rf"(?: {_NAME})?)"
        ),
    ),
    ("NAME", re.compile(rf"{_NAME} {_NAME}(?=,? (?:MD|M\.D\.|DO|RN|NP|PA-C)\b)")),
    (
        "LOCATION",
        re.compile(
            rf"(?:(?:St\. )?{_NAME}(?:'s)? ){{1,3}}(?:Memorial |General |University )?"
            r"(?:Hospital|Medical Center|Clinic)\b"
        ),
    ),
)


def found_by_rules(text: str) -> Iterator[tuple[str, int, int]]:
    """Label, start and end of what rules find; the first rule that finds a place has it."""
    taken: list[tuple[int, int]] = []
    for label, pattern in _RULES:
        for match in pattern.finditer(text):
            if all(match.end() <= start or end <= match.start() for start, end in taken):
                taken.append(match.span())
                yield label, *match.span()
