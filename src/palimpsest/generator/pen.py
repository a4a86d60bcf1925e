"""The hand that writes one note: facts, a random stream, and the frames that all sections share."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from palimpsest.generator.facts import Facts
from palimpsest.generator.lexicon import SAME_SYMPTOM, SYMPTOMS
from palimpsest.generator.markup import listing, mark_problem

_EVENTS = tuple(
    "fracture bleed obstruction embolism seizure stroke exacerbation DVT NSTEMI infarction "
    "thrombosis".split()
)


@dataclass(frozen=True)
class Pen:
    """Facts of the patient and the stream that picks frames and wordings of one note."""

    facts: Facts
    rng: Random

    @property
    def he(self) -> str:
        return "he" if self.facts.sex == "M" else "she"

    @property
    def his(self) -> str:
        return "his" if self.facts.sex == "M" else "her"

    @property
    def title(self) -> str:
        return "Mr." if self.facts.sex == "M" else "Ms."

    @property
    def patient(self) -> str:
        return self.pick("pt", "the patient", self.he)

    @property
    def an_age(self) -> str:
        """The age with its article: "a 67", "an 82"."""
        age = self.facts.age
        return f"{'an' if age == 18 or age // 10 == 8 else 'a'} {age}"

    @property
    def a_diagnosis(self) -> str:
        """The diagnosis as a problem, with an article if it is one event."""
        name = self.facts.diagnosis
        markup = mark_problem(name)
        if not name.endswith(_EVENTS):
            return markup
        return f"{'an' if name[0] in 'aeiouN' else 'a'} {markup}"

    def pick(self, *options: str) -> str:
        """One of the wordings."""
        return self.rng.choice(options)

    def symptom(self, key: str, sign: str = "") -> str:
        """A ward wording of a symptom, as a problem."""
        return mark_problem(self.facts.fill(self.rng.choice(SYMPTOMS[key][0])), sign)

    def related(self, key: str, taken: tuple[str, ...]) -> bool:
        """Whether a symptom says the same as one that the note already states."""
        return key in taken or any(
            key in group and other in group for group in SAME_SYMPTOM for other in taken
        )

    def denial(self, problems: list[str]) -> str:
        """A sentence that says that problems, marked absent, are not there."""
        each, last = listing(problems, "or"), listing(problems)
        return self.pick(
            f"denies {each}",
            f"no {each}",
            f"{self.he} denied any {each}",
            f"pt denies {each}",
            f"without {each}",
            f"negative for {last}",
        )

    def history_list(self, most: int) -> str:
        """Comorbidities in short wordings, empty if there are none."""
        diseases = self.facts.comorbidities[:most]
        return listing([mark_problem(self.rng.choice(d.names)) for d in diseases])
