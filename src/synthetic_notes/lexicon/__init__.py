"""Words that no package links to a disease: symptoms, laboratory ranges, drugs and their classes.

Doses and units are the ones that a hospital in the United States writes; the packaged dose ladders
are British, so the drugs whose strengths differ are listed here and win over the package.
"""

from collections.abc import Collection

from synthetic_notes.data_files import load

# (ward wordings, the wording of a patient's instructions)
SYMPTOMS = load("lexicon/symptoms.yaml", dict[str, tuple[tuple[str, ...], str]])
_SAME_SYMPTOM = load("lexicon/same_symptom.yaml", tuple[tuple[str, ...], ...])

# (prose names, unit, reference low, reference high, decimals)
LABS = load("lexicon/labs.yaml", dict[str, tuple[tuple[str, ...], str, float, float, int]])
BASIC_PANEL = ("WBC", "Hgb", "Plt Ct", "Glucose", "UreaN", "Creat", "Na", "K", "Cl", "HCO3")
CHRONIC_LABS = load("lexicon/chronic_labs.yaml", dict[str, dict[str, tuple[float, float]]])

# (strengths, route, frequencies)
FORMULARY = load("lexicon/formulary.yaml", dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]])
DRUG_CLASSES = load("lexicon/drug_classes.yaml", dict[str, tuple[str, ...]])


def same_symptom(key: str, others: Collection[str]) -> bool:
    """Whether a symptom, or one that says nearly the same, is among others."""
    groups = [group for group in _SAME_SYMPTOM if key in group]
    return key in others or any(other in group for group in groups for other in others)
