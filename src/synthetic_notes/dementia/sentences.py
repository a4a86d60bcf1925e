"""Write the sentences about dementia, and those that only look like it, section by section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthetic_notes.dementia import hard_negatives, words
from synthetic_notes.dementia.facts import CARE_HOMES, Dementia
from synthetic_notes.dementia.templates import (
    DRUG_FRAMES,
    FRAMES,
    INSTRUCTIONS,
    PENDING,
    SEVERAL,
)
from synthetic_notes.gold import LabelledSentence
from synthetic_notes.markup import (
    CATEGORIES,
    Rendered,
    listing,
    mark_problem,
    mark_test,
    mark_treatment,
    sentence,
)
from synthetic_notes.note_context import Pen

# which sections tell which category
_HISTORY = (
    "cognitive_impairment",
    "concern_by_others",
    "requires_assistance",
    "neuropsychiatric_symptoms",
    "physiological_changes",
    "diagnostic_tests",
)
_SOCIAL = ("requires_assistance", "coping_strategy", "cognitive_intervention")
_EXAM = ("cognitive_assessment", "cognitive_impairment", "neuropsychiatric_symptoms")

# mentions that say as much as the name of the dementia does
_DECLINE = ("dementia", "cognitive decline", "memory complaints")


@dataclass(frozen=True)
class Passages:
    """Sentences that the sections of one summary take in, as `markup.sentence`s.

    exam: lines about how the patient thinks; chronic: of the block about the dementia.
    """

    history: tuple[str, ...]
    social: tuple[str, ...]
    exam: tuple[str, ...]
    course: tuple[str, ...]
    chronic: tuple[str, ...]
    pending: tuple[str, ...]
    advice: tuple[str, ...]


def passages(pen: Pen) -> Passages:
    """The sentences of one discharge summary, near misses included."""
    dementia = pen.facts.dementia
    return _aside(pen) if dementia is None else _About(pen, dementia).passages()


def labelled_sentences(note: Rendered, dementia: Dementia | None) -> tuple[LabelledSentence, ...]:
    """All sentences of a summary's narrative sections, with their categories.

    What names the patient's dementia shows cognitive_impairment, besides what its frame shows.
    """
    names = set() if dementia is None else {*_DECLINE, *map(str.lower, dementia.disease.names)}
    naming = [
        span.start
        for span in note.spans
        if span.assertion == "present" and note.text[span.start : span.end].lower() in names
    ]
    found = []
    for place in note.stretches:
        if place.kind == "sentence":
            shown = set(place.value.split(","))
            if any(place.start <= start < place.end for start in naming):
                shown.add("cognitive_impairment")
            categories = tuple(category for category in CATEGORIES if category in shown)
            found.append(LabelledSentence(place.start, place.end, categories))
    return tuple(found)


def _aside(pen: Pen) -> Passages:
    """Of a patient without dementia: few near misses, no category."""
    old = pen.facts.age >= 60
    history = [_miss(pen, hard_negatives.HISTORY)] if pen.rng.random() < 0.4 else []
    if old and pen.rng.random() < 0.5:
        history.append(_miss(pen, hard_negatives.SOUND_HISTORY))
    advice = hard_negatives.SOUND_ADVICE if pen.rng.random() < 0.5 else hard_negatives.ADVICE
    return Passages(
        history=tuple(history),
        social=(_miss(pen, hard_negatives.SOCIAL),) if pen.rng.random() < 0.4 else (),
        exam=(),
        course=(_miss(pen, hard_negatives.COURSE),) if pen.rng.random() < 0.5 else (),
        chronic=(),
        pending=(),
        advice=(_miss(pen, advice),) if pen.rng.random() < 0.4 else (),
    )


def _miss(pen: Pen, frames: Sequence[str]) -> str:
    carer = pen.pick("daughter", "son") if pen.facts.age >= 50 else pen.pick("family", "friend")
    if pen.facts.dementia is not None:
        carer = pen.facts.dementia.carer
    slots = {"pt": pen.patient, "he": pen.he, "his": pen.his, "him": pen.him, "carer": carer}
    return sentence(pen.rng.frame(frames).format_map(slots))


def lives_in(pen: Pen, clause: str) -> str:
    """The sentence on where the patient lives, which may be a place that gives care."""
    dementia = pen.facts.dementia
    care = dementia is not None and dementia.home in CARE_HOMES
    return sentence(clause, *(("requires_assistance",) if care else ()))


class _About:
    """Draws frames without repeating one, and fills them from the facts of one dementia."""

    def __init__(self, pen: Pen, dementia: Dementia) -> None:
        self.pen = pen
        self.dementia = dementia
        self.used: set[str] = set()
        facts = pen.facts
        self.drugs = [d.name for d in facts.discharge_drugs if d.code == dementia.disease.code]

    def passages(self) -> Passages:
        rng = self.pen.rng
        history = rng.sample(_HISTORY, rng.randint(2, 3))
        social = rng.sample(_SOCIAL, rng.randint(1, 2))
        exam = rng.sample(_EXAM, rng.randint(1, 2))
        told = {*history, *social, *exam}
        # the block about the dementia tells first what the other sections did not
        rest = [category for category in CATEGORIES if category not in told]
        chronic = rng.sample(rest, min(len(rest), 3)) or [rng.choice(CATEGORIES)]
        return Passages(
            history=(
                *(self.single(category) for category in history),
                *self.several(),
                *self.maybe(0.6, hard_negatives.HISTORY),
            ),
            social=(
                *(self.single(category) for category in social),
                *self.maybe(0.5, hard_negatives.SOCIAL),
            ),
            exam=tuple(self.single(category) for category in exam),
            course=self.maybe(0.8, hard_negatives.COURSE),
            chronic=(*self.drug(), *(self.single(c) for c in chronic), *self.several()),
            pending=(self.labelled(PENDING),) if rng.random() < 0.4 else (),
            advice=(
                *((self.labelled(INSTRUCTIONS),) if rng.random() < 0.7 else ()),
                *self.maybe(0.5, hard_negatives.ADVICE),
            ),
        )

    def maybe(self, chance: float, frames: Sequence[str]) -> tuple[str, ...]:
        return (_miss(self.pen, frames),) if self.pen.rng.random() < chance else ()

    def single(self, category: str) -> str:
        return sentence(self.fill(self.draw(FRAMES[category])), category)

    def several(self) -> tuple[str, ...]:
        return (self.labelled(SEVERAL),) if self.pen.rng.random() < 0.5 else ()

    def labelled(self, frames: Sequence[tuple[tuple[str, ...], str]]) -> str:
        categories, frame = self.draw(frames)
        return sentence(self.fill(frame), *categories)

    def drug(self) -> tuple[str, ...]:
        if not self.drugs:
            return ()
        return (sentence(self.fill(self.draw(DRUG_FRAMES)), "cognitive_intervention"),)

    def draw(self, frames):
        """A frame that this summary does not have yet."""
        while (frame := self.pen.rng.frame(frames)) in self.used:
            pass
        self.used.add(frame)
        return frame

    def fill(self, frame: str) -> str:
        pen, d = self.pen, self.dementia
        pick = pen.rng.frame
        person = {"he": pen.he, "his": pen.his, "him": pen.him, "carer": d.carer}

        def word(options: Sequence[str]) -> str:
            return pick(options).format_map(person)

        deficits = [pick(words.DEFICITS[d.stage])]
        while len(deficits) < 2:
            deficits += {pick(words.DEFICITS[d.stage])} - set(deficits)
        behaviours = pen.rng.sample(d.behaviours, 2)
        marker, bloods = (
            listing([mark_test(test) for test in pick(options).split("|")])
            for options in (words.MARKERS, words.BLOODS)
        )
        workup = pen.rng.choice((marker, bloods))
        return frame.format_map(
            {
                **person,
                "himself": "himself" if pen.facts.sex == "M" else "herself",
                "pt": pen.patient,
                "others": word(words.REPORTERS),
                "years": d.years,
                "months": d.months,
                "visits": d.visits,
                "stage": d.stage,
                "score": d.score,
                "before": d.before,
                "dementia": mark_problem(pen.rng.wording(d.disease.names)),
                "drug": listing([mark_treatment(name) for name in self.drugs]),
                "scale": mark_test(d.scale),
                "pending_scale": mark_test(d.scale, ">"),
                "atrophy": mark_problem(d.atrophy),
                "body": mark_problem(pen.rng.choice(d.changes)),
                "behaviour": mark_problem(behaviours[0]),
                "behaviour2": mark_problem(behaviours[1]),
                "deficit": mark_problem(deficits[0]),
                "deficit2": mark_problem(deficits[1]),
                "forgets": word(words.FORGETS[d.stage]),
                "oriented": pick(words.ORIENTED[d.stage]),
                "task": word(words.TASKS[d.stage]),
                "your_task": pick(words.TASKS[d.stage]).replace("{his}", "your"),
                "oversight": pick(words.OVERSIGHT[d.stage]),
                "aid": pick(words.AIDS[d.stage]),
                "scan": mark_test(pick(words.SCANS)),
                "marker": marker,
                "bloods": bloods,
                "workup": workup,
                "pending_workup": workup.replace("|x]", "|x>]"),
                "bedside": mark_test(pick(words.BEDSIDE)),
                "therapy": mark_treatment(pick(words.THERAPIES)),
                "pending_therapy": mark_treatment(pick(words.THERAPIES), ">"),
            }
        )
