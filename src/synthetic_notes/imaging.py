"""Imaging examinations: headings, techniques, normal statements and incidental findings.

Sentences are markup; slots such as {side} or {lobe} are filled from a patient's facts.
"""

from dataclasses import dataclass

from synthetic_notes.data_files import load


@dataclass(frozen=True)
class Modality:
    """One kind of imaging examination.

    heading: what a radiology report prints after EXAMINATION.
    names: what the wards call it.
    techniques: complete sentences.
    normals: pattern -> sentence; a sentence is left out when a finding matches its pattern.
    incidentals: (finding, impression) that mean no acute disease.
    """

    heading: str
    names: tuple[str, ...]
    techniques: tuple[str, ...]
    normals: dict[str, str]
    incidentals: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Study:
    """What one examination shows in one disease: findings and impressions, most important first."""

    modality: str
    findings: tuple[str, ...]
    impressions: tuple[str, ...]


MODALITIES = load("imaging.yaml", dict[str, Modality])

CLEAR_CHEST = Study(
    "cxr", ("the lungs are well expanded and clear",), ("no [acute cardiopulmonary process|p-]",)
)
