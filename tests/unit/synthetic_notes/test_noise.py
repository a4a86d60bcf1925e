"""Slips in a declared amount: the text changes, what it says and where the gold lies does not."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synthetic_notes import GeneratedNote, LabelledSentence, Pair, PhiSpan, Span, generate_notes
from synthetic_notes.noise import MAX_NOISE, add_noise, draw_slips

WORD = re.compile(r"\S+")


@pytest.fixture(scope="module")
def notes() -> list[GeneratedNote]:
    return list(generate_notes(60, 21, lambda who: "test" if int(who[1:]) % 4 == 0 else "train"))


def noisy(notes: list[GeneratedNote], share: float) -> list[GeneratedNote]:
    return [add_noise(note, share, Random(i)) for i, note in enumerate(notes)]


def gold(note: GeneratedNote) -> tuple:
    return note.spans, note.phi, note.sentences, note.pairs


def test_no_noise_changes_nothing(notes):
    assert noisy(notes, 0.0) == notes
    assert list(generate_notes(3, 1, lambda who: "train", noise=0.0)) == list(
        generate_notes(3, 1, lambda who: "train")
    )


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2, MAX_NOISE])
def test_the_share_of_touched_words_is_the_declared_one(notes, share):
    touched = total = 0
    for i, note in enumerate(notes):
        slips = draw_slips(note, share, Random(i))
        words = [match.span() for match in WORD.finditer(note.text)]
        assert len({slip.word for slip in slips}) == len(slips)
        for slip in slips:
            start, end = words[slip.word]
            assert start <= slip.start <= slip.end <= end + 1  # the word, or the white space after
            assert note.text[slip.start : slip.end] != slip.new
        touched += len(slips)
        total += len(words)
    assert abs(touched / total - share) < 0.005


def test_a_comparison_of_words_finds_as_many_changes_as_were_declared(notes):
    # line breaks stay unseen here, and two neighbours may count as one change
    changed = total = 0
    for before, after in zip(notes, noisy(notes, 0.1), strict=True):
        old, new = before.text.split(), after.text.split()
        same = sum(b.size for b in SequenceMatcher(None, old, new, False).get_matching_blocks())
        changed += len(old) - same
        total += len(old)
    assert 0.06 < changed / total < 0.12


def test_numbers_doses_and_phi_stay_what_they_are(notes):
    fact = re.compile(r"\d[\d.,/:%-]*")
    scanned = re.compile(r"(?<=[A-Za-z])[01]|2ndary")  # as part of a word
    dose = re.compile(r"\b(mg|mcg|units|mL|dL|mEq|IU|PO|SC|INH|BID|TID|QID|QHS|PRN|daily|weekly)\b")
    for before, after in zip(notes, noisy(notes, 0.3), strict=True):
        told, kept = (
            [found.rstrip(".,:") for found in fact.findall(re.sub(scanned, "", note.text))]
            for note in (before, after)
        )
        assert told == kept
        assert dose.findall(before.text) == dose.findall(after.text)
        assert [before.text[p.start : p.end] for p in before.phi] == [
            after.text[p.start : p.end] for p in after.phi
        ]
        assert len(re.findall(r"\b(no|not)\b", before.text, re.IGNORECASE)) == len(
            re.findall(r"\b(no|not)\b", after.text, re.IGNORECASE)
        )


def near(before: str, after: str) -> bool:
    return SequenceMatcher(None, before.lower(), after.lower(), False).ratio() > 0.5


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), share=st.floats(0.01, MAX_NOISE))
@example(seed=6345, share=0.375)  # "abdominal pain" becomes "abd psin"
def test_the_gold_follows_the_text(seed, share):
    (note, *_) = generate_notes(1, seed, lambda who: "train")
    after = add_noise(note, share, Random(seed))
    for olds, news in zip(gold(note), gold(after), strict=True):
        assert len(olds) == len(news)
        for old, new in zip(olds, news, strict=True):
            assert replace(new, start=old.start, end=old.end) == old
            phrase = after.text[new.start : new.end]
            assert phrase == phrase.strip()
            told = note.text[old.start : old.end]
            # abbreviations shorten a word to a letter or two
            words = list(zip(told.split(), phrase.split(), strict=False))
            short = [len(b) <= 3 or len(a) <= 4 or near(a, b) for a, b in words]
            assert near(told, phrase) or all(short), (told, phrase)
    for span in after.spans:
        assert "\n" not in after.text[span.start : span.end]


def test_offsets_are_those_of_the_same_words_by_hand():
    text = "Denies chest pain, fever.\nSeen by Smith on 3/14 for moderate pain."
    note = GeneratedNote(
        note_id="N1",
        patient_id="P1",
        category="c",
        date="2024-03-14",
        text=text,
        spans=(Span(7, 17, "problem", "absent"), Span(19, 24, "problem", "absent")),
        phi=(PhiSpan(34, 39, "NAME"), PhiSpan(43, 47, "DATE")),
        sentences=(LabelledSentence(0, 25, ()), LabelledSentence(26, 66, ())),
        pairs=(Pair(0, 25, "No fever.", "entailment"),),
    )
    assert len(text) == 66
    for seed in range(300):
        after = add_noise(note, 0.3, Random(seed))
        for span, told in zip(after.spans, ("chest pain", "fever"), strict=True):
            assert after.text[span.start - 1].isspace() or after.text[span.start - 1] == ","
            assert not after.text[span.end].isalnum()
            assert near(told, after.text[span.start : span.end])
        assert [after.text[p.start : p.end] for p in after.phi] == ["Smith", "3/14"]
        assert after.sentences[0].start == after.pairs[0].start == 0
        assert after.text[after.sentences[1].start] in "Ss"
        assert after.sentences[1].end == len(after.text)
        assert after.sentences[0].end == after.pairs[0].end <= after.sentences[1].start


def test_a_note_without_words_that_may_be_touched_stays_as_it_is():
    note = GeneratedNote("N1", "P1", "c", "2024-01-01", "5 mg PO BID\n12\n", (), (), (), ())
    assert add_noise(note, 0.4, Random(1)) == note


def test_every_kind_of_slip_occurs(notes):
    text = "\n".join(note.text for note in noisy(notes, 0.3))
    for trace in ("hx", "w/ ", " comma", " period", " the the ", "pateint|patinet|patien"):
        assert re.search(trace, text), trace
    assert re.search(r"[a-z][01][a-z]", text)  # scanned
    assert re.search(r"[a-z],[a-z]", text)  # a lost space
    assert re.search(r"[a-z]\n[a-z]", text)  # a line break inside of a sentence
