"""Write the sentences about dementia, and those that only look like it, section by section."""

from collections.abc import Sequence
from dataclasses import dataclass

from synthetic_notes.dementia.facts import CARE_HOMES, Dementia
from synthetic_notes.dementia.phrases import NEAR_MISSES, TEMPLATES, WORDS, Labelled
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
from synthetic_notes.note_context import NoteContext

# mentions that say as much as the name of the dementia does
_DECLINE = ("dementia", "cognitive decline", "memory complaints")


@dataclass(frozen=True)
class SectionSentences:
    """Sentences that the sections of one summary take in, as `markup.sentence`s.

    exam: lines about how the patient thinks; chronic: of the block about the dementia.
    """

    history: tuple[str, ...]
    social: tuple[str, ...]
    course: tuple[str, ...]
    advice: tuple[str, ...]
    exam: tuple[str, ...] = ()
    chronic: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()


def draw_section_sentences(note: NoteContext) -> SectionSentences:
    """The sentences of one discharge summary, near misses included."""
    dementia = note.facts.dementia
    if dementia is None:
        return _without_dementia(note)
    return _DementiaWriter(note, dementia).section_sentences()


def labelled_sentences(note: Rendered, dementia: Dementia | None) -> tuple[LabelledSentence, ...]:
    """All sentences of a summary's narrative sections, with their categories.

    What names the patient's dementia shows cognitive_impairment, besides what its template shows.
    """
    names = set() if dementia is None else {*_DECLINE, *map(str.lower, dementia.disease.names)}
    naming = [
        span.start
        for span in note.spans
        if span.assertion == "present" and note.text[span.start : span.end].lower() in names
    ]
    found = []
    for stretch in note.stretches:
        if stretch.kind == "sentence":
            shown = set(stretch.value.split(","))
            if any(stretch.start <= start < stretch.end for start in naming):
                shown.add("cognitive_impairment")
            categories = tuple(category for category in CATEGORIES if category in shown)
            found.append(LabelledSentence(stretch.start, stretch.end, categories))
    return tuple(found)


def _without_dementia(note: NoteContext) -> SectionSentences:
    """Few near misses, and no category."""
    history = _maybe(note, 0.4, NEAR_MISSES.history)
    if note.facts.age >= 60:
        history += _maybe(note, 0.5, NEAR_MISSES.sound_history)
    advice = NEAR_MISSES.sound_advice if note.rng.random() < 0.5 else NEAR_MISSES.advice
    return SectionSentences(
        history=history,
        social=_maybe(note, 0.4, NEAR_MISSES.social),
        course=_maybe(note, 0.5, NEAR_MISSES.course),
        advice=_maybe(note, 0.4, advice),
    )


def _maybe(note: NoteContext, chance: float, templates: Sequence[str]) -> tuple[str, ...]:
    """A near miss, or none."""
    if note.rng.random() >= chance:
        return ()
    carer = note.pick("daughter", "son") if note.facts.age >= 50 else note.pick("family", "friend")
    if note.facts.dementia is not None:
        carer = note.facts.dementia.carer
    slots = {"pt": note.patient, "he": note.he, "his": note.his, "him": note.him, "carer": carer}
    return (sentence(note.rng.template(templates).format_map(slots)),)


def lives_in(note: NoteContext, clause: str) -> str:
    """The sentence on where the patient lives, which may be a place that gives care."""
    dementia = note.facts.dementia
    care = dementia is not None and dementia.home in CARE_HOMES
    return sentence(clause, *(("requires_assistance",) if care else ()))


