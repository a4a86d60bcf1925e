"""A learning curve shows every system, and is the same bytes for the same numbers."""

import math
import xml.etree.ElementTree as ElementTree

import pytest
from scored_systems import system

from palimpsest.reports.figures.learning_curve import draw_learning_curve, points_of


def point(name, examples, value, known=True, trivial=False):
    ends = (value - 0.1, value + 0.1) if known else (math.nan, math.nan)
    row = {"name": name, "examples": examples, "value": value, "trivial": trivial}
    return row | dict(zip(("low", "high"), ends, strict=True))


POINTS = [
    point(name, size, base + size / 10000)
    for name, base in (("gold", 0.2), ("gold-bronze & <silver>", 0.4))
    for size in (25, 50, 1200)
] + [point("silver", 0, 0.3), point("majority", 0, 0.1, trivial=True)]


def drawn(path, points=POINTS):
    draw_learning_curve([dict(row) for row in points], "gold", "micro_f1", path)
    return path.read_bytes()


def texts(path):
    root = ElementTree.parse(path).getroot()
    return [element.text for element in root.iter() if element.text and element.text.strip()]


def test_a_figure_is_drawn_twice_to_the_same_bytes(tmp_path):
    assert drawn(tmp_path / "a.svg") == drawn(tmp_path / "b.svg")


def test_a_figure_holds_its_labels_and_the_numbers_of_examples(tmp_path):
    drawn(tmp_path / "a.svg")
    found = set(texts(tmp_path / "a.svg"))
    assert {"gold", "gold-bronze & <silver>", "silver (no gold to train on)", "majority"} <= found
    assert {"25", "50", "1,200", "(95% interval over seeds and test units)"} <= found


def test_a_figure_of_one_seed_says_so(tmp_path):
    drawn(tmp_path / "a.svg", [*POINTS, point("bronze", 50, 0.3, known=False)])
    assert "(some of 1 seed)" in texts(tmp_path / "a.svg")


def test_a_figure_holds_no_date_and_no_path(tmp_path):
    content = drawn(tmp_path / "a.svg").decode()
    assert str(tmp_path) not in content and "<dc:date>" not in content


def test_a_changed_number_changes_the_figure(tmp_path):
    first, *others = POINTS
    for column, change in (("value", 0.05), ("examples", 1), ("high", 0.1)):
        moved = [first | {column: first[column] + change}, *others]
        assert drawn(tmp_path / "a.svg") != drawn(tmp_path / "b.svg", moved)


def test_systems_without_the_dataset_alone_can_be_drawn(tmp_path):
    drawn(tmp_path / "b.svg", [row for row in POINTS if not row["examples"]])
    assert "silver (no gold to train on)" in texts(tmp_path / "b.svg")


def test_points_are_systems_by_all_labels_that_they_have_used():
    systems = [
        system("gold", [0.5, 0.6], trained_on={"gold": 40}, validated_on=20),
        system("silver", [0.4], trained_on={"silver": 7}),
        system("gold", [0.2], model="majority", trivial=True),
    ]
    points = points_of(systems)
    assert [(row["name"], row["examples"]) for row in points] == [
        ("gold", 60), ("silver", 0), ("majority", 0),
    ]  # fmt: skip
    assert points[0]["value"] == pytest.approx(0.55)
    assert points[0]["low"] < 0.55 < points[0]["high"] and math.isnan(points[1]["low"])


def test_systems_of_several_encoders_are_named_by_them():
    systems = [system("gold", [0.5]), system("gold", [0.6], model="other")]
    assert [row["name"] for row in points_of(systems)] == ["bert, gold", "other, gold"]
