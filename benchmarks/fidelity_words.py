"""Words and forms that benchmarks/fidelity_statements.py puts into its frames."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
OFTEN = {  # by the generator's code: forms that the rules were made with, held-out forms
    "daily": (
        ("daily", "once daily", "once a day", "QD", "every day", "every 24 hours"),
        ("each day", "one time daily", "q24h"),
    ),
    "BID": (
        ("BID", "b.i.d.", "twice daily", "twice a day", "two times a day", "every 12 hours"),
        ("two times daily", "bid", "2x daily"),
    ),
    "TID": (
        ("TID", "three times daily", "3 times a day", "t.i.d.", "every 8 hours"),
        ("three times per day", "tid", "q8h"),
    ),
    "QID": (
        ("QID", "four times a day", "four times daily", "q.i.d.", "4 times daily"),
        ("four times each day", "every six hours"),
    ),
    "QHS": (
        ("QHS", "at bedtime", "nightly", "every night", "once daily at bedtime"),
        ("q.h.s.", "each night", "before bed"),
    ),
    "Q12H": (("Q12H", "every 12 hours", "q 12 h", "twice daily"), ("every twelve hours",)),
    "Q8H": (("Q8H", "every 8 hours", "q 8 h", "three times daily"), ("every eight hours",)),
    "Q6H": (("Q6H", "every 6 hours", "q 6 h", "four times daily"), ("every six hours",)),
    "weekly": (
        ("weekly", "once weekly", "once a week", "every week", "every 7 days"),
        ("one time a week", "each week"),
    ),
    "every other day": (
        ("every other day", "QOD", "on alternate days", "every 48 hours"),
        ("every second day", "every 2 days"),
    ),
    "Q6H PRN": (
        ("Q6H PRN", "every 6 hours as needed", "q6h when needed", "four times daily PRN"),
        ("every six hours as required",),
    ),
    "Q8H PRN": (
        ("Q8H PRN", "every 8 hours as needed", "q8h if needed", "three times daily prn"),
        ("every eight hours p.r.n.",),
    ),
    "Q4H PRN": (
        ("Q4H PRN", "every 4 hours as needed", "q4h as required", "every four hours prn"),
        ("q 4 h if needed",),
    ),
    "daily PRN": (
        ("daily PRN", "once daily as needed", "once a day if needed"),
        ("every day when needed",),
    ),
    "BID PRN": (
        ("BID PRN", "twice daily as needed", "two times a day when needed"),
        ("b.i.d. if required",),
    ),
}
ROUTES = {
    "PO": (("PO", "by mouth", "orally"), ("p.o.", "per os")),
    "IV": (("IV", "intravenously", "i.v."), ("by vein",)),
    "SC": (("SC", "subcutaneously", "subQ"), ("under the skin",)),
    "INH": (("INH", "inhaled", "by inhalation"), ("via inhaler",)),
    "SL": (("SL", "sublingually", "under the tongue"), ("subl.",)),
}
PARTS = (
    "arm",
    "leg",
    "knee",
    "hip",
    "shoulder",
    "hand",
    "foot",
    "kidney",
    "lung",
    "breast",
    "ankle",
)
LESIONS = ("nodule", "mass", "fracture", "abscess", "hematoma")
TESTS = (
    ("CT", "CT scan", "computed tomography"),
    ("MRI", "MRI scan", "magnetic resonance imaging"),
    ("ultrasound", "ultrasonography", "sonography"),
    ("chest x-ray", "CXR", "chest radiograph"),
)
PROCEDURES = (
    ("appendectomy", "removal of the appendix"),
    ("cholecystectomy", "gallbladder removal"),
    ("CABG", "coronary artery bypass grafting"),
    ("colonoscopy",),
    ("hysterectomy",),
    ("total knee replacement", "total knee arthroplasty", "TKR"),
    ("bronchoscopy",),
    ("lumbar puncture", "LP", "spinal tap"),
    ("thoracentesis",),
    ("cardiac catheterization", "cardiac cath"),
    ("EGD", "upper endoscopy"),
    ("paracentesis",),
    ("hernia repair",),
    ("biopsy",),
    ("dialysis", "hemodialysis"),
)
RULED = (
    ("pulmonary embolism", "PE"),
    ("pneumonia", "PNA"),
    ("DVT", "deep vein thrombosis"),
    ("appendicitis",),
    ("aortic dissection",),
    ("stroke", "CVA"),
    ("cholecystitis",),
    ("abscess",),
    ("bowel obstruction", "SBO"),
    ("pneumothorax",),
    ("diverticulitis",),
    ("malignancy", "cancer"),
)
INHERITED = (
    ("breast cancer", "carcinoma of the breast"),
    ("diabetes", "diabetes mellitus"),
    ("stroke", "CVA"),
    ("hypertension", "HTN", "high blood pressure"),
    ("colon cancer", "cancer of the colon"),
    ("coronary artery disease", "CAD"),
    ("asthma",),
    ("glaucoma",),
    ("heart attack", "myocardial infarction"),
    ("Alzheimer's disease", "Alzheimer disease"),
    ("depression",),
    ("rheumatoid arthritis", "RA"),
)
# Pairs that are mixed up (after the lists of look-alikes of ISMP and others, from memory).
LOOK_ALIKES = [
    pair.split()
    for pair in (
        "hydralazine hydroxyzine|clonidine clonazepam|celecoxib citalopram|lamotrigine lamivudine|"
        "metformin metronidazole|prednisone prednisolone|glipizide glyburide|tramadol trazodone|"
        "bupropion buspirone|fluoxetine duloxetine|oxycodone hydrocodone|losartan valsartan|"
        "quetiapine olanzapine|risperidone ropinirole|amlodipine amiloride|"
        "atorvastatin rosuvastatin|"
        "carvedilol captopril|levetiracetam levofloxacin|methotrexate metolazone|"
        "omeprazole pantoprazole|"
        "sertraline cetirizine|lorazepam alprazolam|furosemide torsemide|nifedipine nicardipine"
    ).split("|")
]
INVENTED = ("mirvotexate salbrutine cortaflam neurovexin pelmadipine oxatrolol duvirapine").split()
DOSES = ("5 mg", "10 mg", "25 mg", "40 mg", "500 mg", "20 mg", "125 mcg", "50 mcg", "250 mg", "2 g")

Names = tuple[tuple[str, ...], ...]  # of several things, the wordings of each


@dataclass(frozen=True)
class Words:
    """What a lot is told with. `second` ones stand beside those of the generator and of above."""

    pairs: tuple[tuple[str, ...], ...]
    invented: tuple[str, ...]
    surgery: Names
    procedures: Names
    ruled: Names
    inherited: Names
    parts: tuple[str, ...]
    lesions: tuple[str, ...]
    tests: Names
    courses: tuple[str, ...]
    allergens: tuple[str, ...] = ()
    symptoms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    labs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    often: dict[str, tuple[str, ...]] = field(default_factory=dict)
    routes: dict[str, tuple[str, ...]] = field(default_factory=dict)


COURSES = ("ceftriaxone", "vancomycin", "cefepime", "meropenem")
FIRST = Words(
    pairs=tuple(tuple(pair) for pair in LOOK_ALIKES),
    invented=INVENTED,
    surgery=PROCEDURES[:9],
    procedures=PROCEDURES,
    ruled=RULED,
    inherited=INHERITED,
    parts=PARTS,
    lesions=LESIONS,
    tests=TESTS,
    courses=COURSES,
)
FRAMES = yaml.safe_load(Path(__file__).with_name("fidelity_frames.yaml").read_text("utf-8"))
SECOND = yaml.safe_load(Path(__file__).with_name("fidelity_second.yaml").read_text("utf-8"))
THIRD = yaml.safe_load(Path(__file__).with_name("fidelity_third.yaml").read_text("utf-8"))
SECOND_LOTS = ("drawn2", "held2")
# With words and forms of their own.
WHOLE = {
    lot: yaml.safe_load(Path(__file__).with_name(f"fidelity_{lot}.yaml").read_text("utf-8"))
    for lot in (
        "fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
        " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth"
        " nineteenth twentieth twentyfirst twentysecond twentythird twentyfourth"
    ).split()
}
# The rules were mended with one half of these, dealt by chance, and measured with the other.
DEALT = (
    ("thirteenth", "fourteenth", "fifteenth"),
    ("sixteenth", "seventeenth", "eighteenth"),
    ("nineteenth", "twentieth", "twentyfirst"),
    ("twentysecond", "twentythird", "twentyfourth"),
)
HALVES = {
    f"{lot}-{half}": (lot, half) for lots in DEALT for lot in lots for half in ("seen", "unseen")
}


def later_lots() -> tuple[str, ...]:
    """Each has patients of its own by its place here, so that new ones stand behind."""
    later = [lot for lots in DEALT[1:] for lot in lots]
    found = [*SECOND_LOTS, "third", *(lot for lot in WHOLE if lot not in later)]
    for place, lots in enumerate(DEALT):
        found += lots if place else ()
        found += [f"{lot}-{half}" for lot in lots for half in ("seen", "unseen")]
    return tuple(found)


LATER_LOTS = later_lots()


def dealt(items: list[Any], name: str, lot: str) -> tuple[Any, ...]:
    """One of two halves of some items, by chance; all of them of a later lot."""
    mixed = Random(f"dealt-{name}").sample(items, len(items))
    if lot in HALVES:
        half = mixed[HALVES[lot][1] == "unseen" :: 2]
    else:
        half = (mixed[SECOND_LOTS.index(lot) :: 2] if lot in SECOND_LOTS else []) or items
    return tuple(tuple(item) if isinstance(item, list) else item for item in half)


@cache
def words_of(lot: str) -> Words:
    if lot not in LATER_LOTS:
        return FIRST
    told = WHOLE.get(HALVES.get(lot, (lot,))[0], SECOND)
    words = {name: dealt(items, name, lot) for name, items in told["words"].items()}
    forms = {
        kind: {key: dealt(items, key, lot) for key, items in told[kind].items()}
        for kind in ("symptoms", "labs", "often", "routes")
    }
    return Words(**words, **forms)


@cache
def frames_of(lot: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """By the name of a frame, its wordings with which the rules were made, and those of a lot."""
    if lot not in LATER_LOTS:
        return {name: (tuple(of["made"]), tuple(of[lot])) for name, of in FRAMES.items()}
    if lot in HALVES:
        frames = WHOLE[HALVES[lot][0]]["frames"]
        return {
            name: (tuple(FRAMES[name]["made"]), dealt(own, name, lot))
            for name, own in frames.items()
        }
    if lot not in SECOND_LOTS:
        frames = WHOLE[lot]["frames"] if lot in WHOLE else THIRD
        return {name: (tuple(FRAMES[name]["made"]), tuple(own)) for name, own in frames.items()}
    return {
        name: (tuple(FRAMES[name]["made"]), dealt(frames, name, lot))
        for name, frames in SECOND["frames"].items()
    }
