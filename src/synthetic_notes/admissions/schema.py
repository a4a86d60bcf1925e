"""What is declared of a reason for admission."""

from dataclasses import dataclass, field

from synthetic_notes.imaging import Study


@dataclass(frozen=True)
class Admission:
    """One reason for admission. Sentences are markup with slots such as {side}.

    code: ICD-10-CM.
    ages: inclusive range in years; sex: "F" or "M" if only one sex can have it.
    sudden: whether it starts at once and does not get worse by degrees.
    side: the side of the symptoms, where the diagnosis fixes it.
    implies, likely, excludes: catalogue codes of comorbidities.
    symptoms, negatives, warnings: keys of lexicon.SYMPTOMS, the first symptoms always present.
    vitals: hr/min, rr/min, spo2 %, temp °F, sbp mmHg; labs: keys of lexicon.LABS; both as
    inclusive ranges on arrival.
    exam: body region -> alternative findings that replace the normal ones.
    ruled_out: (problem, test that ruled it out); concern: problems that stay possible.
    course: one tuple of alternative sentences per step of the hospital course.
    complications: keys of COMPLICATIONS.
    new_drugs: "name" (order from the formulary) or "name=order".
    stops: drug classes of lexicon.DRUG_CLASSES that are not continued.
    stay: days.
    """

    code: str
    names: tuple[str, ...]
    service: str
    weight: int
    ages: tuple[int, int]
    symptoms: tuple[str, ...]
    negatives: tuple[str, ...]
    onset: tuple[str, ...]
    labs: dict[str, tuple[float, float]]
    studies: tuple[Study, ...]
    ruled_out: tuple[tuple[str, str], ...]
    concern: tuple[str, ...]
    course: tuple[tuple[str, ...], ...]
    new_drugs: tuple[str, ...]
    clinics: tuple[str, ...]
    warnings: tuple[str, ...]
    stay: tuple[int, int]
    sex: str | None = None
    side: str | None = None
    implies: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    trigger: tuple[str, ...] = ()
    vitals: dict[str, tuple[float, float]] = field(default_factory=dict)
    exam: dict[str, tuple[str, ...]] = field(default_factory=dict)
    procedures: tuple[str, ...] = ()
    sudden: bool = False
    complications: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
