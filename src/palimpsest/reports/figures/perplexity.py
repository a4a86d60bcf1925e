"""Figure 1: perplexity of decoders by prompt and LLM."""

import math
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from palimpsest.reports.figures.base import (
    COLOURS,
    DASHES,
    Figure,
    FigureSpec,
    drawing,
    logarithmic,
)
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, Seeds
from palimpsest.stats.agreement import by_group
from palimpsest.stats.intervals import Runs, mean
from palimpsest.stats.resampling import resampled_sums


class Place(Declared):
    """A corpus in the figure, with the LLM and the prompt at which it is drawn."""

    corpus: str
    llm: str
    prompt: str


class PerplexitySpec(FigureSpec):
    """Panels, points and lines, in order."""

    kind: Literal["perplexity"] = "perplexity"
    evaluations: list[str]
    places: list[Place]
    references: list[str]
    seed: int  # of the resamples of patients

    def draw(self, scores: list[Path], out: Path) -> list[Row]:
        found: dict[tuple[str, str], list[Path]] = {}
        tidy: list[Row] = []
        for path in scores:
            manifest = read_manifest(path, "metrics", "wildcards")
            names = manifest["wildcards"]
            named = {key: names[key] for key in ("model", "corpus", "seed")}
            found.setdefault((names["evaluation"], names["corpus"]), []).append(path)
            for row in manifest["metrics"]:
                tidy.append({**named, "dataset": names["evaluation"], **row})
        drawn: list[Row] = []
        for evaluation in self.evaluations:
            for place in [*self.places, *self.references]:
                corpus = place if isinstance(place, str) else place.corpus
                if (evaluation, corpus) not in found:
                    raise UserError(f"no scores of corpus '{corpus}' on '{evaluation}' were given")
                named = {"corpus": corpus} if isinstance(place, str) else place.identity()
                estimates = _estimates(found[evaluation, corpus], self.seed)
                drawn.append({"evaluation": evaluation, **named, **estimates})
        draw_perplexity(drawn, out)
        for row in drawn:
            named = {"corpus": row["corpus"], "dataset": row["evaluation"]}
            for metric in ("perplexity", "unigram_perplexity"):
                value, low, high = row[metric]
                tidy.append(
                    {**named, "metric": f"mean_{metric}", "value": value, "low": low, "high": high}
                )
        return tidy


class PerplexityFigure(Figure):
    """Perplexity of a decoder by prompt and LLM, one panel for each evaluation."""

    kind: Literal["perplexity"] = Field(description="Chooses this form.")
    decoder: str = Field(description="A file under `config/models/` of kind `decoder`.")
    evaluations: list[str] = Field(min_length=1, description="One panel each.")
    corpora: list[str] = Field(min_length=1, description="Corpora of a single rephrases part.")
    references: list[str] = Field(min_length=1, description="Corpora drawn as lines.")
    seeds: Seeds = Field(
        [0],
        description="Of the decoders' training. Three tell little of what another seed would give, "
        "one tells nothing: then the figure has no intervals.",
    )

    def models(self) -> set[str]:
        return {self.decoder}

    def reads(self, study: Any) -> list[tuple[str, dict[str, Any]]]:
        named = {"model": self.decoder}
        return [
            ("perplexity", {**named, "corpus": corpus, "evaluation": evaluation, "seed": seed})
            for evaluation in self.evaluations
            for corpus in dict.fromkeys([*self.corpora, *self.references])
            for seed in self.seeds
        ]

    def specified(self, study: Any) -> PerplexitySpec:
        parts = {name: study.corpus(name).parts[0] for name in self.corpora}
        return PerplexitySpec(
            evaluations=self.evaluations,
            places=[
                Place(corpus=name, llm=part.llm, prompt=part.prompt) for name, part in parts.items()
            ],
            references=self.references,
            seed=study.study.seed,
        )

    def check(self, references: Any) -> None:
        where = f"figures.{self.name}"
        catalogue, corpora = references.catalogue, references.corpora
        evaluations = [evaluation.name for evaluation in references.study.evaluations]
        if catalogue.models[self.decoder].kind != "decoder":
            references.add(f"{where}.decoder: '{self.decoder}' is an encoder, expected a decoder")
        for name in self.evaluations:
            references.refers(f"{where}.evaluations", name, evaluations)
        for name in self.references:
            references.refers(f"{where}.references", name, corpora)
        places: dict[tuple[str, str], str] = {}
        for name in self.corpora:
            if not references.refers(f"{where}.corpora", name, corpora):
                continue
            part, *others = catalogue.corpus(name).parts
            if others or part.kind != "rephrases":
                references.add(
                    f"{where}.corpora: '{name}' has no single LLM and prompt to be drawn at; "
                    "expected one rephrases part, or list it under 'references'"
                )
                continue
            other = places.setdefault((part.llm, part.prompt), name)
            if other != name:
                references.add(
                    f"{where}.corpora: '{other}' and '{name}' have the same LLM and prompt, "
                    "and so one place in the figure; expected one of them"
                )


