"""Dementia in the generated notes: facts that fit, and sentences whose categories are known."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthetic_notes import GeneratedNote, generate_notes
from synthetic_notes.complications import COMPLICATIONS
from synthetic_notes.dementia.facts import DEMENTIA_CODES, SCORES
from synthetic_notes.dementia.phrases import NEAR_MISSES, TEMPLATES
from synthetic_notes.dementia.sentences import _DementiaWriter, labelled_sentences
from synthetic_notes.facts import Facts, draw_facts
from synthetic_notes.holdout import held_out_templates, random_stream
from synthetic_notes.markup import CATEGORIES, render, sentence
from synthetic_notes.note_context import NoteContext

SEED = 11
DRUGS = ("donepezil", "memantine", "rivastigmine", "galantamine")
LABELLED = (*TEMPLATES.several, *TEMPLATES.instructions, *TEMPLATES.pending)
ALL_TEMPLATES = [
    *(
        (template, {category})
        for category, templates in TEMPLATES.single.items()
        for template in templates
    ),
    *((template, {"cognitive_intervention"}) for template in TEMPLATES.drug),
    *((template, set(shown)) for shown, template in LABELLED),
]


def split_of(patient: str) -> str:
    return ("train", "valid", "test")[int(patient[1:]) % 3]


def facts_of(patient: int) -> Facts:
    return draw_facts(random_stream(SEED, patient, "facts", patient % 3 == 2))


@pytest.fixture(scope="module")
def summaries() -> list[tuple[Facts, GeneratedNote]]:
    notes = generate_notes(500, SEED, split_of)
    return [(facts_of(int(n.patient_id[1:])), n) for n in notes if n.note_id.endswith("-DS")]


@pytest.fixture(scope="module")
def labelled(summaries) -> list[tuple[Facts, str, str, tuple[str, ...]]]:
    """Facts, split, text and categories of every sentence of the patients with dementia."""
    return [
        (facts, split_of(note.patient_id), note.text[s.start : s.end], s.categories)
        for facts, note in summaries
        if facts.dementia is not None
        for s in note.sentences
    ]


@cache
def pattern(template: str) -> re.Pattern[str]:
    """What a template looks like once its slots are filled."""
    plain = re.sub(r"\[([^|\]]+)\|[^\]]*\]", r"\1", template)
    slots = {"{drug}": f"(?:{'|'.join(DRUGS)})"}
    parts = [
        slots.get(part, ".+") if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{\w+\})", plain)
    ]
    return re.compile("".join(parts) + r"\.?", re.IGNORECASE)


def anchor(template: str) -> str:
    """The longest piece of a template between two slots, in lower case."""
    plain = re.sub(r"\[([^|\]]+)\|[^\]]*\]", r"\1", template)
    return max(re.split(r"\{\w+\}", plain), key=len).lower()


ANCHORS = [(anchor(template), template, shown) for template, shown in ALL_TEMPLATES]
OF_NO_CATEGORY = (
    *(*NEAR_MISSES.history, *NEAR_MISSES.course),
    *(*NEAR_MISSES.social, *NEAR_MISSES.advice),
)


@cache
def frames_of(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The templates that a sentence may come from, and their categories.

    Templates with few words of their own are left out: they fit other sentences too.
    """
    low = text.lower()
    return tuple(
        (template, frozenset(shown))
        for words, template, shown in ANCHORS
        if len(words) >= 12 and words in low and pattern(template).fullmatch(text)
    )


def test_a_realistic_share_of_the_old_has_dementia():
    drawn = [draw_facts(random_stream(2, i, "facts")) for i in range(1200)]
    old = [facts for facts in drawn if facts.age >= 65]
    share = sum(facts.dementia is not None for facts in old) / len(old)
    youngest = min(facts.age for facts in drawn if facts.dementia is not None)
    assert 0.11 <= share <= 0.21 and youngest >= 65


