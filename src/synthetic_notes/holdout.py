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
from functools import cache
from random import Random
from typing import TypeVar

from synthetic_notes.admissions import ADMISSIONS
from synthetic_notes.vocabulary import catalogue_names, chronic_diseases

T = TypeVar("T")

# how often a test patient gets what is held out, where both kinds are there to choose from
PREFERENCE = 0.7

# ICD-10-CM codes of reasons for admission
ADMISSION_CODES = frozenset("U07.1 K81.0 G40.901 E10.10 L03.116 K56.609".split())
# and of comorbidities
COMORBIDITY_CODES = frozenset(
    "B18.2 C61 C64.9 D86.9 E03.9 E10.9 G40.909 G43.909 G47.30 H26.9 H40.9 I73.9 K51.90 L40.9 "
    "M06.9 M10.9 M17.9 M79.7 M81.0".split()
)
# further words for the same diseases, in sentences about other patients
_DISEASE_WORDS = ("COVID-19", "cholecystitis", "cellulitis", "bowel obstruction")

WORDINGS: tuple[str, ...] = (
    # symptoms
    *("SOB", "DOE", "two-pillow orthopnea", "paroxysmal nocturnal dyspnea"),
    *("bilateral leg swelling", "lower extremity swelling", "lower extremity pain"),
    *("dry cough", "cough productive of yellow sputum", "wheeze", "subjective fevers", "rigors"),
    *("CP", "substernal chest pain", "LOC", "emesis", "watery diarrhea", "abd pain"),
    *("inability to pass flatus", "left lower quadrant pain", "right upper quadrant pain"),
    *("abdominal distention", "black tarry stools", "coffee-ground emesis", "BRBPR"),
    *("gross hematuria", "inability to void", "lower abdominal discomfort", "AMS", "somnolence"),
    *("poor urine output", "generalized weakness", "HA", "blurry vision", "dysarthria"),
    *("increased thirst", "scleral icterus", "fall from standing"),
    *("decreased PO intake", "unintentional weight loss", "paresthesias", "body aches"),
    *("generalized seizure", "bowel or bladder incontinence"),
    # laboratory and imaging
    *("WBC count", "hemoglobin", "platelet count", "blood glucose", "Cr", "bicarb"),
    *("alk phos", "Tbili", "troponin T", "hemoglobin A1c", "chest radiograph", "NCHCT"),
    *("CT angiogram of the chest", "brain MRI", "CT abd/pelvis", "RUQ US", "renal US", "LENIs"),
    *("hip films", "ECG"),
    # diseases that are not held out themselves
    *("HTN", "dyslipidemia", "CAD", "DM2", "afib", "CHF", "CKD stage III"),
    *("MDD", "gastroesophageal reflux disease", "knee osteoarthritis", "IBS", "SLE"),
    *("chronic obstructive pulmonary disease", "BPH", "AKI", "non-ST elevation myocardial"),
    *("AF with rapid ventricular response", "submassive pulmonary embolism"),
    *("acute exacerbation of COPD", "acute asthma exacerbation", "acute upper gastrointestinal"),
    *("acute interstitial pancreatitis", "Clostridioides difficile", "E. coli urosepsis"),
    *("hypovolemic hyponatremia", "prerenal acute kidney injury"),
    # treatments
    *("losartan", "rosuvastatin", "simvastatin", "glimepiride", "empagliflozin"),
    *("escitalopram", "duloxetine", "esomeprazole", "famotidine", "budesonide", "pregabalin"),
    *("naproxen", "dutasteride", "galantamine", "folic acid", "tamoxifen"),
    *("doxycycline", "heparin drip", "lactated Ringer's", "PPI drip", "packed red cells"),
    *("oral diuretics", "CCY", "TAH", "PPM", "PCN", "NSAIDs", "Bactrim"),
)


@cache
def _terms() -> re.Pattern[str]:
    diseases = chronic_diseases()
    names = [name for a in ADMISSIONS if a.code in ADMISSION_CODES for name in a.names]
    for code in COMORBIDITY_CODES:
        names += [*diseases[code].names, catalogue_names()[code]]
    words = {re.sub(r"\{\w+\} ?", "", word) for word in (*names, *_DISEASE_WORDS, *WORDINGS)}
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
