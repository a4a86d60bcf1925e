"""What only test patients may have: diseases, wordings and templates.

A model that memorises the templates of the training notes must not win on the test notes. So a
patient of `train` or `valid` never has what is held out, and a patient of `test` has it by
preference, wherever there is a choice:

- diseases: reasons for admission and comorbidities, under every name that they have here;
- wordings: synonyms, abbreviations and drugs; whatever contains one is held out with it;
- templates: of three or more alternative sentences the last, of six or more the last two, of ten or
  more the last fifth.

Names of people and hospitals are split in the same way, see `phi`.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TypeVar

from synthetic_notes.admissions import ADMISSIONS
from synthetic_notes.data_files import load
from synthetic_notes.vocabulary import catalogue_names, chronic_diseases

T = TypeVar("T")

# how often a test patient gets what is held out, where both kinds are there to choose from
PREFERENCE = 0.7


@dataclass(frozen=True)
class _HeldOut:
    """ICD-10-CM codes, and wordings by the kind of thing that they name."""

    admissions: tuple[str, ...]
    comorbidities: tuple[str, ...]
    disease_words: tuple[str, ...]
    wordings: dict[str, tuple[str, ...]]


_HELD_OUT = load("holdout.yaml", _HeldOut)
ADMISSION_CODES = frozenset(_HELD_OUT.admissions)
COMORBIDITY_CODES = frozenset(_HELD_OUT.comorbidities)
WORDINGS = tuple(word for words in _HELD_OUT.wordings.values() for word in words)


@cache
def _terms() -> re.Pattern[str]:
    diseases = chronic_diseases()
    names = [name for a in ADMISSIONS if a.code in ADMISSION_CODES for name in a.names]
    for code in COMORBIDITY_CODES:
        names += [*diseases[code].names, catalogue_names()[code]]
    words = {
        re.sub(r"\{\w+\} ?", "", word) for word in (*names, *_HELD_OUT.disease_words, *WORDINGS)
    }
    # the longest first, and a short one (CP, Na, HA) only as it is written here
    exact = [word for word in words if len(word) <= 4]
    free = [word for word in words if len(word) > 4]
    either = [
        "|".join(re.escape(word) for word in sorted(group, key=lambda w: (-len(w), w)))
        for group in (exact, free)
    ]
    return re.compile(rf"(?<![\w-])(?:{either[0]}|(?i:{either[1]}))(?![\w-])")


@cache
def is_held_out(text: str) -> bool:
    """Whether a fixed text or markup contains a held-out disease or wording."""
    return _terms().search(text) is not None


def held_out_templates(count: int) -> int:
    """How many of `count` alternative templates are for test patients; they are the last ones."""
    return 0 if count < 3 else 1 if count < 6 else max(2, count // 5)


class HoldoutRandom(Random):
    """A random stream that knows what its patient may have.

    held_out: whether the patient belongs to `test`.
    """

    held_out: bool = False

    def template(self, templates: Sequence[T]) -> T:
        """One of alternative sentences, in the order of their list."""
        common = len(templates) - held_out_templates(len(templates))
        if common == len(templates):
            return self.choice(templates)
        if self.held_out and self.random() < PREFERENCE:
            return self.choice(templates[common:])
        return self.choice(templates[:common])

    def allowed(self, options: Sequence[T], held_out: Callable[[T], bool] = is_held_out) -> list[T]:
        """The options that the patient may have now, in their order.

        Empty only if there are none but held-out ones and the patient is not for testing.
        """
        split: tuple[list[T], list[T]] = ([], [])
        for option in options:
            split[held_out(option)].append(option)
        common, reserved = split
        if not self.held_out:
            return common
        if reserved and (not common or self.random() < PREFERENCE):
            return reserved
        return common

    def wording(self, options: Sequence[T], held_out: Callable[[T], bool] = is_held_out) -> T:
        """One of alternative wordings of one thing, or of alternative things.

        Raises IndexError if all of them are held out and the patient is not for testing.
        """
        return self.choice(self.allowed(options, held_out))


def random_stream(seed: int, patient: int, purpose: str, held_out: bool = False) -> HoldoutRandom:
    """The stream of one purpose, which depends on its arguments only."""
    key = hashlib.sha256(str(seed).encode()).digest()
    message = f"{patient}/{purpose}".encode()
    digest = hashlib.blake2b(message, key=key, digest_size=16).digest()
    draw = HoldoutRandom(int.from_bytes(digest, "big"))
    draw.held_out = held_out
    return draw
