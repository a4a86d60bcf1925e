"""Where passages end: sections before paragraphs before sentences, and never inside one thing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import PassageCutter
from palimpsest.text.sentences import pauses
from palimpsest.text.tokenizers import count_tokens

WHOLE = [
    *("aspirin 81 mg", "furosemide 40 mg po q6h prn", "insulin 1,234.5 units", "120/80"),
    *("June 16, 2187", "16 June 2187", "5:46 AM", "Dr. Smith", "No. 3", "vs. 2", "2 - 3"),
    *("metoprolol succinate 12.5 mg by mouth twice daily", "2187-06-16", "creatinine 1.2 mg/dL"),
    *("acetaminophen q6h prn", "[**Known lastname 1**]", "120 / 80", "warfarin 2-3 mg daily"),
    *("heparin 5000 units SC q 8 h", "nitroglycerin 0.4 mg SL every 5 minutes as needed"),
]
FILLERS = ["and", "was", "stable,", "admitted", "with", "pain", "then", "noted", "treatment"]


@pytest.fixture(scope="module")
def cutter(bpe):
    made = {}

    def get(room):
        if room not in made:
            made[room] = PassageCutter(bpe, PassagesSpec(max_tokens=room, min_tokens=1))
        return made[room]

    return get


def tokens(cutter, text):
    return count_tokens(cutter(9).counter.tokenizer, [text])[0]


def pieces(cutter, text):
    return [text[part.start : part.end] for part in cutter.stretches([text])[0]]


@pytest.fixture(scope="module")
def longest(cutter):
    return max(tokens(cutter, whole) for whole in WHOLE)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_number_a_dose_a_date_and_a_name_stay_whole(cutter, longest, data):
    parts = data.draw(
        st.lists(st.tuples(st.sampled_from(WHOLE), st.lists(st.sampled_from(FILLERS), min_size=2)))
    )
    gap = data.draw(st.sampled_from([" ", "\n", "  "]))
    text, spans = "", []
    for whole, fillers in parts:
        text += gap.join(["the", *fillers, ""])
        spans.append((len(text), len(text) + len(whole), whole))
        text += whole + gap
    room = longest + data.draw(st.integers(8, 40))  # with the word before it, and one more
    for part in cutter(room).stretches([text])[0][:-1]:
        assert text[part.end - 1].isspace() and not text[part.end].isspace()
        assert [whole for start, end, whole in spans if start < part.end < end] == []


@pytest.mark.parametrize("space", [" ", "\n", "\r\n"])
@pytest.mark.parametrize(
    "torn",
    [
        *(
            "seen by Dr.{}Smith",
            "at 5 p.o.{}Daily",
            "taken q.d.{}For pain",
            "room No.{}3",
            "J.{}Doe",
        ),
        *("pt.{}Smith", "old vs.{}New film", "e.g.{}Aspirin", "approx.{}9 days"),
    ],
)
def test_an_abbreviation_ends_no_sentence(torn, space):
    text = f"He was {torn.format(space)} and went home. Then more."
    assert pauses(text, 0, len(text)) == [text.index("Then")]


def test_list_numbers_end_no_sentence_and_values_do():
    text = "Plan:\n1. Aspirin. 2. Statin. Cr was 2. Stable at 1.2. Home? Yes! (See below.) [Next]"
    starts = [text[at:].split()[0] for at in pauses(text, 0, len(text))]
    assert starts == ["1.", "2.", "Cr", "Stable", "Home?", "Yes!", "(See", "[Next]"]


def test_a_wrapped_line_is_no_pause_and_a_list_item_is():
    wrapped = "The patient was admitted with a long history of chest pain and of\n"
    text = wrapped + "Crohn disease for years.\nHome today\n- rest\nsoon better\n2) Diet"
    starts = [text[at:].split("\n")[0] for at in pauses(text, 0, len(text))]
    assert starts == ["Home today", "- rest", "2) Diet"]


def test_a_section_end_is_taken_before_a_paragraph_end(cutter):
    first = "Course:\nThe patient was admitted with chest pain. The patient was stable.\n\n"
    second = "Medications:\naspirin and furosemide.\n\nmetoprolol was stopped.\n"
    room = tokens(cutter, first + second) - 2
    assert pieces(cutter(room), first + second) == [first, second]


def test_a_paragraph_end_is_taken_before_a_sentence_end(cutter):
    first = "the patient was admitted. The pain was stable.\n\n"
    second = "Aspirin was started. Metoprolol was stopped.\n"
    room = tokens(cutter, first + second) - 3
    assert pieces(cutter(room), first + second) == [first, second]


def test_a_sentence_end_is_taken_before_a_blank(cutter):
    text = "The patient was admitted with chest pain. Creatinine was 1.2 and stable in the morning."
    assert pieces(cutter(tokens(cutter, text) - 1), text) == [text[:42], text[42:]]


def test_a_sentence_end_is_taken_before_the_end_of_a_wrapped_line(cutter):
    first = "The patient was admitted with chest pain. "
    second = "Creatinine was 1.2 and stable in the\nmorning of the third day of the stay"
    assert pieces(cutter(tokens(cutter, first + second) - 1), first + second) == [first, second]


def test_a_header_stays_with_what_stands_below_it(cutter):
    text = "".join(
        f"{name}:\n\nThe patient was stable on day {at}. No pain was noted.\n\n"
        for at, name in enumerate(["History", "Hospital Course", "Social History", "Plan"] * 3)
    )
    for room in range(25, 120, 5):
        cut = pieces(cutter(room), text)
        assert all(not piece.rstrip().endswith(":") for piece in cut), room


def test_blanks_at_the_end_do_not_make_a_passage(cutter):
    text = "The patient was admitted with chest pain. Aspirin was started.\n\n  \n"
    for room in range(8, tokens(cutter, text.rstrip()) + 4):
        assert all(piece.strip() for piece in pieces(cutter(room), text)), room


def test_combining_marks_and_crlf_stay_together(cutter):
    for text in ("e\u0301\u0323" * 80, "👩‍👩‍👧" * 30, "one\r\ntwo\r\n" * 60):
        for room in (20, 33):
            for piece in pieces(cutter(room), text)[1:]:
                assert piece[0] not in "\u0301\u0323\u200d\n", (text[:9], room)


def test_a_monster_word_is_cut_at_its_punctuation_and_not_in_its_numbers(cutter):
    text = "".join(f"Na:{at},345.67/89;" for at in range(1, 90))
    assert all(piece[-1] in ":;" for piece in pieces(cutter(30), text)[:-1])
    text = "|".join(f"Na{at}.5|ok" for at in range(100, 190))
    assert all(piece[-1] == "|" for piece in pieces(cutter(30), text)[:-1])
