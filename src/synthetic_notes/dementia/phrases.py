"""What is said about patients with dementia, and what only looks like it."""

from dataclasses import dataclass

from synthetic_notes.data_files import load

Labelled = tuple[tuple[str, ...], str]  # the categories that a template shows, and the template


@dataclass(frozen=True)
class Templates:
    """Which categories a section tells, and sentences that show one, by category, or several."""

    sections: dict[str, tuple[str, ...]]
    single: dict[str, tuple[str, ...]]
    drug: tuple[str, ...]
    several: tuple[Labelled, ...]
    instructions: tuple[Labelled, ...]
    pending: tuple[Labelled, ...]


@dataclass(frozen=True)
class Words:
    """What fills the slots of templates; dicts of tuples are by stage, but for `body`."""

    forgets: dict[str, tuple[str, ...]]
    deficits: dict[str, tuple[str, ...]]
    oriented: dict[str, tuple[str, ...]]
    tasks: dict[str, tuple[str, ...]]
    behaviours: tuple[str, ...]
    body: dict[str, tuple[str, ...]]
    atrophy: tuple[str, ...]
    scans: tuple[str, ...]
    markers: tuple[str, ...]
    bloods: tuple[str, ...]
    bedside: tuple[str, ...]
    therapies: tuple[str, ...]
    aids: dict[str, tuple[str, ...]]
    oversight: dict[str, tuple[str, ...]]
    reporters: tuple[str, ...]


@dataclass(frozen=True)
class NearMisses:
    """Sentences that show no category; the sound ones are of patients without dementia."""

    history: tuple[str, ...]
    course: tuple[str, ...]
    social: tuple[str, ...]
    advice: tuple[str, ...]
    sound_history: tuple[str, ...]
    sound_advice: tuple[str, ...]


STAGES = ("mild", "moderate", "severe")
TEMPLATES = load("dementia/templates.yaml", Templates)
WORDS = load("dementia/words.yaml", Words)
NEAR_MISSES = load("dementia/near_misses.yaml", NearMisses)
