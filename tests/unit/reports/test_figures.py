"""All figures: one column wide, told apart without colours, with what they draw as CSV."""

import io
import math
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest
from PIL import Image
from scored_models import scored

from palimpsest.pages.wording import listed
from palimpsest.reports.figures.base import COLUMNS, Drawn
from palimpsest.reports.figures.captions import interval_said
from palimpsest.reports.figures.drawing import COLOURS, MARKS, line_look, series_look
from palimpsest.reports.figures.fidelity import draw_fidelity
from palimpsest.reports.figures.perplexities import (
    against_unigrams,
    ratios,
    rows_of,
    starts_said,
    told_apart,
    with_holm,
)
from palimpsest.reports.figures.perplexity import draw_perplexity


def panels(seeds=3):
    """Two panels; in each two LLMs with two prompts, and a line."""
    rows = []
    for panel in ("summaries", "reports"):
        for llm in ("alpha-7b", "beta-7b"):
            for prompt, level in (("plain", 4.0), ("formal & <old>", 4.4)):
                named = {"panel": panel, "series": llm, "x": prompt, "corpus": f"{llm}-{level}"}
                rows += rows_of(scored(level, seeds), 1, named)
        named = {"panel": panel, "series": "asclepius", "corpus": "asclepius"}
        rows += rows_of(scored(4.2, seeds), 1, named)
    return rows


def drawn(path, rows=None, caption="What it shows."):
    shown = [row for row in rows or panels() if row["metric"] == "perplexity"]
    draw_perplexity(shown, caption, path)
    return path.read_bytes(), path.with_suffix(".png").read_bytes()


def texts_of(path):
    root = ElementTree.parse(path).getroot()
    assert root.tag.endswith("svg")
    return {element.text for element in root.iter() if element.text and element.text.strip()}


@pytest.fixture(scope="module")
def figure(tmp_path_factory):
    """The SVG of a figure, beside its PNG."""
    path = tmp_path_factory.mktemp("figure") / "a.svg"
    drawn(path)
    return path


def test_a_figure_is_drawn_twice_to_the_same_bytes(figure, tmp_path):
    assert drawn(tmp_path / "b.svg") == tuple(
        path.read_bytes() for path in (figure, figure.with_suffix(".png"))
    )


def test_a_figure_holds_its_labels_and_its_caption(figure):
    texts = texts_of(figure)
    wanted = {"summaries", "reports", "plain", "formal & <old>", "alpha-7b", "beta-7b", "asclepius"}
    assert wanted | {"unigram", "(log axis, cut: not from 1)", "What it shows."} <= texts
    assert "mean and 95% interval over seeds and patients; rings: single seeds" in texts
    assert Image.open(figure.with_suffix(".png")).text == {"Description": "What it shows."}


def test_a_figure_is_one_column_wide(figure):
    width, _ = Image.open(figure.with_suffix(".png")).size
    assert width == round(3.35 * 300)  # 8.5 cm
    assert f'width="{3.35 * 72:g}pt"' in figure.read_text()


def test_a_figure_holds_no_date_and_no_path(figure):
    for path in (figure, figure.with_suffix(".png")):
        content = path.read_bytes()
        assert str(path.parent).encode() not in content and b"<dc:date>" not in content


def test_a_figure_of_one_seed_says_that_it_has_no_intervals(tmp_path):
    drawn(tmp_path / "a.svg", panels(seeds=1))
    assert "1 seed: no interval" in texts_of(tmp_path / "a.svg")


def test_a_changed_seed_changes_the_figure(figure, tmp_path):
    rows = panels()
    moved = next(row for row in rows if row["role"] == "seed")
    others = [row if row is not moved else row | {"value": row["value"] * 1.2} for row in rows]
    svg, png = drawn(tmp_path / "b.svg", others)
    assert svg != figure.read_bytes() and png != figure.with_suffix(".png").read_bytes()


def test_an_llm_without_every_prompt_is_drawn_where_it_has_one(figure, tmp_path):
    rows = [row for row in panels() if (row["series"], row.get("x")) != ("alpha-7b", "plain")]
    svg, _ = drawn(tmp_path / "b.svg", rows)
    assert svg != figure.read_bytes()


def test_ten_lines_differ_in_more_than_one_way():
    looks = [line_look(index) for index in range(10)]
    assert len({(look["color"], str(look["linestyle"])) for look in looks}) == 10
    assert len({look["marker"] for look in looks}) == 10
    for one, other in zip(looks, looks[1:], strict=False):
        assert one["color"] != other["color"] and one["linestyle"] != other["linestyle"]


def test_seventy_series_differ_in_colour_or_mark():
    looks = {tuple(series_look(index).values()) for index in range(len(COLOURS) * len(MARKS))}
    assert len(looks) == len(COLOURS) * len(MARKS) == 70


def test_rows_have_the_mean_the_seeds_and_the_unigram_of_each_metric():
    rows = rows_of(scored(4.0), 1, {"panel": "p"})
    found = {(row["metric"], row["role"]): row for row in rows}
    assert {metric for metric, _ in found} == {"perplexity", "bits_per_byte"}
    mean = found["perplexity", "mean"]
    seeds = [r["value"] for r in rows if r["role"] == "seed" and r["metric"] == "perplexity"]
    assert mean["value"] == pytest.approx(math.prod(seeds) ** (1 / 3))
    assert mean["low"] < min(seeds) and max(seeds) < mean["high"]
    assert (mean["seeds"], mean["units"]) == (3, 20)
    assert found["perplexity", "unigram"]["value"] == pytest.approx(math.exp(6))
    apart = found["perplexity", "over_unigram"]
    assert apart["value"] == pytest.approx(mean["value"] / math.exp(6))
    assert apart["low"] < apart["value"] < apart["high"] < 1
    bits = found["bits_per_byte", "unigram"]["value"]
    assert bits == pytest.approx(6 / 4 / math.log(2))


