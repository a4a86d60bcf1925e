"""Figure 1: perplexity of decoders by prompt and LLM."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from palimpsest.reports.figures.base import COLOURS, DASHES, Figure, FigureSpec, drawing
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared


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

    def draw(self, scores: list[Path], out: Path) -> list[Row]:
        found: dict[tuple[str, str], list[Row]] = {}
        tidy = []
        for path in scores:
            manifest = read_manifest(path, "metrics", "wildcards")
            names = manifest["wildcards"]
            named = {key: names[key] for key in ("model", "corpus", "seed")}
            evaluation = names["evaluation"]
            found[evaluation, names["corpus"]] = manifest["metrics"]
            tidy += [{**named, "dataset": evaluation, **row} for row in manifest["metrics"]]
        points, lines = [], []
        for evaluation in self.evaluations:
            for place in self.places:
                row = _perplexity(found, evaluation, place.corpus)
                points.append({"evaluation": evaluation, **place.identity(), **row})
            for corpus in self.references:
                row = _perplexity(found, evaluation, corpus)
                lines.append({"evaluation": evaluation, "corpus": corpus, **row})
        draw_perplexity(points, lines, out)
        return tidy


class PerplexityFigure(Figure):
    """Perplexity of a decoder by prompt and LLM, one panel for each evaluation."""

    kind: Literal["perplexity"] = Field(description="Chooses this form.")
    decoder: str = Field(description="A file under `config/models/` of kind `decoder`.")
    evaluations: list[str] = Field(min_length=1, description="One panel each.")
    corpora: list[str] = Field(min_length=1, description="Corpora of a single rephrases part.")
    references: list[str] = Field(min_length=1, description="Corpora drawn as lines.")
    seed: int = Field(0, description="Seed of the decoders' training.")

    def models(self) -> set[str]:
        return {self.decoder}

    def reads(self, study: Any) -> list[tuple[str, dict[str, Any]]]:
        named = {"model": self.decoder, "seed": self.seed}
        return [
            ("perplexity", {**named, "corpus": corpus, "evaluation": evaluation})
            for evaluation in self.evaluations
            for corpus in dict.fromkeys([*self.corpora, *self.references])
        ]

    def specified(self, study: Any) -> PerplexitySpec:
        parts = {name: study.corpus(name).parts[0] for name in self.corpora}
        return PerplexitySpec(
            evaluations=self.evaluations,
            places=[
                Place(corpus=name, llm=part.llm, prompt=part.prompt) for name, part in parts.items()
            ],
            references=self.references,
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


def _perplexity(found: dict[tuple[str, str], list[Row]], evaluation: str, corpus: str) -> Row:
    for row in found.get((evaluation, corpus), []):
        if row["metric"] == "perplexity":
            return row
    raise UserError(f"no scores of corpus '{corpus}' on '{evaluation}' were given")


def draw_perplexity(points: list[Row], lines: list[Row], path: Path) -> None:
    """One panel for each evaluation; prompts on the x axis, colour by LLM, corpora as lines.

    points: evaluation, llm, prompt, value, low, high. lines: evaluation, corpus, value.
    Order is that of the first appearance.
    """
    evaluations = list(dict.fromkeys(row["evaluation"] for row in points))
    prompts = list(dict.fromkeys(row["prompt"] for row in points))
    llms = list(dict.fromkeys(row["llm"] for row in points))
    size = (3.6 * len(evaluations), 3.2)
    with drawing(path, ncols=len(evaluations), figsize=size, squeeze=False) as (figure, axes):
        for axis, evaluation in zip(axes[0], evaluations, strict=True):
            for index, llm in enumerate(llms):
                drawn = evaluation, llm
                rows = [row for row in points if (row["evaluation"], row["llm"]) == drawn]
                rows.sort(key=lambda row: prompts.index(row["prompt"]))
                shift = (index - (len(llms) - 1) / 2) * 0.15
                places = [prompts.index(row["prompt"]) + shift for row in rows]
                values = [row["value"] for row in rows]
                below = [row["value"] - row["low"] for row in rows]
                above = [row["high"] - row["value"] for row in rows]
                look = {"fmt": "o", "capsize": 3, "color": COLOURS[index % len(COLOURS)]}
                axis.errorbar(places, values, yerr=[below, above], label=llm, **look)
            references = [row for row in lines if row["evaluation"] == evaluation]
            for index, row in enumerate(references):
                dashes = DASHES[index % len(DASHES)]
                axis.axhline(row["value"], color="0.35", linestyle=dashes, label=row["corpus"])
            axis.set_xticks(range(len(prompts)), prompts)
            axis.set_xlim(-0.5, len(prompts) - 0.5)
            axis.set_title(evaluation)
            axis.set_xlabel("prompt")
        axes[0][0].set_ylabel("perplexity (95% interval over notes)")
        handles, labels = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower center", ncols=len(labels), frameon=False)
        figure.tight_layout(rect=(0, 0.08, 1, 1))
