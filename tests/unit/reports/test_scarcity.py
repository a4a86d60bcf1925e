"""The figure of scarcity shows every combination, and is the same bytes for the same numbers."""

import xml.etree.ElementTree as ElementTree

import pandas as pd

from palimpsest.reports.learning_curve import draw_scarcity

RUNS = pd.DataFrame(
    [
        {"combination": name, "gold": gold, "value": base + gold / 1000 + seed / 50}
        for name, base in (("gold", 0.2), ("gold-bronze & <silver>", 0.4))
        for gold in (25, 50, 1200)
        for seed in (0, 1)
    ]
    + [{"combination": "silver", "gold": 0, "value": value} for value in (0.3, 0.32)]
)


def drawn(path, runs=RUNS):
    draw_scarcity(runs, path)
    return path.read_bytes()


def texts(path):
    root = ElementTree.parse(path).getroot()
    return [element.text for element in root.iter() if element.text and element.text.strip()]


def test_a_figure_is_drawn_twice_to_the_same_bytes(tmp_path):
    assert drawn(tmp_path / "a.svg") == drawn(tmp_path / "b.svg")


def test_a_figure_holds_its_labels_and_the_numbers_of_sentences(tmp_path):
    drawn(tmp_path / "a.svg")
    found = texts(tmp_path / "a.svg")
    assert {"gold", "gold-bronze & <silver>", "silver (no gold)", "25", "50", "1,200"} <= set(found)
    assert {"gold sentences to train on", "micro F1 (mean and range over seeds)"} <= set(found)


def test_a_figure_holds_no_date_and_no_path(tmp_path):
    content = drawn(tmp_path / "a.svg").decode()
    assert str(tmp_path) not in content and "<dc:date>" not in content


def test_a_changed_number_changes_the_figure(tmp_path):
    for column, change in (("value", 0.1), ("gold", 1)):
        moved = RUNS.assign(**{column: RUNS[column] + change})
        assert drawn(tmp_path / "a.svg") != drawn(tmp_path / "b.svg", moved)


def test_the_order_of_seeds_does_not_matter(tmp_path):
    swapped = RUNS.iloc[[1, 0, *range(2, len(RUNS))]]
    assert drawn(tmp_path / "a.svg") == drawn(tmp_path / "b.svg", swapped)


def test_one_seed_and_combinations_without_gold_alone_can_be_drawn(tmp_path):
    single = RUNS[(RUNS["combination"] == "gold")].drop_duplicates("gold")
    drawn(tmp_path / "a.svg", single)
    assert "gold" in texts(tmp_path / "a.svg")
    drawn(tmp_path / "b.svg", RUNS[RUNS["gold"] == 0])
    assert "silver (no gold)" in texts(tmp_path / "b.svg")
