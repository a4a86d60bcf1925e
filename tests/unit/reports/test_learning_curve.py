"""A learning curve shows every system, and is the same bytes for the same numbers."""

import xml.etree.ElementTree as ElementTree

import pandas as pd
from scored_systems import system

from palimpsest.reports.figures.learning_curve import draw_learning_curve, points_of

RUNS = pd.DataFrame(
    [
        {"name": name, "examples": size, "value": base + size / 1000 + seed / 50}
        for name, base in (("gold", 0.2), ("gold-bronze & <silver>", 0.4))
        for size in (25, 50, 1200)
        for seed in (0, 1)
    ]
    + [{"name": "silver", "examples": 0, "value": value} for value in (0.3, 0.32)]
)


def drawn(path, runs=RUNS):
    draw_learning_curve(runs, "gold", "micro_f1", path)
    return path.read_bytes()


def texts(path):
    root = ElementTree.parse(path).getroot()
    return [element.text for element in root.iter() if element.text and element.text.strip()]


def test_a_figure_is_drawn_twice_to_the_same_bytes(tmp_path):
    assert drawn(tmp_path / "a.svg") == drawn(tmp_path / "b.svg")


def test_a_figure_holds_its_labels_and_the_numbers_of_examples(tmp_path):
    drawn(tmp_path / "a.svg")
    found = texts(tmp_path / "a.svg")
    assert {"gold", "gold-bronze & <silver>", "silver (no gold)", "25", "50", "1,200"} <= set(found)
    assert {"examples of gold to train on", "micro F1 (mean and range over runs)"} <= set(found)


def test_a_figure_holds_no_date_and_no_path(tmp_path):
    content = drawn(tmp_path / "a.svg").decode()
    assert str(tmp_path) not in content and "<dc:date>" not in content


def test_a_changed_number_changes_the_figure(tmp_path):
    for column, change in (("value", 0.1), ("examples", 1)):
        moved = RUNS.assign(**{column: RUNS[column] + change})
        assert drawn(tmp_path / "a.svg") != drawn(tmp_path / "b.svg", moved)


def test_the_order_of_runs_does_not_matter(tmp_path):
    swapped = RUNS.iloc[[1, 0, *range(2, len(RUNS))]]
    assert drawn(tmp_path / "a.svg") == drawn(tmp_path / "b.svg", swapped)


def test_one_run_and_systems_without_the_dataset_alone_can_be_drawn(tmp_path):
    single = RUNS[(RUNS["name"] == "gold")].drop_duplicates("examples")
    drawn(tmp_path / "a.svg", single)
    assert "gold" in texts(tmp_path / "a.svg")
    drawn(tmp_path / "b.svg", RUNS[RUNS["examples"] == 0])
    assert "silver (no gold)" in texts(tmp_path / "b.svg")


def test_points_are_runs_by_examples_of_the_judged_dataset():
    systems = [
        system("gold", [0.5, 0.6], trained_on={"gold": 40}),
        system("silver", [0.4], trained_on={"silver": 7}),
    ]
    points = points_of(systems)
    assert points.values.tolist() == [["gold", 40, 0.5], ["gold", 40, 0.6], ["silver", 0, 0.4]]


def test_systems_of_several_encoders_are_named_by_them():
    systems = [system("gold", [0.5]), system("gold", [0.6], model="other")]
    assert list(points_of(systems)["name"]) == ["bert, gold", "other, gold"]