def test_notes_with_placeholders_have_both_numbers_and_encoders_pseudo_ones():
    masked = {row["metric"] for row in rows_of(scored(4.0, masked=True), 1, {})}
    assert masked == {
        f"{metric}{behind}"
        for metric in ("perplexity", "bits_per_byte")
        for behind in ("", "_without_placeholders")
    }
    pseudo = {row["metric"] for row in rows_of(scored(4.0, pseudo=True), 1, {})}
    assert pseudo == {"pseudo_perplexity", "pseudo_bits_per_byte"}


def test_a_ratio_has_the_interval_of_a_paired_difference():
    found = ratios(scored(4.0), scored(4.2), 1, {"role": "over_reference", "panel": "p"})
    assert [row["metric"] for row in found] == ["perplexity", "bits_per_byte"]
    apart = with_holm(found)[0]
    assert told_apart(apart) == "lower" and apart["units"] == 20
    assert apart["value"] == pytest.approx(math.exp(-0.2))
    assert apart["low"] < apart["value"] < apart["high"] < 1
    alone = rows_of(scored(4.0), 1, {})[0]
    assert apart["high"] / apart["low"] < alone["high"] / alone["low"]  # patients are paired


def test_comparisons_of_a_panel_are_corrected_for_their_number():
    p_values = {"a": 0.02, "b": 0.03, "c": math.nan}
    named = {"role": "over_reference", "metric": "perplexity", "value": 1.1}
    rows = [{**named, "panel": "one", "series": name, "p": p} for name, p in p_values.items()]
    rows += [{**named, "panel": "two", "series": "d", "p": 0.03, "value": 0.9}]
    rows += [{**named, "panel": "one", "role": "mean", "value": 3.0}]
    told = with_holm(rows)
    assert [row.get("p_holm") for row in told[:2]] == [0.04, 0.04] and told[3]["p_holm"] == 0.03
    assert [told_apart(row) for row in told[:4]] == ["higher", "higher", "no interval", "lower"]
    assert "p_holm" not in told[4] and "p" not in told[0]
    assert told_apart({**told[0], "p_holm": 0.051}) == "not told apart"


def test_rows_are_written_with_fixed_columns_and_whole_numbers():
    text = Drawn(rows_of(scored(4.0), 1, {"panel": "p", "x": 500}), [], "").csv()
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    assert list(table.columns) == COLUMNS
    assert set(table["seed"]) == {"", "0", "1", "2"} and set(table["x"]) == {"500"}


def test_a_caption_says_what_varied():
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b and c"
    said = interval_said(rows_of(scored(4.0), 1, {}), "perplexity", "patients")
    assert said.startswith("Geometric means over 3 seeds") and "seeds and patients" in said
    one = interval_said(rows_of(scored(4.0, seeds=1), 1, {}), "perplexity", "patients")
    assert one.startswith("One seed of training: no intervals")


@pytest.mark.parametrize(
    ("levels", "seeds", "said"),
    [
        ([4.0, 5.0], 3, "x 0.14 to x 0.37 those of the unigrams; of all points the 95% interval"),
        ([4.0, 6.1], 3, "of 1 of 2 points the 95% interval of this ratio is below 1."),
        ([4.0, 5.0], 1, "x 0.13 to x 0.37 those of the unigrams."),
    ],
)
def test_a_caption_says_which_models_beat_the_unigram(levels, seeds, said):
    rows = [row for level in levels for row in rows_of(scored(level, seeds), 1, {})]
    assert said in against_unigrams(rows, "perplexity")


@pytest.fixture
def left_open(monkeypatch):
    """The figures that are drawn, which would be closed when their files are written."""
    figures = []
    monkeypatch.setattr("matplotlib.pyplot.close", figures.append)
    return figures


def test_a_caption_says_where_its_axes_start(left_open, tmp_path):
    rows = [row for row in panels() if row["metric"] == "perplexity"]
    for row in rows:
        if row["panel"] == "reports":
            row |= {end: 3 * row[end] for end in ("value", "low", "high") if end in row}
    draw_perplexity(rows, "", tmp_path / "a.svg")
    starts = [f"{axis.get_ylim()[0]:.2g}" for axis in left_open[0].axes]
    assert starts_said(rows, "perplexity") == (
        f"The y-axes are logarithmic and start at about {starts[0]} and {starts[1]}, not at 1."
    )


def test_a_type_of_which_no_fact_occurs_has_no_mark(left_open, tmp_path):
    named = {"llm": "alpha", "prompt": "plain", "context": "none"}
    ends = {"rate": 0.0, "low": 0.0, "high": 0.3, "changed": 0, "omitted": 0, "added": 0}
    met = {"any": 4, "dose": 4, "allergy": 0}
    rows = [{**named, **ends, "type": kind, "kept": kept} for kind, kept in met.items()]
    other = [{**row, "prompt": "formal", "kept": 1} for row in rows]
    draw_fidelity([*rows, *other], "", tmp_path / "a.svg")
    marks = [bars.lines[0].get_xdata().size for bars in left_open[0].axes[0].containers]
    assert marks == [2, 3]
