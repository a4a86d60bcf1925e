"""What one patient alone has is told from templates that were filled in the same way by chance."""

import math

import pytest
from tiny_release import Tiny

from palimpsest.release.own_words import _fewest

NAME = "13 words of one patient"


@pytest.fixture
def tiny(tmp_path):
    """Every note has six sentences of a stock of twelve, in an order of its own."""
    made = Tiny(tmp_path)
    made.stock = [made.words(6) for _ in range(12)]
    for note in made.notes:
        note["said"] = ". ".join(made.draws.sample(made.stock, 6))
        note["text"] += f". {note['said']}"
    return made


def write(tiny):
    """Notes without what the tests know of them."""
    tiny.notes = [{**note} for note in tiny.notes]
    for note in tiny.notes:
        note.pop("said", None)
    return tiny.run("rare_text")


def leak(tiny, notes, first):
    """Thirteen words of each from the stock, in a document each."""
    for at, note in enumerate(notes, first):
        tiny.documents[at]["text"] += " . " + " ".join(note["said"].split()[2:15])


def test_the_fewest_bits_cover_words_with_the_longest_pieces():
    costs = [5.0, 3.0, 2.0, 9.0]
    nothing = [[True] * 4, [False] * 3, [False] * 2, [False]]
    assert _fewest(costs, nothing) == sum(costs)
    assert _fewest(costs, [[True] * 4, [True, False, True], [False, False], [False]]) == 5 + 2
    assert _fewest(costs, [[True] * 4, [True] * 3, [True] * 2, [True]]) == 5
    assert _fewest([], [[], [], [], []]) == 0
    assert math.isfinite(_fewest([1.0] * 30, [[True] * (31 - size) for size in range(1, 9)]))


def test_templates_that_chance_filled_in_the_same_way_are_no_fact(tiny):
    leak(tiny, tiny.trained[:4], 20)
    leak(tiny, [note for note in tiny.notes if note["split"] == "audit"][:4], 30)
    test = write(tiny).tests[NAME]
    assert test.p == 1
    assert 15 < test.numbers["bits"] < 60
    assert test.numbers["bits_needed"] >= 80


def test_words_of_ones_own_are_a_fact_beside_templates_of_the_control(tiny):
    leak(tiny, tiny.trained[:4], 20)
    leak(tiny, [note for note in tiny.notes if note["split"] == "audit"][:4], 30)
    words = tiny.trained[9]["text"].split(". ")[1].split()
    tiny.documents[50]["text"] += " . " + " ".join(words[10:23])
    result = write(tiny)
    assert result.tests[NAME].p == 0
    assert result.tests[NAME].numbers["bits"] > 120
    assert "% of 13 words and" in result.tests[NAME].detects
    rows = [row for row in result.table().to_pylist() if row["test"] == NAME]
    assert [(row["row"], row["patient_id"]) for row in rows] == [
        (50, tiny.trained[9]["patient_id"])
    ]


def test_where_chance_gives_many_nothing_is_said_of_one_patient(tiny):
    leak(tiny, tiny.notes[:60], 20)  # as many of both groups
    words = tiny.trained[50]["text"].split(". ")[1].split()
    tiny.documents[5]["text"] += " . " + " ".join(words[10:23])
    test = write(tiny).tests[NAME]
    assert test.p == 1 and not test.able
    assert test.detects.startswith("none: chance gives")
