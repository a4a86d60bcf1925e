"""Tables for people say what the rows say, in Markdown and in LaTeX."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored_systems import row_of, system

from palimpsest.reports.comparison import compare
from palimpsest.reports.comparison_layout import comparison_layout
from palimpsest.reports.config import Baseline, ComparisonSpec
from palimpsest.reports.rendering import Cell, Layout, escaped, latex, markdown, with_interval

RUNS = {"gold": [0.5, 0.51, 0.52], "silver": [0.8, 0.81, 0.82], "bronze": [0.8, 0.82, 0.84]}


def layout_of(systems, by=None):
    spec = ComparisonSpec(baseline=Baseline(mixture="gold"), by=by, metrics=[], systems=[])
    return comparison_layout(compare(systems, spec), systems, spec)


def test_a_row_is_a_system_and_its_cells_have_intervals():
    systems = [system(name, runs, units=50) for name, runs in RUNS.items()]
    trivial = system("gold", [0.3], model="majority", trivial=True, units=50)
    found = layout_of([*systems, trivial])
    assert found.header == [
        "encoder", "mixture", "runs", "micro_f1", "difference in micro_f1", "p (Holm)"
    ]  # fmt: skip
    assert [row[2].text for row in found.rows] == ["3", "3", "3", "not trained"]
    assert found.rows[0][4].text == "baseline"
    assert found.rows[1][4].text.startswith("+0.300 [0.2")
    # Bronze is best; silver is not told apart from it, the others are.
    assert [row[3].mark for row in found.rows] == ["", "alike", "best", ""]
    below = "\n".join(found.below)
    assert "signs: 30 test examples of 50 patients." in below
    assert "would have been found with a power of 80%" in below


def test_experiments_may_have_other_metrics():
    runs = {"gold": [0.5, 0.51, 0.52], "silver": [0.8, 0.81, 0.82]}
    systems = [
        system(
            name, [], experiment=experiment, units=50, metrics=[metric],
            scores=[row_of(run, value, metric) for run, value in enumerate(values)],
        )
        for experiment, metric in (("signs", "micro_f1"), ("entities", "strict_f1"))
        for name, values in runs.items()
    ]  # fmt: skip
    found = layout_of(systems)
    assert found.header[-3:] == ["strict_f1", "difference in micro_f1, strict_f1", "p (Holm)"]
    cells = [[cell.text[:5] for cell in row[3:6]] for row in found.rows]
    assert cells == [
        ["0.510", "", "basel"], ["0.810", "", "+0.30"],
        ["", "0.510", "basel"], ["", "0.810", "+0.30"],
    ]  # fmt: skip
    power = [line for line in found.below if "power" in line]
    assert [line.split(" of ")[0] for line in power] == [
        "A difference in micro_f1", "A difference in strict_f1",
    ]  # fmt: skip


def test_one_seed_has_no_mark_and_no_interval_and_is_named():
    found = layout_of([system("gold", [0.5]), system("silver", [0.9])])
    assert [row[2].text for row in found.rows] == ["0.500", "0.900"]
    assert [row[1].text for row in found.rows] == ["1 seed", "1 seed"]
    assert not any(cell.mark for row in found.rows for cell in row)
    assert any(line.startswith("1 seed: no interval") for line in found.below)
    assert not any("power" in line or "Bold" in line for line in found.below)


def test_a_table_by_label_has_a_column_for_each_label():
    scores = [row_of(run, 0.5, "f1", label) for label in ("care", "gait") for run in (1, 2)]
    scores += [row_of(run, None, "f1", "rare", positives=0) for run in (1, 2)]
    found = layout_of([system(name, [], scores=scores) for name in ("gold", "silver")], "label")
    assert found.header == ["mixture", "runs", "care", "gait", "rare"]
    assert found.rows[0][-1].text == ""


LAYOUT = Layout(
    ["who", "score_1"],
    [[Cell("a|b & c"), Cell("0.5", "best")], [Cell("50%"), Cell("0.4", "alike")]],
    words=1,
    below=["n = 3."],
)


def test_markdown():
    assert markdown(LAYOUT).splitlines() == [
        "| who | score_1 |", "| :-- | --: |", "| a\\|b & c | **0.5** |", "| 50% | <u>0.4</u> |",
        "", "- n = 3.",
    ]  # fmt: skip


def test_latex():
    assert latex(LAYOUT).splitlines() == [
        r"\begin{tabular}{lr}", r"\toprule", r"who & score\_1 \\", r"\midrule",
        r"a|b \& c & \textbf{0.5} \\", r"50\% & \underline{0.4} \\",
        r"\bottomrule", r"\end{tabular}", "% n = 3.",
    ]  # fmt: skip


@given(st.text(alphabet="ab&%$#_{}~^\\", max_size=20))
def test_what_is_escaped_sets_no_command(text):
    command = r"\\(textasciitilde|textasciicircum|textbackslash)\{\}|\\[&%$#_{}]"
    assert set(re.sub(command, "", escaped(text))) <= set("ab")


@pytest.mark.parametrize(
    ("ends", "sign", "shown"),
    [
        ((0.5, 0.25, 0.75), False, "0.500 [0.250, 0.750]"),
        ((0.5, float("nan"), float("nan")), False, "0.500"),
        ((0.1, -0.1, 0.3), True, "+0.100 [-0.100, 0.300]"),
        ((float("nan"),) * 3, True, ""),
    ],
)
def test_numbers_for_people(ends, sign, shown):
    assert with_interval(*ends, sign=sign) == shown
