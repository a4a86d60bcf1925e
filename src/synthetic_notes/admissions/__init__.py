"""All the reasons for admission that a patient may have, a file for each system of the body."""

from synthetic_notes.admissions.schema import Admission
from synthetic_notes.data_files import load
from synthetic_notes.imaging import CLEAR_CHEST

_SYSTEMS = ("cardiovascular", "respiratory", "gastrointestinal", "renal", "neurological")

ADMISSIONS = tuple(
    admission
    for system in _SYSTEMS
    for admission in load(
        f"admissions/{system}.yaml", tuple[Admission, ...], {"clear chest": CLEAR_CHEST}
    )
)
