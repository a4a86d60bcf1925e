"""Figure 1: perplexity of decoders by prompt and LLM."""

from pathlib import Path

import pandas as pd

from palimpsest.reports.figure import COLOURS, DASHES, drawing


def draw_perplexity(points: pd.DataFrame, lines: pd.DataFrame, path: Path) -> None:
    """One panel for each evaluation; prompts on the x axis, colour by LLM, corpora as lines.

    points: evaluation, llm, prompt, value, low, high. lines: evaluation, corpus, value.
    Order is that of the first appearance.
    """
    evaluations = list(dict.fromkeys(points["evaluation"]))
    prompts = list(dict.fromkeys(points["prompt"]))
    llms = list(dict.fromkeys(points["llm"]))
    size = (3.6 * len(evaluations), 3.2)
    with drawing(path, ncols=len(evaluations), figsize=size, squeeze=False) as (figure, axes):
        for axis, evaluation in zip(axes[0], evaluations, strict=True):
            here = points[points["evaluation"] == evaluation]
            for index, llm in enumerate(llms):
                rows = here[here["llm"] == llm].set_index("prompt").reindex(prompts).dropna()
                shift = (index - (len(llms) - 1) / 2) * 0.15
                axis.errorbar(
                    [prompts.index(prompt) + shift for prompt in rows.index],
                    rows["value"],
                    yerr=[rows["value"] - rows["low"], rows["high"] - rows["value"]],
                    fmt="o",
                    capsize=3,
                    color=COLOURS[index % len(COLOURS)],
                    label=llm,
                )
            references = lines[lines["evaluation"] == evaluation]
            for index, row in enumerate(references.itertuples()):
                dashes = DASHES[index % len(DASHES)]
                axis.axhline(row.value, color="0.35", linestyle=dashes, label=row.corpus)
            axis.set_xticks(range(len(prompts)), prompts)
            axis.set_xlim(-0.5, len(prompts) - 0.5)
            axis.set_title(evaluation)
            axis.set_xlabel("prompt")
        axes[0][0].set_ylabel("perplexity (95% interval over notes)")
        handles, labels = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower center", ncols=len(labels), frameon=False)
        figure.tight_layout(rect=(0, 0.08, 1, 1))
