"""Draw decoders' perplexities by prompt and LLM, and write them as tidy rows."""

import argparse

import pandas as pd

from palimpsest.reports.perplexity import draw_perplexity
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import atomic_path, read_manifest, write_text


def main(arguments: argparse.Namespace) -> None:
    figure = arguments.figure
    points, lines, long = [], [], []
    for evaluation in figure["evaluations"]:
        for corpus in [*figure["corpora"], *figure["references"]]:
            name = corpus["name"]
            folder = arguments.perplexity / figure["decoder"] / name / f"seed{figure['seed']}"
            metrics = read_manifest(folder / f"{evaluation}.parquet", "metrics")["metrics"]
            named = {"model": figure["decoder"], "corpus": name, "seed": figure["seed"]}
            long += [{**named, "dataset": evaluation, **metric} for metric in metrics]
            (metric,) = (one for one in metrics if one["metric"] == "perplexity")
            target = points if "llm" in corpus else lines
            target.append({"evaluation": evaluation, **corpus, "corpus": name, **metric})
    with atomic_path(arguments.out) as temporary:
        drawn = temporary.with_name(f"{temporary.name}.svg")
        draw_perplexity(pd.DataFrame(points), pd.DataFrame(lines), drawn)
        drawn.replace(temporary)
    write_text(arguments.metrics, long_rows(long))


if __name__ == "__main__":
    options = parser(__doc__, "--perplexity", "--out", "--metrics")
    options.add_argument("--figure", type=json_argument, required=True, help="with LLM and prompt")
    run(main, options)
