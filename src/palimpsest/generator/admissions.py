"""All the reasons for admission that the generator knows."""

from __future__ import annotations

from palimpsest.generator import (
    admissions_belly,
    admissions_heart,
    admissions_kidney,
    admissions_lungs,
    admissions_nerves,
)
from palimpsest.generator.condition import Admission

ADMISSIONS: tuple[Admission, ...] = (
    *admissions_heart.ADMISSIONS,
    *admissions_lungs.ADMISSIONS,
    *admissions_belly.ADMISSIONS,
    *admissions_kidney.ADMISSIONS,
    *admissions_nerves.ADMISSIONS,
)
