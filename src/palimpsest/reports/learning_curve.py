"""Figure 3: classifiers by how many gold sentences there were to train on."""

from pathlib import Path

import matplotlib
import pandas as pd

from palimpsest.reports.perplexity import COLOURS, DASHES

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (the backend is chosen first)

MARKS = ["o", "s", "^", "D", "v", "P"]  # so that lines can be told apart without their colours


def draw_scarcity(runs: pd.DataFrame, path: Path) -> None:
    """Mean and range over seeds by number of gold sentences; what has no gold as dashed lines.

    runs: combination, gold (train sentences, 0 without), value (micro F1); a row for each run.
    Order is that of the first appearance. The file is the same bytes for the same numbers.
    """
    style = {"svg.hashsalt": "palimpsest", "svg.fonttype": "none", "font.size": 9}
    with plt.rc_context(style):
        figure, axis = plt.subplots(figsize=(5.6, 3.2), layout="constrained")
        with_gold = runs[runs["gold"] > 0]
        for at, (name, rows) in enumerate(with_gold.groupby("combination", sort=False)):
            by_size = rows.groupby("gold")["value"]
            mean, colour = by_size.mean(), COLOURS[at % len(COLOURS)]
            low, high = by_size.min(), by_size.max()
            axis.fill_between(mean.index, low, high, color=colour, alpha=0.15, linewidth=0)
            mark = MARKS[at % len(MARKS)]
            axis.plot(mean.index, mean, marker=mark, markersize=4.5, color=colour, label=name)
        without = runs[runs["gold"] == 0]
        for at, (name, rows) in enumerate(without.groupby("combination", sort=False)):
            dashes, values = DASHES[at % len(DASHES)], rows["value"]
            axis.axhspan(values.min(), values.max(), color="0.35", alpha=0.1, linewidth=0)
            axis.axhline(values.mean(), color="0.35", linestyle=dashes, label=f"{name} (no gold)")
        if len(with_gold):
            sizes = sorted(set(with_gold["gold"]))
            axis.set_xscale("log")
            axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
            axis.set_xticks([], minor=True)
        axis.set_ylim(bottom=0)
        axis.set_xlabel("gold sentences to train on")
        axis.set_ylabel("micro F1 (mean and range over seeds)")
        axis.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside right upper", frameon=False)
        figure.savefig(path, format=path.suffix[1:], metadata={"Date": None})
        plt.close(figure)
