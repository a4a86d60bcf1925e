"""Made-up protected health information: who the patient is, who treats them, where and when.

Given names, surnames and parts of addresses come from the English tables of `faker`; everything
that they are put together to is drawn, so nobody is meant. Telephone numbers are of the range
555-0100 to 555-0199, which is kept free for fiction. A fifth of all names is for test patients.

Labels, after i2b2 2014: NAME without title or degree, DATE with its year or without, AGE from 90
on, ID (record, account and accession numbers), PHONE (fax and pager too), ADDRESS (street, town,
code) and LOCATION (hospitals and other places).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal
from zlib import crc32

from synthetic_notes.holdout import HoldoutRandom
from synthetic_notes.markup import stretch

LABELS = ("NAME", "DATE", "AGE", "ID", "PHONE", "ADDRESS", "LOCATION")
Label = Literal["NAME", "DATE", "AGE", "ID", "PHONE", "ADDRESS", "LOCATION"]

# ways to write a date and a telephone number; a note keeps to one. The last is for test patients.
_DATES = (
    *("{y}-{m:02}-{d:02}", "{m:02}/{d:02}/{y}", "{m}/{d}/{yy:02}", "{b} {d}, {y}"),
    "{d:02}-{b3}-{y}",
)
_SHORT_DATES = ("{m}/{d}", "{m:02}/{d:02}", "{b3} {d}")
_PHONES = ("({}) 555-{:04}", "{}-555-{:04}", "{}.555.{:04}")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_HOSPITALS = (
    *("{surname} Memorial Hospital", "{town} General Hospital", "{town} Medical Center"),
    *("St. {given}'s Hospital", "{surname} University Hospital", "Mercy {town} Hospital"),
)
# who may be told, and the sex of the names
_CONTACTS = (
    *(("daughter", "F"), ("son", "M"), ("sister", "F"), ("brother", "M"), ("niece", "F")),
    ("nephew", "M"),
)


@dataclass(frozen=True)
class Person:
    """A given name and a surname."""

    given: str
    surname: str

    @property
    def full(self) -> str:
        """Given name first, as PHI."""
        return mark_phi("NAME", f"{self.given} {self.surname}")

    @property
    def listed(self) -> str:
        """Surname first, as PHI."""
        return mark_phi("NAME", f"{self.surname}, {self.given}")

    @property
    def last(self) -> str:
        """The surname alone, as PHI."""
        return mark_phi("NAME", self.surname)


@dataclass(frozen=True)
class Identity:
    """What identifies one patient; all of it invented.

    record, account: digits. area: of the telephone numbers. contact: who is told, and which
    relative that is. numbers: last four digits of the hospital's, the family doctor's, the
    contact's and the author's telephone.
    """

    patient: Person
    born: date
    record: str
    account: str
    street: str
    town: str
    state: str
    code: str
    hospital: str
    transferred_from: str
    attending: Person
    author: Person
    family_doctor: Person
    specialist: Person
    radiologist: Person
    contact: Person
    relation: str
    area: int
    numbers: tuple[int, int, int, int]

    @property
    def address(self) -> str:
        """Street, town, state and code, as PHI."""
        return mark_phi("ADDRESS", f"{self.street}, {self.town}, {self.state} {self.code}")


def mark_phi(label: Label, text: str) -> str:
    """Markup of protected health information."""
    return stretch("phi", label, text)


def spell_date(day: date, pattern: str) -> str:
    """A date as PHI; pattern: one of `draw_date_patterns`, which a note keeps to."""
    month = _MONTHS[day.month - 1]
    text = pattern.format(
        y=day.year, yy=day.year % 100, m=day.month, d=day.day, b=month, b3=month[:3]
    )
    return mark_phi("DATE", text)


def draw_date_patterns(rng: HoldoutRandom) -> tuple[str, str]:
    """How one note writes a date, and a date without its year."""
    return rng.template(_DATES), rng.template(_SHORT_DATES)


def draw_phone_pattern(rng: HoldoutRandom) -> str:
    """How one note writes telephone numbers: a format of area code and last four digits."""
    return rng.template(_PHONES)


def draw_identity(rng: HoldoutRandom, sex: str, age: int, admitted: date) -> Identity:
    """Who the patient is; all randomness comes from `rng`.

    age: in years on the day of admission.
    """
    # the 29th to 31st do not exist in every month and year, so that up to three days are lost
    birthday = admitted - timedelta(days=rng.randint(0, 360))
    born = date(birthday.year - age, birthday.month, min(birthday.day, 28))
    relation, contact_sex = rng.choice(_CONTACTS)
    patient = _person(rng, sex)
    town = _town(rng)
    return Identity(
        patient=patient,
        born=born,
        record=str(rng.randint(1_000_000, 99_999_999)),
        account=str(rng.randint(10**9, 10**10 - 1)),
        street=_street(rng),
        town=town,
        state=rng.choice(_tables()["states"]),
        code=f"{rng.randint(501, 99950):05}",
        hospital=_hospital(rng, town),
        transferred_from=_hospital(rng, _town(rng)),
        attending=_person(rng),
        author=_person(rng),
        family_doctor=_person(rng),
        specialist=_person(rng),
        radiologist=_person(rng),
        # children and siblings often share the surname
        contact=Person(
            _name(rng, contact_sex), patient.surname if rng.random() < 0.5 else _name(rng, "last")
        ),
        relation=relation,
        area=rng.randint(20, 98) * 10 + rng.randint(2, 9),
        numbers=tuple(rng.sample(range(100, 200), 4)),
    )


def _person(rng: HoldoutRandom, sex: str | None = None) -> Person:
    return Person(_name(rng, sex or rng.choice("FM")), _name(rng, "last"))


def _name(rng: HoldoutRandom, kind: str) -> str:
    """kind: "F" or "M" for a given name, "last" for a surname."""
    return rng.choice(_names(kind, rng.held_out))


@cache
def _names(kind: str, held_out: bool) -> tuple[str, ...]:
    """The names of test patients, or those of all others."""
    # by the name and not by its place, because some are given to women and men
    return tuple(n for n in _tables()[kind] if (crc32(n.encode()) % 5 == 0) == held_out)


def _town(rng: HoldoutRandom) -> str:
    tables = _tables()
    stem = _name(rng, "last")
    if rng.random() < 0.5:
        return stem + rng.choice(tables["suffixes"])
    return f"{rng.choice(tables['prefixes'])} {stem}{rng.choice(('', *tables['suffixes']))}"


def _street(rng: HoldoutRandom) -> str:
    return f"{rng.randint(2, 2400)} {_name(rng, 'last')} {rng.choice(_tables()['streets'])}"


def _hospital(rng: HoldoutRandom, town: str) -> str:
    return rng.template(_HOSPITALS).format(
        surname=_name(rng, "last"), given=_name(rng, rng.choice("FM")), town=town
    )


@cache
def _tables() -> dict[str, tuple[str, ...]]:
    """The packaged tables, without what would read as an error."""
    from faker.providers.address.en_US import Provider as Address
    from faker.providers.person.en_US import Provider as Name

    return {
        "F": tuple(Name.first_names_female),
        "M": tuple(Name.first_names_male),
        # a surname of two letters, or one with a mark in it, would look like an abbreviation
        "last": tuple(name for name in Name.last_names if len(name) > 2 and name.isalpha()),
        "prefixes": tuple(Address.city_prefixes),
        "suffixes": tuple(Address.city_suffixes),
        "streets": tuple(Address.street_suffixes),
        "states": tuple(Address.states_abbr),
    }
