"""What can go wrong on the ward."""

from dataclasses import dataclass

from synthetic_notes.data_files import load


@dataclass(frozen=True)
class Complication:
    """A problem that arises in hospital.

    names: wordings of the heading; course: alternative sentences; excludes: catalogue codes of
    comorbidities that make it unlikely or ill-defined.
    """

    names: tuple[str, ...]
    course: tuple[str, ...]
    excludes: tuple[str, ...] = ()


COMPLICATIONS = load("complications.yaml", dict[str, Complication])
