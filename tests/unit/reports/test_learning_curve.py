"""A learning curve shows every system, and is the same bytes for the same numbers."""

import pytest
from scored_systems import system
from test_figures import texts_of

from palimpsest.reports.figures.learning_curve import draw_learning_curve, points_of


def point(name, examples, value, known=True):
    row = {"panel": "gold", "metric": "micro_f1", "series": name, "role": "mean", "value": value}
    row |= {"x": examples} if examples else {}
    low, high = (value - 0.1, value + 0.1) if known else (float("nan"), float("nan"))
    return row | {"low": low, "high": high}


def run_of(point, value):
    return point | {"role": "seed", "value": value, "low": None, "high": None}


POINTS = [
    point(name, size, base + size / 10000)
    for name, base in (("gold", 0.2), ("gold-bronze & <silver>", 0.4))
    for size in (25, 50, 1200)
] + [point("silver (no gold to train on)", 0, 0.3), point("majority", 0, 0.1)]
POINTS.append(run_of(POINTS[0], 0.25))


def drawn(path, points=POINTS):
    draw_learning_curve([dict(row) for row in points], "What it shows.", path)
    return path.read_bytes()


def test_a_figure_is_drawn_twice_to_the_same_bytes(tmp_path):
    assert drawn(tmp_path / "a.svg") == drawn(tmp_path / "b.svg")


def test_a_figure_holds_its_labels_and_the_numbers_of_examples(tmp_path):
    drawn(tmp_path / "a.svg")
    found = texts_of(tmp_path / "a.svg")
    assert {"gold", "gold-bronze & <silver>", "silver (no gold to train on)", "majority"} <= found
    assert {"25", "50", "1,200", "micro F1", "What it shows."} <= found
    assert "mean and 95% interval over seeds and test units; rings: single seeds" in found


def test_a_figure_of_one_seed_says_so(tmp_path):
    drawn(tmp_path / "a.svg", [*POINTS, point("bronze", 50, 0.3, known=False)])
    assert "1 seed: no interval" in texts_of(tmp_path / "a.svg")


def test_a_figure_holds_no_date_and_no_path(tmp_path):
    content = drawn(tmp_path / "a.svg").decode()
    assert str(tmp_path) not in content and "<dc:date>" not in content


@pytest.mark.parametrize(
    ("at", "column", "change"),
    [(0, "value", 0.05), (0, "x", 1), (0, "high", 0.1), (8, "value", 0.1)],
)
def test_a_changed_number_changes_the_figure(tmp_path, at, column, change):
    moved = [dict(row) for row in POINTS]
    moved[at][column] += change
    assert drawn(tmp_path / "a.svg") != drawn(tmp_path / "b.svg", moved)


def test_systems_without_the_dataset_alone_can_be_drawn(tmp_path):
    drawn(tmp_path / "b.svg", [row for row in POINTS if not row.get("x")])
    assert "silver (no gold to train on)" in texts_of(tmp_path / "b.svg")


def test_points_are_systems_by_all_labels_that_they_have_used():
    systems = [
        system("gold", [0.5, 0.6], trained_on={"gold": 40}, validated_on=20),
        system("silver", [0.4], trained_on={"silver": 7}),
        system("gold", [0.2], model="majority", trivial=True),
    ]
    rows = points_of(systems)
    means = [row for row in rows if row["role"] == "mean"]
    assert [(row["series"], row.get("x"), row.get("seeds")) for row in means] == [
        ("gold", 60, 2), ("silver (no gold to train on)", None, 1), ("majority", None, None),
    ]  # fmt: skip
    assert means[0]["value"] == pytest.approx(0.55)
    assert means[0]["low"] < 0.55 < means[0]["high"] and means[1]["low"] != means[1]["low"]
    assert [row["value"] for row in rows if row["role"] == "seed"] == [0.5, 0.6, 0.4]


def test_systems_of_several_encoders_are_named_by_them():
    systems = [system("gold", [0.5]), system("gold", [0.6], model="other")]
    assert [row["series"] for row in points_of(systems) if row["role"] == "mean"] == [
        "bert, gold",
        "other, gold",
    ]