class _DementiaWriter:
    """Draws templates without repeating one, and fills them from the facts of one dementia."""

    def __init__(self, note: NoteContext, dementia: Dementia) -> None:
        self.note = note
        self.dementia = dementia
        self.used: set[str] = set()
        facts = note.facts
        self.drugs = [d.name for d in facts.discharge_drugs if d.code == dementia.disease.code]

    def section_sentences(self) -> SectionSentences:
        rng = self.note.rng
        history = rng.sample(TEMPLATES.sections["history"], rng.randint(2, 3))
        social = rng.sample(TEMPLATES.sections["social"], rng.randint(1, 2))
        exam = rng.sample(TEMPLATES.sections["exam"], rng.randint(1, 2))
        told = {*history, *social, *exam}
        # the block about the dementia tells first what the other sections did not
        rest = [category for category in CATEGORIES if category not in told]
        chronic = rng.sample(rest, min(len(rest), 3)) or [rng.choice(CATEGORIES)]
        return SectionSentences(
            history=(
                *map(self.single, history),
                *self.several(),
                *_maybe(self.note, 0.6, NEAR_MISSES.history),
            ),
            social=(*map(self.single, social), *_maybe(self.note, 0.5, NEAR_MISSES.social)),
            exam=tuple(map(self.single, exam)),
            course=_maybe(self.note, 0.8, NEAR_MISSES.course),
            chronic=(*self.drug(), *map(self.single, chronic), *self.several()),
            pending=(self.labelled(TEMPLATES.pending),) if rng.random() < 0.4 else (),
            advice=(
                *((self.labelled(TEMPLATES.instructions),) if rng.random() < 0.7 else ()),
                *_maybe(self.note, 0.5, NEAR_MISSES.advice),
            ),
        )

    def single(self, category: str) -> str:
        return sentence(self.fill(self.unused(TEMPLATES.single[category])), category)

    def several(self) -> tuple[str, ...]:
        return (self.labelled(TEMPLATES.several),) if self.note.rng.random() < 0.5 else ()

    def labelled(self, templates: Sequence[Labelled]) -> str:
        categories, template = self.unused(templates)
        return sentence(self.fill(template), *categories)

    def drug(self) -> tuple[str, ...]:
        if not self.drugs:
            return ()
        return (sentence(self.fill(self.unused(TEMPLATES.drug)), "cognitive_intervention"),)

    def unused(self, templates):
        """A template that this summary does not have yet."""
        while (template := self.note.rng.template(templates)) in self.used:
            pass
        self.used.add(template)
        return template

    def fill(self, template: str) -> str:
        note, d = self.note, self.dementia
        pick = note.rng.template
        person = {"he": note.he, "his": note.his, "him": note.him, "carer": d.carer}

        def word(options: Sequence[str]) -> str:
            return pick(options).format_map(person)

        deficits = [pick(WORDS.deficits[d.stage])]
        while len(deficits) < 2:
            deficits += {pick(WORDS.deficits[d.stage])} - set(deficits)
        behaviours = note.rng.sample(d.behaviours, 2)
        marker, bloods = (
            listing([mark_test(test) for test in pick(options).split("|")])
            for options in (WORDS.markers, WORDS.bloods)
        )
        workup = note.rng.choice((marker, bloods))
        return template.format_map(
            {
                **person,
                "himself": "himself" if note.facts.sex == "M" else "herself",
                "pt": note.patient,
                "others": word(WORDS.reporters),
                "years": d.years,
                "months": d.months,
                "visits": d.visits,
                "stage": d.stage,
                "score": d.score,
                "before": d.before,
                "dementia": mark_problem(note.rng.wording(d.disease.names)),
                "drug": listing([mark_treatment(name) for name in self.drugs]),
                "scale": mark_test(d.scale),
                "pending_scale": mark_test(d.scale, ">"),
                "atrophy": mark_problem(d.atrophy),
                "body": mark_problem(note.rng.choice(d.changes)),
                "behaviour": mark_problem(behaviours[0]),
                "behaviour2": mark_problem(behaviours[1]),
                "deficit": mark_problem(deficits[0]),
                "deficit2": mark_problem(deficits[1]),
                "forgets": word(WORDS.forgets[d.stage]),
                "oriented": pick(WORDS.oriented[d.stage]),
                "task": word(WORDS.tasks[d.stage]),
                "your_task": pick(WORDS.tasks[d.stage]).replace("{his}", "your"),
                "oversight": pick(WORDS.oversight[d.stage]),
                "aid": pick(WORDS.aids[d.stage]),
                "scan": mark_test(pick(WORDS.scans)),
                "marker": marker,
                "bloods": bloods,
                "workup": workup,
                "pending_workup": workup.replace("|x]", "|x>]"),
                "bedside": mark_test(pick(WORDS.bedside)),
                "therapy": mark_treatment(pick(WORDS.therapies)),
                "pending_therapy": mark_treatment(pick(WORDS.therapies), ">"),
            }
        )
