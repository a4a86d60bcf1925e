"""What all sections of one note share: facts, a random stream, and ways to say common things."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from synthetic_notes.facts import Facts, Lab
from synthetic_notes.holdout import HoldoutRandom
from synthetic_notes.lexicon import LABS, SYMPTOMS
from synthetic_notes.markup import listing, mark_problem
from synthetic_notes.phi import draw_date_patterns, draw_phone_pattern, mark_phi, spell_date
from synthetic_notes.vocabulary import Disease

_EVENTS = tuple(
    "fracture bleed obstruction embolism seizure stroke exacerbation DVT NSTEMI infarction "
    "thrombosis".split()
)


@dataclass(frozen=True)
class NoteContext:
    """Facts of the patient and the stream that picks templates and wordings of one note.

    said: what earlier sections and notes say, by a name, for later ones to take over.
    """

    facts: Facts
    rng: HoldoutRandom
    said: dict[str, str] = field(default_factory=dict)

    @property
    def he(self) -> str:
        return "he" if self.facts.sex == "M" else "she"

    @property
    def his(self) -> str:
        return "his" if self.facts.sex == "M" else "her"

    @property
    def him(self) -> str:
        return "him" if self.facts.sex == "M" else "her"

    @property
    def title(self) -> str:
        return "Mr." if self.facts.sex == "M" else "Ms."

    @property
    def noun(self) -> str:
        return "man" if self.facts.sex == "M" else "woman"

    @property
    def patient(self) -> str:
        return self.pick("pt", "the patient", self.he)

    @property
    def age(self) -> str:
        """The age in years, from 90 on as protected health information."""
        age = str(self.facts.age)
        return mark_phi("AGE", age) if self.facts.age >= 90 else age

    @property
    def an_age(self) -> str:
        """The age with its article: "a 67", "an 82"."""
        age = self.facts.age
        return f"{'an' if age == 18 or age // 10 == 8 else 'a'} {self.age}"

    @property
    def name(self) -> str:
        """The patient's title and surname."""
        return f"{self.title} {self.facts.identity.patient.last}"

    @cached_property
    def _date_patterns(self) -> tuple[str, str]:
        return draw_date_patterns(self.rng)

    @cached_property
    def _phone_pattern(self) -> str:
        return draw_phone_pattern(self.rng)

    def date(self, day: datetime.date) -> str:
        """A date, always written in the same way in one note."""
        return spell_date(day, self._date_patterns[0])

    def short_date(self, day: datetime.date) -> str:
        """A date without its year."""
        return spell_date(day, self._date_patterns[1])

    def phone(self, number: int) -> str:
        """A telephone number; number: one of the identity's."""
        return mark_phi("PHONE", self._phone_pattern.format(self.facts.identity.area, number))

    @property
    def a_diagnosis(self) -> str:
        """The diagnosis as a problem, with an article if it is one event."""
        name = self.facts.diagnosis
        markup = mark_problem(name)
        if not name.endswith(_EVENTS):
            return markup
        return f"{'an' if name[0] in 'aeiouN' else 'a'} {markup}"

    def wordings(self, diseases: Iterable[Disease]) -> list[str]:
        """Diseases as problems, each in one of its wordings."""
        return [mark_problem(self.rng.wording(disease.names)) for disease in diseases]

    def pick(self, *templates: str) -> str:
        """One of alternative templates; see `holdout` for the last ones of three and more."""
        return self.rng.template(templates)

    def symptom(self, key: str, sign: str = "") -> str:
        """A ward wording of a symptom, as a problem."""
        return mark_problem(self.facts.fill(self.rng.wording(SYMPTOMS[key][0])), sign)

    def result(self, lab: Lab) -> str:
        """A laboratory value as prose gives it, with its unit or without."""
        unit = LABS[lab.name][1]
        if not unit or self.rng.random() < 0.5:
            return lab.value
        return f"{lab.value}{'' if unit == '%' else ' '}{unit}"

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

    def history_list(self, limit: int) -> str:
        """The first comorbidities in short wordings, empty if there are none."""
        return listing(self.wordings(self.facts.comorbidities[:limit]))
