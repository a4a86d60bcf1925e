"""Draw decoders' perplexities by prompt and LLM, and write them as tidy rows."""

import argparse
from pathlib import Path

import pandas as pd

from palimpsest.reports.config import PerplexityFigureSpec
from palimpsest.reports.perplexity import draw_perplexity
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, write_text
from palimpsest.runtime.rows import Row

Key = tuple[str, str]  # evaluation and corpus


def read_scores(paths: list[Path]) -> dict[Key, tuple[Row, list[Row]]]:
    """What each manifest of scores is of, and its metrics."""
    found = {}
    for path in paths:
        manifest = read_manifest(path, "metrics", "wildcards")
        names = manifest["wildcards"]
        found[names["evaluation"], names["corpus"]] = (names, manifest["metrics"])
    return found


def main(arguments: argparse.Namespace) -> None:
    spec: PerplexityFigureSpec = arguments.spec
    scores = read_scores(arguments.scores)
    points, lines, long = [], [], []
    for evaluation in spec.evaluations:
        for corpus in [*spec.corpora, *spec.references]:
            name = corpus if isinstance(corpus, str) else corpus.name
            if (evaluation, name) not in scores:
                raise UserError(f"no scores of corpus '{name}' on '{evaluation}' were given")
            names, metrics = scores[evaluation, name]
            named = {"model": names["model"], "corpus": name, "seed": names["seed"]}
            long += [{**named, "dataset": evaluation, **metric} for metric in metrics]
            (metric,) = (row for row in metrics if row["metric"] == "perplexity")
            row = {"evaluation": evaluation, "corpus": name, **metric}
            if isinstance(corpus, str):
                lines.append(row)
            else:
                points.append({**row, "llm": corpus.llm, "prompt": corpus.prompt})
    draw_perplexity(pd.DataFrame(points), pd.DataFrame(lines), arguments.out)
    write_text(arguments.metrics, long_rows(long))


if __name__ == "__main__":
    run(main, parser(__doc__, "--scores+", "--out", "--metrics", spec=PerplexityFigureSpec))
