"""Passages tile their note, fit their room and end where a reader would pause."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from palimpsest.core.tokenizers import count_tokens
from palimpsest.passages.cut import PassageCutter

NASTY = st.one_of(
    st.sampled_from(
        [
            "<|endoftext|>",
            "<|im_end|>",
            "[SEP]",
            "[MASK]",
            "</s>",
            "\r\n",
            "\n\n",
            "\n \n",
            "\t",
            "   ",
            "Discharge Medications:\n",
            "Plan: ",
            "1. ",
            "x" * 90,
            "7" * 40,
            "🙂",
            "👩‍👩‍👧",
            "é",
            "\u0301",
            "漢字",
            "\x00",
            "\u200b",
            "\u2028",
            "Na 135 | K 4.1 |\n",
            "-" * 50,
            "Dr. ",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.from_regex(r"[A-Z][a-z]{1,8}( [a-z]{1,9}| [0-9]{1,5}){1,9}[.!?] ", fullmatch=True),
)
NOTES = st.lists(NASTY, max_size=30).map("".join)
ROOMS = st.integers(1, 40)


@pytest.fixture(scope="module")
def cutters(bpe, encoder):
    """A cutter for each kind of tokenizer, by room."""
    made = {}

    def cutter(kind, room):
        path = bpe if kind == "bytes" else encoder / "tokenizer.json"
        return made.setdefault((kind, room), PassageCutter(path, room))

    return cutter


@settings(max_examples=150, deadline=None)
@given(NOTES, ROOMS, st.sampled_from(["bytes", "words"]))
@example("🙂" * 20, 1, "bytes")
@example("word " + "\n" * 300, 5, "bytes")
def test_passages_rejoin_to_the_note_and_fit_their_room(cutters, text, room, kind):
    cutter = cutters(kind, room)
    passages = cutter.cut(text)
    assert "".join(text[start:end] for start, end, _ in passages) == text
    assert [start for start, *_ in passages] == [0, *(end for _, end, _ in passages)][
        : len(passages)
    ]
    assert all(start < end for start, end, _ in passages)
    counts = count_tokens(cutter.tokenizer, [text[start:end] for start, end, _ in passages])
    assert [tokens for *_, tokens in passages] == counts
    assert all(tokens <= room or end - start == 1 for (start, end, tokens) in passages)
    assert cutter.cut(text) == passages


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.from_regex(r"[a-z]{1,12}|[0-9]{1,6}(\.[0-9])?", fullmatch=True), min_size=1, max_size=80
    ),
    st.integers(16, 40),
)
def test_words_and_numbers_stay_whole_where_a_blank_is_near(cutters, words, room):
    text = " ".join(words)
    passages = cutters("bytes", room).cut(text)
    inside = [at for _, at, _ in passages[:-1] if not re.search(r"\s", text[at - 1 : at + 1])]
    assert inside == []


def test_an_empty_note_has_no_passage(cutters):
    assert cutters("bytes", 9).cut("") == []


def test_a_note_that_fits_is_one_passage(cutters):
    text = "Chest pain.\n\nPlan:\nAspirin.\n"
    assert cutters("bytes", 300).cut(text) == [
        (0, len(text), len(cutters("bytes", 300).tokenizer.encode(text)))
    ]


def pieces(cutter, text):
    return [text[start:end] for start, end, _ in cutter.cut(text)]


def test_a_section_end_is_taken_before_a_paragraph_end(cutters):
    first = "Course:\nThe patient was admitted with chest pain. The patient was stable.\n\n"
    second = "Medications:\naspirin and furosemide.\n\nmetoprolol was stopped.\n"
    text = first + second
    tokens = count_tokens(cutters("bytes", 9).tokenizer, [text])[0]
    assert pieces(cutters("bytes", tokens - 2), text) == [first, second]


def test_a_paragraph_end_is_taken_before_a_sentence_end(cutters):
    first = "the patient was admitted. The pain was stable.\n\n"
    second = "Aspirin was started. Metoprolol was stopped.\n"
    tokens = count_tokens(cutters("bytes", 9).tokenizer, [first + second])[0]
    assert pieces(cutters("bytes", tokens - 3), first + second) == [first, second]


def test_a_sentence_end_is_taken_before_a_blank(cutters):
    text = "The patient was admitted with chest pain. Creatinine was 1.2 and stable in the morning."
    tokens = count_tokens(cutters("bytes", 9).tokenizer, [text])[0]
    cut = pieces(cutters("bytes", tokens - 1), text)
    assert cut == ["The patient was admitted with chest pain. ", text[42:]]


def test_blanks_at_the_end_do_not_make_a_passage(cutters):
    text = "The patient was admitted with chest pain. Aspirin was started.\n\n  \n"
    tokens = count_tokens(cutters("bytes", 9).tokenizer, [text.rstrip()])[0]
    for room in range(8, tokens + 4):
        assert all(piece.strip() for piece in pieces(cutters("bytes", room), text)), room


def test_passages_are_not_crumbs(cutters):
    sentences = [f"Creatinine was {at}.{at} and the patient was stable. " for at in range(60)]
    text = "".join(sentences)
    passages = cutters("bytes", 50).cut(text)
    assert all(tokens > 25 for *_, tokens in passages[:-1])


def test_a_mark_in_a_note_is_counted_as_the_text_it_is(cutters):
    ((_, _, tokens),) = cutters("bytes", 99).cut("<|endoftext|>")
    assert tokens > 1
