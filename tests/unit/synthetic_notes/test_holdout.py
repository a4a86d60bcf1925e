"""What is held out for test patients: no other patient has it, and it costs a memoriser."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthetic_notes import GeneratedNote, generate_notes
from synthetic_notes.admissions import ADMISSIONS
from synthetic_notes.complications import COMPLICATIONS
from synthetic_notes.facts import draw_facts
from synthetic_notes.history import HISTORY
from synthetic_notes.holdout import (
    ADMISSION_CODES,
    COMORBIDITY_CODES,
    WORDINGS,
    HoldoutRandom,
    held_out_templates,
    is_held_out,
    random_stream,
)
from synthetic_notes.imaging import MODALITIES
from synthetic_notes.lexicon import LABS, SYMPTOMS
from synthetic_notes.vocabulary import chronic_diseases, common_symptoms

SOURCES = Path(__file__).parents[3] / "src" / "synthetic_notes"


@pytest.fixture(scope="module")
def train() -> list[GeneratedNote]:
    return list(generate_notes(500, 4, lambda who: "valid" if int(who[1:]) % 5 == 0 else "train"))


@pytest.fixture(scope="module")
def test() -> list[GeneratedNote]:
    return list(generate_notes(120, 5, lambda who: "test"))


def phrases(notes: list[GeneratedNote]) -> Iterator[str]:
    for note in notes:
        for span in note.spans:
            yield note.text[span.start : span.end]


def test_training_patients_have_no_held_out_disease():
    for patient in range(500):
        facts = draw_facts(random_stream(4, patient, "facts"))
        assert facts.admission.code not in ADMISSION_CODES
        assert not COMORBIDITY_CODES.intersection(d.code for d in facts.comorbidities)


def test_training_notes_have_no_held_out_wording(train):
    assert not {phrase for phrase in phrases(train) if is_held_out(phrase)}
    # outside of mentions too, but for short words with a second meaning (RA: room air)
    long = [word for word in WORDINGS if len(word) > 4]
    long += [
        name
        for code in COMORBIDITY_CODES
        for name in chronic_diseases()[code].names
        if len(name) > 4
    ]
    words = re.compile(
        r"(?<![\w-])(" + "|".join(re.escape(word) for word in long) + r")(?![\w-])", re.IGNORECASE
    )
    assert not {match.group() for note in train for match in words.finditer(note.text)}


def test_test_notes_have_what_is_held_out_by_preference(test):
    held = Counter()
    for patient in range(300):
        facts = draw_facts(random_stream(5, patient, "facts", held_out=True))
        held[facts.admission.code in ADMISSION_CODES] += 1
        held.update({facts.admission.code} & ADMISSION_CODES)
        held.update(COMORBIDITY_CODES.intersection(d.code for d in facts.comorbidities))
    assert 0.6 < held[True] / 300 < 0.8
    assert set(held) - {True, False} >= ADMISSION_CODES
    assert len(COMORBIDITY_CODES.intersection(held)) >= 0.9 * len(COMORBIDITY_CODES)
    share = sum(map(is_held_out, phrases(test))) / len(list(phrases(test)))
    assert 0.1 < share < 0.5


def literals(template: ast.expr) -> list[str]:
    """The words of a template between its slots, in lower case, if they are long enough to tell."""
    parts = template.values if isinstance(template, ast.JoinedStr) else [template]
    texts = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
    return [t.strip(" ,.;:\n").lower() for t in texts if len(t.strip(" ,.;:\n")) >= 14]


def templates_in_sources() -> tuple[set[str], set[str]]:
    """Words of the templates of all patients, and of those that only test patients have."""
    common: set[str] = set()
    reserved: set[str] = set()
    for path in sorted(SOURCES.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            named = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
            if not named or call.func.attr != "pick":
                continue
            if any(isinstance(template, ast.Starred) for template in call.args):
                continue
            kept = len(call.args) - held_out_templates(len(call.args))
            common.update(text for template in call.args[:kept] for text in literals(template))
            reserved.update(text for template in call.args[kept:] for text in literals(template))
    return common, reserved


def test_training_notes_have_no_held_out_template(train, test):
    common, reserved = templates_in_sources()
    telling = {text for text in reserved if not any(text in other for other in common)}
    assert len(telling) >= 25
    known = "\n".join(note.text for note in train).lower()
    assert not {text for text in telling if text in known}
    seen = "\n".join(note.text for note in test).lower()
    assert sum(text in seen for text in telling) >= 0.8 * len(telling)


def test_the_last_templates_are_held_out():
    assert [held_out_templates(n) for n in range(9)] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    drawn: dict[bool, set[str]] = {False: set(), True: set()}
    for held_out, found in drawn.items():
        rng = HoldoutRandom(1)
        rng.held_out = held_out
        found.update(rng.template("abcdef") for _ in range(200))
    assert drawn == {False: set("abcd"), True: set("abcdef")}


def alternatives() -> Iterator[tuple[str, list[str]]]:
    """Every list of wordings that a training patient may be asked to choose from."""
    for admission in ADMISSIONS:
        if admission.code in ADMISSION_CODES:
            continue
        where = admission.code
        yield where, list(admission.names)
        yield where, [disease for disease, _ in admission.ruled_out]
        yield where, list(admission.concern)
        yield from ((where, list(step)) for step in admission.course)
        yield from ((where, list(options)) for options in admission.exam.values())
    for table in (SYMPTOMS, LABS):
        yield from ((key, list(entry[0])) for key, entry in table.items())
    for key, modality in MODALITIES.items():
        yield key, list(modality.names)
        yield key, list(modality.techniques)
    for key, complication in COMPLICATIONS.items():
        yield key, list(complication.names)
        yield key, list(complication.course)
    for key, (names, _) in HISTORY.allergens.items():
        yield key, list(names)
    for code, disease in chronic_diseases().items():
        if code not in COMORBIDITY_CODES:
            yield code, list(disease.names)


def test_every_list_leaves_something_to_training_patients():
    for where, options in alternatives():
        assert not all(is_held_out(option) for option in options), (where, options)


def test_what_nobody_chooses_is_not_held_out():
    fixed = [lay for _, lay in SYMPTOMS.values()] + [*LABS, *common_symptoms()]
    for modality in MODALITIES.values():
        fixed += [modality.heading, modality.names[0]]
        fixed += [text for pair in modality.incidentals for text in pair]
    for admission in ADMISSIONS:
        if admission.code not in ADMISSION_CODES:
            fixed += [how for _, how in admission.ruled_out]
            fixed += [*admission.procedures, *admission.new_drugs]
            for study in admission.studies:
                fixed += [*study.findings, *study.impressions]
            assert not COMORBIDITY_CODES.intersection(admission.patients.implies), admission.code
    assert not [text for text in fixed if is_held_out(text)]


def test_the_share_that_is_held_out_is_a_fifth_or_so():
    weights = Counter()
    for admission in ADMISSIONS:
        weights[admission.code in ADMISSION_CODES] += admission.patients.weight
    assert 0.15 < weights[True] / weights.total() < 0.3
    common = Counter()
    for code in chronic_diseases():
        common[code in COMORBIDITY_CODES] += HISTORY.common.get(code, 1)
    assert 0.1 < common[True] / common.total() < 0.3
    symptoms = [word for words, _ in SYMPTOMS.values() for word in words]
    assert 0.15 < sum(map(is_held_out, symptoms)) / len(symptoms) < 0.4


def test_a_dictionary_of_the_training_notes_does_worse_on_test_notes(train, test):
    votes: dict[str, Counter] = defaultdict(Counter)
    for note in train:
        for span in note.spans:
            votes[note.text[span.start : span.end].lower()][span.label, span.assertion] += 1
    known = {phrase: count.most_common(1)[0][0] for phrase, count in votes.items()}

    def right(notes: list[GeneratedNote]) -> float:
        hits = [
            known.get(note.text[span.start : span.end].lower()) == (span.label, span.assertion)
            for note in notes
            for span in note.spans
        ]
        return sum(hits) / len(hits)

    unseen = list(generate_notes(120, 6, lambda who: "train"))
    assert right(unseen) > 0.9
    assert right(test) < 0.75
