"""Pairs of premise and hypothesis: labels follow from the text, a hypothesis tells nothing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import numpy as np
import pytest

from synthetic_notes import GeneratedNote, Pair, generate_notes, pairs
from synthetic_notes.admissions import ADMISSIONS
from synthetic_notes.lexicon import LABS, SYMPTOMS

LABELS = ("entailment", "contradiction", "neutral")
VITALS = re.compile(
    r"(?:Temp|T) (?P<temperature>[\d.]+), HR (?P<heart>\d+), BP (?P<systolic>\d+)/\d+, "
    r"RR \d+, (?:O2 sat|SpO2) (?P<SpO2>\d+)%"
)
TIMES = {
    **{"daily": "once a day", "BID": "twice a day", "TID": "three times a day"},
    **{"QID": "four times a day", "QHS": "at bedtime", "weekly": "once a week"},
}
PHRASES = {
    "walks without help": "Activity Status: Ambulatory - Independent.",
    "walks with a walker": "Activity Status: Ambulatory - requires a walker.",
    "needs help to get to a chair": "Activity Status: Out of bed with assistance to chair.",
    "went home without services": "Discharge Disposition:\nHome",
    "went home with services": "Discharge Disposition:\nHome With Service",
    "went to an extended care facility": "Discharge Disposition:\nExtended Care",
}


@pytest.fixture(scope="module")
def summaries() -> list[GeneratedNote]:
    split = {0: "train", 1: "train", 2: "test"}
    notes = generate_notes(450, 23, lambda who: split[int(who[1:]) % 3])
    return [note for note in notes if note.category == "Discharge summary"]


def templates() -> list[tuple[str, str]]:
    """(kind, template) of all hypotheses."""
    return [(kind, form) for kind, each in pairs._TEMPLATES.items() for form in each]


def parse(hypothesis: str) -> tuple[str, str, str]:
    """Kind, name and value that a hypothesis is about."""
    for kind, template in FORMS:
        values = {"schedule": TIMES.values(), "walks": PHRASES, "disposition": PHRASES}.get(kind)
        slots = {"name": ".+", "value": "|".join(values) if values else ".+"}
        words = re.split(r"\{(\w+)\}", template)
        parts = [f"(?P<{w}>{slots[w]})" if i % 2 else re.escape(w) for i, w in enumerate(words)]
        if match := re.fullmatch("".join(parts), hypothesis, re.IGNORECASE):
            groups = match.groupdict()
            return kind, groups.get("name", ""), groups.get("value", "")
    raise AssertionError(f"no template fits {hypothesis!r}")


# the templates with most words of their own first
FORMS = sorted(templates(), key=lambda item: -len(re.sub(r"\{\w+\}", "", item[1])))


def diagnosis_codes(text: str) -> set[str]:
    """ICD-10 codes of the reasons for admission that a text names."""
    found = {}
    for admission in ADMISSIONS:
        for name in admission.names:
            words = re.sub(r"\\\{\w+\\\}", r"\\w+(?: \\w+){0,2}", re.escape(name))
            for match in re.finditer(words, text, re.IGNORECASE):
                found[match.span()] = admission.code
    # "acute kidney injury" within "prerenal acute kidney injury": the longest counts
    return {
        code
        for (start, end), code in found.items()
        if not any(s <= start and end <= e and (s, e) != (start, end) for s, e in found)
    }


def stated_number(name: str, premise: str) -> float | None:
    """What a premise says about a measured quantity, None if nothing."""
    if name == "age of the patient":
        match = re.search(r"\b(\d\d)(?:[ -]?(?:year|yo|y/o)\b|[MF]\b)", premise)
        return float(match[1]) if match else None
    if name.endswith(" on arrival"):
        match = VITALS.search(premise)
        return float(match[name.split()[0]]) if match else None
    first = name.removeprefix("first ")
    wordings = next(words for words, *_ in LABS.values() if words[0].lower() == first.lower())
    either = "|".join(re.escape(word) for word in sorted(wordings, key=len, reverse=True))
    match = re.search(rf"(?<![\w-])(?:{either}) ([\d.]+\d|\d)", premise, re.IGNORECASE)
    return float(match[1]) if match else None


def label_of(note: GeneratedNote, pair: Pair) -> str:
    """The label that the text of the premise and the gold entities in it give."""
    premise = note.text[pair.start : pair.end]
    kind, name, value = parse(pair.hypothesis)
    agrees: bool | None = None
    if kind in ("exact", "above", "up to"):
        number = stated_number(name, premise)
        if number is not None:
            claimed = float(value)
            tests = {"exact": number == claimed, "above": number > claimed}
            agrees = tests.get(kind, number <= claimed)
    elif kind == "onset":
        match = re.search(r"(?:(\d+) |past )(hour|day|week|month)s?\b", premise)
        if match and not re.match(r"\w+ Status|Discharge|\d+\.", premise):
            agrees = f"{match[1] or 1} {match[2]}" == value.removesuffix("s")
    elif kind == "diagnosis":
        told = re.search(
            r"(?:admitted with|presented with|hospitalized for|found to have|"
            r"treated for|diagnosed with) (?P<what>.+)\.$",
            premise,
        )
        codes = diagnosis_codes(told["what"]) if told else set()
        if codes:
            agrees = bool(codes & diagnosis_codes(name))
    elif kind in ("walks", "disposition"):
        title = PHRASES[value].split(":")[0]
        if title in premise:
            agrees = premise == PHRASES[value]
    elif kind.startswith("symptom"):
        wordings = next(w for w, _ in SYMPTOMS.values() if name.lower() in map(str.lower, w))
        for span in note.spans:
            text = note.text[span.start : span.end].lower()
            inside = pair.start <= span.start and span.end <= pair.end
            if inside and span.label == "problem" and text in map(str.lower, wordings):
                agrees = (span.assertion == "present") == (kind == "symptom yes")
    elif kind.startswith("allergy"):
        if premise.startswith("Allergies: "):
            none = re.search(r"NKDA|No Known|No known", premise) is not None
            agrees = none == (kind == "allergy no")
    else:
        for match in re.finditer(r"^\d+\. (.+?) ([\d.]+ \S+) \S+ (\S+)$", premise, re.MULTILINE):
            if match[1].lower() == name.lower():
                agrees = value in (match[2], TIMES.get(match[3]))
    return "neutral" if agrees is None else LABELS[not agrees]


def test_labels_follow_from_the_text_of_the_premise(summaries):
    wrong, counts = [], Counter()
    for note in summaries:
        for pair in note.pairs:
            counts[pair.label] += 1
            if label_of(note, pair) != pair.label:
                premise = note.text[pair.start : pair.end]
                wrong.append((pair.label, label_of(note, pair), premise, pair.hypothesis))
    assert sum(counts.values()) > 2500
    assert not wrong, (len(wrong), wrong[:5])


def test_the_labels_are_balanced(summaries):
    counts = Counter(pair.label for note in summaries for pair in note.pairs)
    assert set(counts) == set(LABELS)
    assert max(counts.values()) <= 1.05 * min(counts.values())


def test_every_form_of_hypothesis_occurs_with_every_label(summaries):
    seen = defaultdict(Counter)
    for note in summaries:
        for pair in note.pairs:
            kind, _, _ = parse(pair.hypothesis)
            seen[kind][pair.label] += 1
    assert set(seen) == {kind for kind, _ in templates()}
    for kind, counts in seen.items():
        assert set(counts) == set(LABELS), (kind, counts)
        # within four standard deviations of a third
        n = sum(counts.values())
        assert max(abs(c - n / 3) for c in counts.values()) <= 4 * (n * 2 / 9) ** 0.5, (
            kind,
            counts,
        )


def test_premises_are_trimmed_stretches_of_one_or_two_sentences(summaries):
    two = 0
    for note in summaries:
        places = [(pair.start, pair.end) for pair in note.pairs]
        assert places == sorted(places)
        keys = [(pair.start, pair.end, pair.hypothesis) for pair in note.pairs]
        assert len(set(keys)) == len(keys) >= 4
        for start, end in places:
            text = note.text[start:end]
            assert 0 <= start < end <= len(note.text) and text == text.strip()
            inside = [s for s in note.sentences if start < s.end and s.start < end]
            assert len(inside) <= 2
            assert all(start <= s.start and s.end <= end for s in inside)
            two += len(inside) == 2
    assert two > 100


def test_held_out_templates_of_hypotheses_are_those_of_test_patients(summaries):
    held = [pairs._TEMPLATES[kind][-1] for kind in ("exact", "diagnosis", "schedule")]
    starts = [re.split(r"\{", template)[0] for template in held]
    found = Counter()
    for note in summaries:
        for pair in note.pairs:
            if any(pair.hypothesis.startswith(start) for start in starts):
                found[int(note.patient_id[1:]) % 3 == 2] += 1
    assert found[True] > 50 and not found[False]


def test_a_hypothesis_alone_does_not_tell_the_label(summaries):
    rows = [
        (int(note.patient_id[1:]) % 3 == 2, pair.hypothesis, LABELS.index(pair.label))
        for note in summaries
        for pair in note.pairs
    ]
    assert accuracy(rows) <= 0.40
    # the classifier is able to find what a hypothesis does tell
    spoken = [
        (test, text, 1 if " was " in text else 2 * ("patient" in text)) for test, text, _ in rows
    ]
    assert accuracy(spoken) >= 0.9


def accuracy(rows: list[tuple[bool, str, int]]) -> float:
    """Of a logistic regression on words and pairs of words, on the rows marked True."""
    grams = [set(zip(w := text.split(), w[1:] + [""], strict=True)) | set(w) for _, text, _ in rows]
    counts = Counter(
        g for gram, (test, *_) in zip(grams, rows, strict=True) if not test for g in gram
    )
    column = {g: i for i, g in enumerate(sorted(map(repr, (g for g in counts if counts[g] > 1))))}
    x = np.zeros((len(rows), len(column) + 1), dtype=np.float32)
    x[:, -1] = 1
    for row, gram in enumerate(grams):
        for g in gram:
            if repr(g) in column:
                x[row, column[repr(g)]] = 1
    test = np.array([row[0] for row in rows])
    target = np.eye(3, dtype=np.float32)[[row[2] for row in rows]]
    known, answers = x[~test], target[~test]
    weights = np.zeros((x.shape[1], 3), dtype=np.float32)
    step = np.zeros_like(weights)
    for _ in range(150):
        logits = known @ weights
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        step = 0.9 * step - 0.1 * (known.T @ (p - answers) / len(known) + 1e-4 * weights)
        weights += step
    return float(((x[test] @ weights).argmax(axis=1) == target[test].argmax(axis=1)).mean())
