"""Figure 1: perplexity of decoders by prompt and LLM."""

from pathlib import Path

import matplotlib
import pandas as pd

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (the backend is chosen first)

# Okabe and Ito's colours, which people with colour-vision deficiency can tell apart.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
DASHES = ["--", ":", "-.", (0, (5, 1, 1, 1, 1, 1))]


def draw_perplexity(points: pd.DataFrame, lines: pd.DataFrame, path: Path) -> None:
    """One panel for each evaluation; prompts on the x axis, colour by LLM, corpora as lines.

    points: evaluation, llm, prompt, value, low, high. lines: evaluation, corpus, value.
    Order is that of the first appearance. The file is the same bytes for the same numbers.
    """
    evaluations = list(dict.fromkeys(points["evaluation"]))
    prompts = list(dict.fromkeys(points["prompt"]))
    llms = list(dict.fromkeys(points["llm"]))
    style = {"svg.hashsalt": "palimpsest", "svg.fonttype": "none", "font.size": 9}
    with plt.rc_context(style):
        figure, axes = plt.subplots(
            1, len(evaluations), figsize=(3.6 * len(evaluations), 3.2), squeeze=False
        )
        for axis, evaluation in zip(axes[0], evaluations, strict=True):
            here = points[points["evaluation"] == evaluation]
            for at, llm in enumerate(llms):
                rows = here[here["llm"] == llm].set_index("prompt").reindex(prompts).dropna()
                shift = (at - (len(llms) - 1) / 2) * 0.15
                axis.errorbar(
                    [prompts.index(prompt) + shift for prompt in rows.index],
                    rows["value"],
                    yerr=[rows["value"] - rows["low"], rows["high"] - rows["value"]],
                    fmt="o",
                    capsize=3,
                    color=COLOURS[at % len(COLOURS)],
                    label=llm,
                )
            references = lines[lines["evaluation"] == evaluation]
            for at, row in enumerate(references.itertuples()):
                axis.axhline(
                    row.value, color="0.35", linestyle=DASHES[at % len(DASHES)], label=row.corpus
                )
            axis.set_xticks(range(len(prompts)), prompts)
            axis.set_xlim(-0.5, len(prompts) - 0.5)
            axis.set_title(evaluation)
            axis.set_xlabel("prompt")
            axis.spines[["top", "right"]].set_visible(False)
        axes[0][0].set_ylabel("perplexity (95% interval over notes)")
        handles, labels = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower center", ncols=len(labels), frameon=False)
        figure.tight_layout(rect=(0, 0.08, 1, 1))
        figure.savefig(path, format=path.suffix[1:], metadata={"Date": None})
        plt.close(figure)