@settings(max_examples=25, deadline=None)
@given(patient=st.integers(0, 10**6))
def test_the_facts_of_a_dementia_agree(patient):
    facts = next(f for i in range(400) if (f := facts_of(patient + i)).dementia is not None)
    dementia = facts.dementia
    low, high = SCORES[dementia.scale][dementia.stage]
    assert low <= dementia.score <= high and dementia.score < dementia.before <= 28
    codes = [disease.code for disease in facts.comorbidities]
    assert len(set(codes) & set(DEMENTIA_CODES)) == 1 and dementia.disease.code in codes
    assert not {"F20.9", "F90.9"} & set(codes)
    assert "delirium" not in facts.complications
    assert facts.mobility != "independent" or dementia.stage == "mild"
    spouse = "wife" if facts.sex == "M" else "husband"
    assert dementia.carer in ("daughter", "son", "niece", spouse)
    if dementia.disease.code == "G31.83":
        assert "visual hallucinations" in dementia.behaviours
    treating = [d.name for d in facts.home_drugs if d.code == dementia.disease.code]
    assert set(treating) <= set(DRUGS) and len(treating) <= 1
    assert not {"oxybutynin", "lorazepam", "alprazolam"} & {d.name for d in facts.home_drugs}


def test_scores_of_different_stages_do_not_overlap():
    for scale, stages in SCORES.items():
        (_, severe), (least, most), (mild, _) = stages["severe"], stages["moderate"], stages["mild"]
        assert severe < least <= most < mild, scale
    assert set(COMPLICATIONS["delirium"].excludes) == set(DEMENTIA_CODES)


def test_every_category_has_many_templates_and_a_fifth_of_them_is_held_out():
    assert tuple(TEMPLATES.single) == CATEGORIES
    for templates in TEMPLATES.single.values():
        assert len(set(templates)) == len(templates) >= 15
        assert held_out_templates(len(templates)) == len(templates) // 5


def test_every_template_can_be_filled_for_every_stage():
    seen = set()
    for patient in range(400):
        facts = facts_of(patient)
        if facts.dementia is None or facts.dementia.stage in seen:
            continue
        seen.add(facts.dementia.stage)
        about = _DementiaWriter(
            NoteContext(facts, random_stream(SEED, patient, "summary")), facts.dementia
        )
        about.drugs = ["donepezil"]
        for template, _ in ALL_TEMPLATES:
            filled = render(sentence(about.fill(template))).text
            assert pattern(template).fullmatch(filled), (template, filled)
    assert len(seen) == 3


def test_sentences_are_in_order_disjoint_and_trimmed(summaries):
    for _, note in summaries:
        end = 0
        assert len(note.sentences) > 25
        for s in note.sentences:
            text = note.text[s.start : s.end]
            assert end <= s.start < s.end and text == text.strip() and "\n" not in text
            assert s.categories == tuple(c for c in CATEGORIES if c in s.categories)
            end = s.end


def test_no_sentence_cuts_an_entity(summaries):
    for _, note in summaries:
        for s in note.sentences:
            for span in note.spans:
                inside = s.start <= span.start and span.end <= s.end
                assert inside or span.end <= s.start or s.end <= span.start, note.note_id


def test_narrative_sections_are_covered_by_sentences(summaries):
    for _, note in summaries:
        section = re.search(r"History of Present Illness:\n(.*?)\n\nPast Medical", note.text, re.S)
        covered = [False] * len(note.text)
        for s in note.sentences:
            covered[s.start : s.end] = [True] * (s.end - s.start)
        for offset in range(*section.span(1)):
            assert covered[offset] or note.text[offset].isspace(), (note.note_id, offset)


def test_every_category_occurs_in_every_split(labelled):
    counts = Counter((split, c) for _, split, _, categories in labelled for c in categories)
    assert min(counts[split, c] for split in ("train", "valid", "test") for c in CATEGORIES) >= 3
    several = Counter(len(categories) for _, _, _, categories in labelled)
    assert several[2] >= 30


def test_most_sentences_about_a_patient_with_dementia_show_nothing(labelled):
    assert 0.6 <= sum(not categories for *_, categories in labelled) / len(labelled) <= 0.85


