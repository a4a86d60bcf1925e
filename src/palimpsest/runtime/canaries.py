"""Canaries: synthetic patients who are planted in a source, to see whether they come out again.

A canary has a name, a number and a sentence that nobody else has: words of syllables that no
language has. They follow from the seed, the source and the canary's number, so that the release
check knows them without being told (Carlini et al. 2019, arXiv 1802.08232, which plants secrets in
what a model is trained on).
"""

import random
from dataclasses import dataclass

from palimpsest.runtime.identity import keyed_hash

PREFIX = "canary-"
_ONSETS = ("br", "d", "f", "gl", "h", "k", "l", "m", "n", "pr", "r", "sk", "t", "v", "z", "qu")
_VOWELS = ("a", "e", "i", "o", "u", "ao", "ei", "y")
_CODAS = ("x", "rn", "lq", "v", "mp", "zt", "k", "nd", "sh", "b")
_ENTERED = (
    "chest pain and shortness of breath", "fever and a productive cough", "a fall at home",
    "abdominal pain with vomiting", "swelling of both legs", "a sudden loss of speech",
    "palpitations", "bright red blood in the stool",
)  # fmt: skip
_FOUND = (
    "An electrocardiogram showed no acute changes", "A chest film showed an infiltrate on the left",
    "A scan of the head was normal", "Cultures grew nothing", "The stress test was negative",
    "Endoscopy found a small ulcer", "Ultrasound showed gallstones", "Telemetry was unremarkable",
)  # fmt: skip
_GIVEN = (
    "furosemide 40 mg daily", "ceftriaxone 1 g daily", "metoprolol 25 mg twice daily",
    "pantoprazole 40 mg daily", "apixaban 5 mg twice daily", "prednisone 20 mg daily",
    "lisinopril 10 mg daily", "acetaminophen 650 mg as needed",
)  # fmt: skip
_AFTER = (
    "improved by day three and walked without help", "was seen by physical therapy",
    "tolerated a regular diet", "had no further episodes", "was weaned from oxygen",
    "slept well and asked to go home", "needed one more day of observation", "felt much better",
)  # fmt: skip
_TEXT = """Discharge Summary

Name: {name}
Medical record number: {number}

History of present illness:
{name} is a {age} year old patient who was admitted with {entered} for {days} days.

Hospital course:
{found}. The patient said that {secret}. {given} was started, and {name} {after}.

Discharge:
Home with {given}; follow-up in {weeks} weeks.
"""
_SECRET = "the {a} of {b} keeps {number} {c} beside the {d} of {e}"


@dataclass(frozen=True)
class Canary:
    """One synthetic patient. secret: the words that are looked for, besides name and number."""

    note_id: str
    patient_id: str
    name: str
    number: str
    secret: str
    text: str


def is_canary(note_id: str) -> bool:
    """Whether a note is a canary's, by its id."""
    return note_id.startswith(PREFIX)


def canary(source: str, seed: int, number: int) -> Canary:
    """The canary of a number from 0 on."""
    draws = random.Random(keyed_hash(f"canary-{seed}", source, str(number)))
    name = f"{_word(draws).capitalize()} {_word(draws).capitalize()}"
    digits = str(draws.randrange(10**11, 10**12))  # as long as none of a hospital's
    words = {letter: _word(draws) for letter in "abcde"}
    secret = _SECRET.format(**words, number=draws.randrange(1000, 10000))
    text = _TEXT.format(
        name=name,
        number=digits,
        secret=secret,
        age=draws.randint(35, 80),
        days=draws.randint(2, 9),
        weeks=draws.randint(2, 8),
        entered=draws.choice(_ENTERED),
        found=draws.choice(_FOUND),
        given=draws.choice(_GIVEN),
        after=draws.choice(_AFTER),
    )
    return Canary(
        f"{PREFIX}{source}-{number:05}",
        f"{PREFIX}{source}-{number:05}",
        name,
        digits,
        secret,
        text,
    )


def _word(draws: random.Random) -> str:
    return "".join(
        draws.choice(_ONSETS) + draws.choice(_VOWELS) + (draws.choice(_CODAS) if last else "")
        for last in (False, False, True)
    )
