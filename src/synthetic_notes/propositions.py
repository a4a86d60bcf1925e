"""What the notes of a patient state about single questions, for pairs of premise and hypothesis.

A topic is a question with one answer per patient, such as the heart rate on arrival. Two patients
who answer it differently contradict each other, which is all that `pairs` needs.
"""

from dataclasses import dataclass

from synthetic_notes.data_files import load
from synthetic_notes.facts import Facts
from synthetic_notes.lexicon import LABS

# symptoms all of whose wordings say the same
_SYMPTOMS = frozenset(
    "dyspnea wheezing fever palpitations syncope nausea vomiting constipation melena hematemesis "
    "hematochezia dysuria frequency hematuria diaphoresis headache polyuria polydipsia hemoptysis "
    "rash myalgias confusion".split()
) | {"exertional dyspnea", "chest pain", "abdominal pain", "sore throat", "neck stiffness"}
_VITALS = {"temp": "temperature", "hr": "heart rate", "sbp": "systolic pressure", "spo2": "SpO2"}
_ANSWERS = load("answers.yaml", dict[str, dict[str, str]])
# topics about which a premise says something, besides those that it states; for the others the
# premise is neutral. A diagnosis makes symptoms and laboratory values likely, and the other way.
_BEARS: dict[str, tuple[str, ...]] = {
    "opening": ("age", "symptom", "diagnosis"),
    "onset": ("onset", "symptom", "diagnosis"),
    "denial": ("symptom", "temp", "diagnosis"),
    "vitals": ("temp", "hr", "sbp", "spo2", "symptom"),
    "labs": ("lab", "diagnosis"),
    "summary": ("age", "diagnosis", "symptom", "lab"),
    "walks": ("walks",),
    "disposition": ("disposition",),
    "allergy": ("allergy",),
    "drug": ("schedule", "dose", "allergy", "diagnosis", "lab"),
}


@dataclass(frozen=True)
class Proposition:
    """The answer to one topic.

    kind: of the topic, such as "hr" or "lab"; name: what is asked about, as a hypothesis says it,
    or a key of the lexicon. value: the answer; number: whether it can be compared.
    premise: the key of the premise that states it, as written in the markup.
    """

    kind: str
    name: str
    value: str
    premise: str
    number: bool = False

    @property
    def topic(self) -> tuple[str, str]:
        """Equal for two patients' answers to one question."""
        return self.kind, "" if self.kind == "diagnosis" else self.name


def bears_on(premise: str, proposition: Proposition) -> bool:
    """Whether a premise makes a proposition more or less likely."""
    return proposition.premise == premise or proposition.kind in _BEARS[premise.split()[0]]


def propositions(facts: Facts) -> dict[tuple[str, str], Proposition]:
    """All propositions that the summary of a patient states, by topic.

    What is listed depends on the facts alone, never on how a note words them, so that those of two
    patients can be exchanged.
    """
    found = [
        Proposition("onset", "onset", facts.onset, "onset"),
        Proposition("diagnosis", facts.diagnosis, facts.admission.code, "summary"),
        Proposition("walks", "walks", _ANSWERS["walks"][facts.mobility], "walks"),
        Proposition(
            "disposition", "disposition", _ANSWERS["disposition"][facts.disposition], "disposition"
        ),
        Proposition("allergy", "allergy", "no" if facts.allergy is None else "yes", "allergy"),
        *_vitals(facts),
        *_labs(facts),
        *_symptoms(facts),
        *_drugs(facts),
    ]
    if facts.age < 90:  # an age from 90 on is protected
        found.append(Proposition("age", "age of the patient", str(facts.age), "opening", True))
    return {proposition.topic: proposition for proposition in found}


def _vitals(facts: Facts) -> list[Proposition]:
    return [
        Proposition(
            kind, f"{name} on arrival", str(getattr(facts.arrival_vitals, kind)), "vitals", True
        )
        for kind, name in _VITALS.items()
    ]


def _labs(facts: Facts) -> list[Proposition]:
    labs = facts.notable_labs()[:4]
    return [Proposition("lab", f"first {LABS[x.name][0][0]}", x.value, "labs", True) for x in labs]


def _symptoms(facts: Facts) -> list[Proposition]:
    answers = (("yes", "opening", facts.symptoms), ("no", "denial", facts.negatives[:3]))
    return [
        Proposition("symptom", key, answer, premise)
        for answer, premise, keys in answers
        for key in keys
        if key in _SYMPTOMS
    ]


def _drugs(facts: Facts) -> list[Proposition]:
    found = []
    for drug in facts.discharge_drugs:
        amount, unit, *rest = drug.order.split()
        if len(rest) == 2 and rest[1] in _ANSWERS["schedule"]:  # route and frequency, no conditions
            premise = f"drug {drug.name}"
            found.append(Proposition("dose", drug.name, f"{amount} {unit}", premise))
            found.append(Proposition("schedule", drug.name, _ANSWERS["schedule"][rest[1]], premise))
    return found