def _estimates(paths: list[Path], seed: int) -> Row:
    """Perplexity over some decoders of one corpus, and its unigram's: value, low and high of each.

    Means and intervals are of the logarithm: a perplexity is a mean of logarithms, raised.
    """
    columns = ["patient_id", "nats", "unigram_nats", "tokens"]
    seeds = [read_table(path, columns).to_pylist() for path in paths]
    estimates = {}
    for metric, column, fixed in (
        ("perplexity", "nats", False),
        ("unigram_perplexity", "unigram_nats", True),
    ):
        sums = [
            by_group(
                np.array([[note[column], note["tokens"]] for note in notes], float),
                [note["patient_id"] for note in notes],
            )
            for notes in (seeds[:1] if fixed else seeds)
        ]
        resampled = [resampled_sums(each, seed) for each in sums]
        runs = Runs(
            np.array([each[:, 0].sum() / each[:, 1].sum() for each in sums]),
            np.array([each[:, 0] / each[:, 1] for each in resampled]),
            len(sums[0]),
            fixed=fixed,
        )
        logarithm = mean(runs)
        ends = (logarithm.value, logarithm.low, logarithm.high)
        estimates[metric] = tuple(map(math.exp, ends))
    return estimates


def draw_perplexity(rows: list[Row], path: Path) -> None:
    """One panel for each evaluation; prompts on the x axis, colour by LLM, corpora as lines.

    rows: evaluation, corpus, perplexity and unigram_perplexity (value, low, high); of points also
    llm and prompt. Order is that of the first appearance.
    """
    points = [row for row in rows if "prompt" in row]
    lines = [row for row in rows if "prompt" not in row]
    evaluations = list(dict.fromkeys(row["evaluation"] for row in points))
    prompts = list(dict.fromkeys(row["prompt"] for row in points))
    llms = list(dict.fromkeys(row["llm"] for row in points))
    size = (3.6 * len(evaluations), 3.4)
    known = all(row["perplexity"][1] == row["perplexity"][1] for row in points)
    with drawing(path, ncols=len(evaluations), figsize=size, squeeze=False) as (figure, axes):
        for axis, evaluation in zip(axes[0], evaluations, strict=True):
            unigram = "unigram of the same corpus"
            for index, llm in enumerate(llms):
                drawn = evaluation, llm
                shown = [row for row in points if (row["evaluation"], row["llm"]) == drawn]
                shown.sort(key=lambda row: prompts.index(row["prompt"]))
                shift = (index - (len(llms) - 1) / 2) * 0.15
                places = [prompts.index(row["prompt"]) + shift for row in shown]
                values = [row["perplexity"][0] for row in shown]
                below = [row["perplexity"][0] - row["perplexity"][1] for row in shown]
                above = [row["perplexity"][2] - row["perplexity"][0] for row in shown]
                look = {"fmt": "o", "capsize": 3, "color": COLOURS[index % len(COLOURS)]}
                axis.errorbar(places, values, yerr=[below, above], label=llm, **look)
                trivial = [row["unigram_perplexity"][0] for row in shown]
                look = {"marker": "_", "s": 120, "color": "black", "zorder": 3}
                axis.scatter(places, trivial, label=unigram, **look)
                unigram = "_nolegend_"
            for index, row in enumerate(row for row in lines if row["evaluation"] == evaluation):
                value, low, high = row["perplexity"]
                dashes = DASHES[index % len(DASHES)]
                axis.axhline(value, color="0.35", linestyle=dashes, label=row["corpus"])
                if low == low:
                    axis.axhspan(low, high, color="0.35", alpha=0.08, linewidth=0)
            axis.set_xticks(range(len(prompts)), prompts)
            axis.set_xlim(-0.5, len(prompts) - 0.5)
            logarithmic(axis)
            axis.set_title(evaluation)
            axis.set_xlabel("prompt")
        interval = "95% interval over seeds and patients" if known else "1 seed: no interval"
        axes[0][0].set_ylabel(f"perplexity\n({interval})")
        handles, labels = axes[0][0].get_legend_handles_labels()
        columns = min(3, len(labels))
        figure.legend(handles, labels, loc="lower center", ncols=columns, frameon=False)
        figure.tight_layout(rect=(0, 0.06 * -(-len(labels) // columns), 1, 1))