def test_held_out_templates_are_those_of_test_patients_only(labelled):
    found = Counter()
    for _, split, text, categories in labelled:
        fits = [template for template, _ in frames_of(text)]
        for category in categories:
            templates = TEMPLATES.single[category]
            reserved = templates[len(templates) - held_out_templates(len(templates)) :]
            if fits and all(template in reserved for template in fits):
                found[category, split] += 1
    for category in CATEGORIES:
        assert found[category, "test"] >= 2, (category, found)
        assert not found[category, "train"] and not found[category, "valid"], (category, found)


def test_a_sentence_of_a_frame_has_the_categories_of_that_template(labelled):
    checked = 0
    for _, _, text, categories in labelled:
        if fits := [shown for _, shown in frames_of(text)]:
            checked += 1
            # naming the dementia adds a category, nothing else does
            added = [set(categories) - shown for shown in fits if shown <= set(categories)]
            assert any(more <= {"cognitive_impairment"} for more in added), (text, categories)
    assert checked > 200


def test_naming_the_dementia_shows_cognitive_impairment_and_a_relatives_does_not(labelled):
    named = 0
    for facts, _, text, categories in labelled:
        if any(name.lower() in text.lower() for name in facts.dementia.disease.names):
            relative = re.search(r"mother|father|sister|brother", text, re.IGNORECASE)
            assert bool(relative) != ("cognitive_impairment" in categories), text
            named += 1
    assert named > 50


def test_patients_without_dementia_have_sentences_without_categories(summaries):
    for facts, note in summaries:
        if facts.dementia is None:
            assert not any(s.categories for s in note.sentences)
            for s in note.sentences[::3]:
                text = note.text[s.start : s.end]
                assert not frames_of(text), text
            assert not any(drug in note.text.lower() for drug in DRUGS), note.note_id


def test_near_misses_have_no_category_and_stand_in_both_kinds_of_notes(summaries):
    templates = [(anchor(template), pattern(template)) for template in OF_NO_CATEGORY]
    found = Counter()
    for facts, note in summaries:
        for s in note.sentences:
            text = note.text[s.start : s.end]
            if any(
                words in text.lower() and template.fullmatch(text) for words, template in templates
            ):
                assert s.categories == ()
                found[facts.dementia is None] += 1
    assert found[True] > 100 and found[False] > 20


def test_what_the_text_says_about_scores_stage_and_drugs_is_in_the_facts(labelled):
    scores = 0
    for facts, _, text, _ in labelled:
        dementia = facts.dementia
        for score in re.findall(r"(\d+)/30", text if dementia.scale in text else ""):
            assert int(score) in (dementia.score, dementia.before), text
            scores += 1
        names = "|".join(map(re.escape, dementia.disease.names))
        for stage in re.findall(rf"\b(mild|moderate|severe) (?:{names})", text, re.IGNORECASE):
            assert stage.lower() == dementia.stage, text
        taken = {drug.name for drug in facts.discharge_drugs}
        assert {drug for drug in DRUGS if drug in text.lower()} <= taken, text
    assert scores > 10


def test_a_sentence_that_names_the_decline_is_labelled_for_a_patient_with_dementia_only():
    note = render(sentence("workup for [cognitive decline|p]", "diagnostic_tests"))
    facts = next(f for i in range(400) if (f := facts_of(i)).dementia is not None)
    (mine,) = labelled_sentences(note, facts.dementia)
    assert mine.categories == ("cognitive_impairment", "diagnostic_tests")
    denied = render(sentence("no [cognitive decline|p-]"))
    (other,) = labelled_sentences(denied, facts.dementia)
    assert other.categories == ()


def test_the_order_of_categories_does_not_depend_on_the_order_written():
    shuffled = Random(1).sample(CATEGORIES, len(CATEGORIES))
    (stretch,) = render(sentence("a b", *shuffled)).stretches
    assert stretch.value == ",".join(CATEGORIES)
