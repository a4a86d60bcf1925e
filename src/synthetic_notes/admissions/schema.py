"""What is declared of a reason for admission."""

from dataclasses import dataclass, field

from synthetic_notes.imaging import Study


@dataclass(frozen=True)
class Patients:
    """Who is admitted for one reason.

    ages: inclusive range in years; sex: "F" or "M" if only one sex can have it.
    implies, likely, excludes: catalogue codes of comorbidities.
    """

    weight: int
    ages: tuple[int, int]
    sex: str | None = None
    implies: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stay:
    """The ward's service, how many days it takes, and who sees the patient afterwards."""

    service: str
    days: tuple[int, int]
    clinics: tuple[str, ...]


@dataclass(frozen=True)
class Admission:
    """One reason for admission. Sentences are markup with slots such as {side}.

    code: ICD-10-CM.
    sudden: whether it starts at once and does not get worse by degrees.
    side: the side of the symptoms, where the diagnosis fixes it.
    symptoms, negatives, warnings: keys of lexicon.SYMPTOMS, the first symptoms always present.
    vitals: hr/min, rr/min, spo2 %, temp °F, sbp mmHg; labs: keys of lexicon.LABS; both as
    inclusive ranges on arrival.
    exam: body region -> alternative findings that replace the normal ones.
    ruled_out: (problem, test that ruled it out); concern: problems that stay possible.
    course: one tuple of alternative sentences per step of the hospital course.
    complications: keys of COMPLICATIONS.
    new_drugs: "name" (order from the formulary) or "name=order".
    stops: drug classes of lexicon.DRUG_CLASSES that are not continued.
    """

    code: str
    names: tuple[str, ...]
    patients: Patients
    stay: Stay
    symptoms: tuple[str, ...]
    negatives: tuple[str, ...]
    onset: tuple[str, ...]
    labs: dict[str, tuple[float, float]]
    studies: tuple[Study, ...]
    ruled_out: tuple[tuple[str, str], ...]
    concern: tuple[str, ...]
    course: tuple[tuple[str, ...], ...]
    new_drugs: tuple[str, ...]
    warnings: tuple[str, ...]
    side: str | None = None
    trigger: tuple[str, ...] = ()
    vitals: dict[str, tuple[float, float]] = field(default_factory=dict)
    exam: dict[str, tuple[str, ...]] = field(default_factory=dict)
    procedures: tuple[str, ...] = ()
    sudden: bool = False
    complications: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
