"""Windows hold everything, and each word is read where most of its context is."""

from hypothesis import given
from hypothesis import strategies as st

from palimpsest.finetuning.windows import (
    around_entities,
    best_windows,
    mark_entities,
    shares_of_two,
    windows,
)

LENGTHS = st.lists(st.integers(1, 4), max_size=60)


@given(LENGTHS, st.integers(4, 20), st.data())
def test_windows_fit_overlap_and_leave_no_word_out(lengths, room, data):
    stride = data.draw(st.integers(1, room))
    found = windows(lengths, room, stride)
    assert all(sum(lengths[first:behind]) <= room for first, behind in found)
    held = [word for first, behind in found for word in range(first, behind)]
    assert set(held) == set(range(len(lengths)))
    assert [first for first, _ in found] == sorted({first for first, _ in found})
    assert found[-1][1] == len(lengths)
    for (first, behind), (following, _) in zip(found, found[1:], strict=False):
        assert first < following <= behind
    best = best_windows(lengths, found)
    assert len(best) == len(lengths)
    for word, number in enumerate(best):
        assert found[number][0] <= word < found[number][1]


@given(st.integers(30, 300))
def test_with_windows_by_halves_every_token_sees_a_quarter_of_a_window_around_it(total):
    room, stride = 20, 10
    lengths = [1] * total
    found = windows(lengths, room, stride)
    for word, number in enumerate(best_windows(lengths, found)):
        first, behind = found[number]
        assert word - first >= room // 4 or first == 0
        assert behind - 1 - word >= room // 4 - 1 or behind == total


def test_a_word_that_is_longer_than_the_room_is_a_window_alone():
    assert windows([2, 9, 2], 4, 2) == [(0, 1), (1, 2), (2, 3)]


def test_a_text_that_fits_is_one_window():
    assert windows([1] * 10, 10, 5) == [(0, 10)] and windows([], 10, 5) == [(0, 0)]
    assert windows([1] * 12, 10, 5) == [(0, 10), (2, 12)]


@given(st.integers(0, 99), st.integers(0, 99), st.integers(1, 60))
def test_of_two_texts_the_longer_one_is_cut_and_no_room_is_left(first, second, room):
    kept = shares_of_two(first, second, room)
    assert kept[0] <= first and kept[1] <= second
    assert sum(kept) == min(first + second, room)
    if sum(kept) < first + second:
        assert kept[0] == first or kept[1] == second or abs(kept[0] - kept[1]) <= 1


MARKED = st.tuples(st.integers(0, 15), st.integers(1, 5))


@given(st.lists(MARKED, min_size=1, max_size=2), st.booleans())
def test_marks_stand_around_their_entities_and_change_no_other_character(pairs, typed):
    text = "abcdefghijklmnopqrstuvwxyz"
    kind = "Test_type" if typed else None
    marks = [{"start": at, "end": at + size, "label": kind} for at, size in pairs]
    made, places = mark_entities(text, marks)
    assert "".join(letter for letter in made if letter in text) != "" or not text
    for mark, (first, behind), sign in zip(marks, places, "@#", strict=False):
        inside = made[first:behind]
        assert inside.startswith(f"{sign} ") and inside.endswith(f" {sign}")
        plain = inside.replace("* test type * ", "").replace("^ test type ^ ", "")
        letters = "".join(letter for letter in plain if letter.isalpha())
        assert letters == text[mark["start"] : mark["end"]]
    whole = made.replace("* test type * ", "").replace("^ test type ^ ", "")
    assert "".join(letter for letter in whole if letter.isalpha()) == text


def test_marks_say_the_type_and_which_argument_it_is():
    text = "Aspirin for chest pain."
    marks = [
        {"start": 12, "end": 22, "label": "problem"},
        {"start": 0, "end": 7, "label": None},
    ]
    made, _ = mark_entities(text, marks)
    assert made == "# Aspirin # for @ * problem * chest pain @."


@given(st.integers(1, 200), st.data())
def test_the_tokens_around_entities_fit_and_hold_their_starts(total, data):
    room = data.draw(st.integers(2, 60))
    entities = [
        (first, min(total, first + data.draw(st.integers(1, 5))))
        for first in data.draw(st.lists(st.integers(0, total - 1), min_size=1, max_size=2))
    ]
    kept = around_entities(total, entities, room)
    assert kept == sorted(set(kept)) and set(kept) <= set(range(total))
    assert len(kept) <= room and (total > room or len(kept) == total)
    assert {first for first, _ in entities} <= set(kept)
    wide = max(end for _, end in entities) - min(start for start, _ in entities)
    if wide <= room:
        assert {place for start, end in entities for place in range(start, end)} <= set(kept)
        assert len(kept) == min(room, total)
