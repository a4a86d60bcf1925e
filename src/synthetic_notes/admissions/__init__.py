"""All the reasons for admission that a patient may have, a module for each system of the body."""

from synthetic_notes.admissions import (
    cardiovascular,
    gastrointestinal,
    neurological,
    renal,
    respiratory,
)
from synthetic_notes.admissions.schema import Admission

ADMISSIONS: tuple[Admission, ...] = (
    *cardiovascular.ADMISSIONS,
    *respiratory.ADMISSIONS,
    *gastrointestinal.ADMISSIONS,
    *renal.ADMISSIONS,
    *neurological.ADMISSIONS,
)
