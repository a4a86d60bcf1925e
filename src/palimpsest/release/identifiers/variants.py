"""The ways in which an identifier may be written, as texts whose words are looked for.

Case, accents and punctuation are no variants: words are compared without them.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
SUFFIXES = {
    "street": "st", "avenue": "ave", "road": "rd", "drive": "dr", "lane": "ln", "court": "ct",
    "boulevard": "blvd", "place": "pl", "circle": "cir", "square": "sq", "terrace": "ter",
    "parkway": "pkwy", "highway": "hwy", "trail": "trl", "crossing": "xing",
}  # fmt: skip
OLDEST = 125
_ISO = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?\s*")
_US = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})\s*")
_NAMED = re.compile(r"\s*([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\s*")
_DAY_FIRST = re.compile(r"\s*(\d{1,2})(?:st|nd|rd|th)?[-\s]+([A-Za-z]{3,9})\.?[-,\s]+(\d{4})\s*")
_WORD = re.compile(r"[^\W_]+")


def plain_words(text: str) -> list[str]:
    """Lower-case words without accents."""
    if text.isascii():
        return _WORD.findall(text.lower())
    text = unicodedata.normalize("NFKD", text)
    return _WORD.findall("".join(sign for sign in text if not unicodedata.combining(sign)).lower())


def read_date(text: str, latest: int = 2040) -> date | None:
    """The day that a text says, month before day where both are numbers; None where it is none.

    latest: years of two digits are not after this one.
    """
    if match := _ISO.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _US.fullmatch(text):
        month, day, year = map(int, match.groups())
        if month > 12:
            month, day = day, month
        if len(match[3]) == 2:
            year += 2000 if year <= latest % 100 else 1900
    elif match := _NAMED.fullmatch(text):
        month, day, year = _month(match[1]), int(match[2]), int(match[3])
    elif match := _DAY_FIRST.fullmatch(text):
        month, day, year = _month(match[2]), int(match[1]), int(match[3])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(word: str) -> int:
    word = word.lower()
    return next((n for n, name in enumerate(MONTHS, 1) if name.startswith(word[:3])), 0)


def dates(day: date) -> list[str]:
    """A day as numbers and words, with its year."""
    year, month, number = f"{day.year:04}", day.month, day.day
    short = year[2:]
    made = [f"{year}{month:02}{number:02}", f"{month:02}{number:02}{year}"]
    for spelled in {f"{month} {number}", f"{month:02} {number:02}"}:
        made += [f"{spelled} {year}", f"{spelled} {short}", f"{year} {spelled}"]
    for spelled in {f"{number} {month}", f"{number:02} {month:02}"}:
        made += [f"{spelled} {year}", f"{spelled} {short}"]
    ending = "th" if 10 < number < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    name = MONTHS[month - 1]
    names = {name, name[:3], "sept" if month == 9 else name[:3]}
    for called in sorted(names):
        for said in dict.fromkeys((f"{number}", f"{number:02}", f"{number}{ending}")):
            made += [f"{called} {said} {year}", f"{said} {called} {year}"]
            made += [f"{called} {said} {short}", f"{said} {called} {short}"]
        made += [f"{number}{ending} of {called} {year}", f"{number:02}{called}{year}"]
        made += [f"{year} {called} {number:02}"]
    return list(dict.fromkeys(made))


def full_names(parts: list[str]) -> list[str]:
    """A name of two parts or more, the last one the surname: whole, and in either order."""
    words = [" ".join(plain_words(part)) for part in parts]
    first, *middle, last = words
    made = [f"{first} {last}", f"{last} {first}"]
    if middle:
        between = " ".join(middle)
        made += [f"{first} {between} {last}", f"{last} {first} {between}"]
        letters = " ".join(word[0] for word in middle)
        made += [f"{first} {letters} {last}", f"{last} {first} {letters}"]
    closed = ["".join(plain_words(part)) for part in (parts[0], parts[-1])]  # O'Brien, OBrien
    made += [f"{closed[0]} {closed[1]}", f"{closed[1]} {closed[0]}", "".join(closed)]
    return list(dict.fromkeys(made))


def initials(parts: list[str]) -> list[str]:
    """A name with its surname written out and the rest as letters."""
    letters = [plain_words(part)[0][0] for part in parts[:-1]]
    made = []
    for last in dict.fromkeys((" ".join(plain_words(parts[-1])), "".join(plain_words(parts[-1])))):
        made += [f"{letters[0]} {last}", f"{last} {letters[0]}"]
        if len(letters) > 1:
            together = " ".join(letters)
            made += [f"{together} {last}", f"{last} {together}", f"{''.join(letters)} {last}"]
    return list(dict.fromkeys(made))


def grouped(digits: str) -> list[str]:
    """A number as one, in groups, digit by digit, and spelled."""
    made = [digits, " ".join(digits)]
    for size in (2, 3, 4):
        from_left = [digits[at : at + size] for at in range(0, len(digits), size)]
        cut = len(digits) % size
        from_right = ([digits[:cut]] if cut else []) + [
            digits[at : at + size] for at in range(cut, len(digits), size)
        ]
        made += [" ".join(from_left), " ".join(from_right)]
    spelled = [DIGITS[int(digit)] for digit in digits]
    made += [" ".join(spelled), " ".join("oh" if word == "zero" else word for word in spelled)]
    return [text for text in dict.fromkeys(made) if len(text.split()) <= 12]


def numbers(text: str) -> list[str]:
    """A record, account or other number, which may have letters."""
    words = plain_words(text)
    closed = "".join(words)
    made = [" ".join(words), closed]
    if closed.isdigit():
        made += grouped(closed)
        if stripped := closed.lstrip("0"):
            made.append(stripped)
    return [one for one in dict.fromkeys(made) if one and len(one.split()) <= 12]


def phones(text: str) -> list[str]:
    """A telephone number of ten digits, or another one as any number."""
    digits = "".join(sign for sign in text if sign.isdigit())
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    if len(digits) != 10:
        return numbers(digits)
    area, middle, last = digits[:3], digits[3:6], digits[6:]
    made = [f"{area} {middle} {last}", f"{area} {middle}{last}", f"{area}{middle} {last}"]
    return list(dict.fromkeys([*made, *grouped(digits), f"1{digits}"]))


def streets(text: str) -> list[str]:
    """The street of an address, with its number, which comes first."""
    words = plain_words(text.split(",")[0])[:6]
    if len(words) < 2 or not any(word.isdigit() for word in words):
        return []
    made = [words]
    full = {short: long for long, short in SUFFIXES.items()}
    if words[-1] in SUFFIXES:
        made += [[*words[:-1], SUFFIXES[words[-1]]], words[:-1]]
    elif words[-1] in full:
        made += [[*words[:-1], full[words[-1]]], words[:-1]]
    return [" ".join(one) for one in made if len(one) > 1]


def ages(age: int) -> list[str]:
    """An age of a hundred and so, as notes say it."""
    made = []
    for said in (f"{age}", spelled_age(age)):
        for unit in ("year old", "years old", "yr old", "y o", "yo", "years of age", "year", "yrs"):
            made.append(f"{said} {unit}")
        made += [f"aged {said}", f"age {said}", f"age of {said}"]
    made += [f"{age}yo", f"{age}y", f"{age}f", f"{age}m", f"{age} f", f"{age} m"]
    return made


def spelled_age(age: int) -> str:
    """An age from 90 on in words."""
    ones = age % 10
    if age < 100:
        return f"ninety {DIGITS[ones]}" if ones else "ninety"
    rest = age - 100
    teens = (
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
    )
    if not rest:
        return "one hundred"
    if rest < 10:
        return f"one hundred {DIGITS[rest]}"
    if rest < 20:
        return f"one hundred {teens[rest - 10]}"
    return f"one hundred twenty {DIGITS[ones]}" if ones else "one hundred twenty"


def over_89() -> Iterator[int]:
    """The ages that tell who somebody is: 90 and more."""
    yield from range(90, OLDEST)
