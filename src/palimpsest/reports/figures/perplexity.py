"""Figure 1: perplexity of models by prompt and LLM."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from palimpsest.pages.wording import listed
from palimpsest.reports.figures.base import Drawn, Figure, FigureSpec, Located
from palimpsest.reports.figures.captions import interval_said, legend_title
from palimpsest.reports.figures.drawing import (
    TRIVIAL,
    across,
    at_points,
    drawing,
    legend,
    legend_height,
    logarithmic,
    named_axis,
    seed_dots,
    series_look,
    shown_metric,
)
from palimpsest.reports.figures.perplexities import (
    LEAST,
    Metric,
    Scored,
    against_unigrams,
    chosen,
    drawn_name,
    ratios,
    read_perplexities,
    rows_of,
    starts_said,
    told_apart,
    with_holm,
)
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, Seeds

UNIGRAM = "unigram"  # of the same corpus
OVER_REFERENCE = "over_reference"  # a role: a mean by that of the first reference, patients paired


class Place(Declared):
    """A corpus in the figure, with the LLM and the prompt at which it is drawn."""

    corpus: str
    llm: str
    prompt: str  # with the context, where there is one


class PerplexitySpec(FigureSpec):
    """Panels, points and lines, in order."""

    kind: Literal["perplexity"] = "perplexity"
    model: str
    metric: Metric
    evaluations: list[str]
    places: list[Place]
    references: list[str]
    seed: int  # of the resamples of patients

    def draw(self, scores: list[Path], out: Path) -> Drawn:
        scored, metrics = read_perplexities(scores)
        rows: list[Row] = []
        first = chosen(scored, self.evaluations[0], self.places[0].corpus)
        for evaluation in self.evaluations:
            for place in self.places:
                named = {"panel": evaluation, "series": place.llm, "x": place.prompt}
                found = chosen(scored, evaluation, place.corpus)
                rows += self._rows(scored, found, {**named, "corpus": place.corpus})
            for corpus in self.references:
                named = {"panel": evaluation, "series": corpus, "corpus": corpus}
                rows += self._rows(scored, chosen(scored, evaluation, corpus), named)
        with_holm(rows)
        shown = drawn_name(first, self.metric)
        caption = self._caption(scored, rows, shown)
        draw_perplexity([row for row in rows if row["metric"] == shown], caption, out)
        return Drawn(rows, metrics, caption)

    def _rows(self, scored: dict[tuple[str, str], Scored], found: Scored, named: Row) -> list[Row]:
        """Of the models of a corpus, with how they stand to those of the first reference."""
        rows = rows_of(found, self.seed, named)
        if named["corpus"] == self.references[0]:
            return rows
        other = chosen(scored, named["panel"], self.references[0])
        return rows + ratios(found, other, self.seed, {**named, "role": OVER_REFERENCE})

    def _against_reference(self, rows: list[Row]) -> str:
        """How many corpora are better or worse than the first reference. rows: that are drawn."""
        told = [told_apart(row) for row in rows if row["role"] == OVER_REFERENCE]
        if not told or "no interval" in told:
            return ""
        counts = [f"{told.count(word)} {word}" for word in ("lower", "higher", "not told apart")]
        return (
            f" Against {self.references[0]}, patients paired, corrected for how many there are in "
            f"a panel: {', '.join(counts)}."
        )

    def _caption(self, scored: dict[tuple[str, str], Scored], rows: list[Row], shown: str) -> str:
        corpus = self.places[0].corpus
        sizes = []
        for name in self.evaluations:
            found = scored[name, corpus]
            sizes.append(f"{name}, {found.notes} notes of {found.patients} patients")
        lines = f" Lines across: corpora {listed(self.references)}." if self.references else ""
        drawn = [row for row in rows if row["metric"] == shown]
        return (
            f"{shown.replace('_', ' ').capitalize()} of {self.model}, trained on a corpus for each "
            f"LLM (marks) and prompt (x axis), on held-out notes ({'; '.join(sizes)}); lower is "
            f"better.{lines} {interval_said(rows, shown, 'patients')} Short bars: unigrams of the "
            f"corpora on the x axis, which a model must beat. {against_unigrams(rows, shown)}"
            f"{self._against_reference(drawn)} {starts_said(drawn, self.metric)}"
        )


class PerplexityFigure(Figure):
    """Perplexity of a model by prompt and LLM, one panel for each evaluation."""

    kind: Literal["perplexity"] = Field(description="Chooses this form.")
    model: str = Field(
        description="A file under `config/models/`. A decoder has perplexity; an encoder has "
        "pseudo-perplexity, of tokens that are masked one at a time."
    )
    metric: Metric = Field(
        "perplexity",
        description="What is drawn. `bits_per_byte` also compares models with other tokenizers. "
        "`FIGURE.csv` has both.",
    )
    evaluations: list[str] = Field(min_length=1, description="One panel each.")
    corpora: list[str] = Field(min_length=1, description="Corpora of a single rephrases part.")
    references: list[str] = Field(
        min_length=1, description="Corpora drawn as lines across; the first has plain dashes."
    )
    seeds: Seeds = Field(
        [0],
        description="Of the models' training. Three tell little of what another seed would give, "
        "one tells nothing: then the figure has no intervals.",
    )

    def models(self) -> set[str]:
        return {self.model}

    def reads(self, study: Any) -> list[Located]:
        named = {"model": self.model}
        return [
            ("perplexity", {**named, "corpus": corpus, "evaluation": evaluation, "seed": seed})
            for evaluation in self.evaluations
            for corpus in dict.fromkeys([*self.corpora, *self.references])
            for seed in self.seeds
        ]

    def specified(self, study: Any) -> PerplexitySpec:
        parts = {name: study.corpus(name).parts[0] for name in self.corpora}
        return PerplexitySpec(
            model=self.model,
            metric=self.metric,
            evaluations=self.evaluations,
            places=[
                Place(corpus=name, llm=part.llm, prompt=" + ".join(part.named()[2:]))
                for name, part in parts.items()
            ],
            references=self.references,
            seed=study.study.seed,
        )

    def check(self, references: Any) -> None:
        where = f"figures.{self.name}"
        catalogue, corpora = references.catalogue, references.corpora
        check_scored(references, where, self.model, self.metric, self.evaluations)
        for name in self.references:
            references.refers(f"{where}.references", name, corpora)
        places: dict[tuple[str, ...], str] = {}
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
            other = places.setdefault(part.named()[1:], name)
            if other != name:
                references.add(
                    f"{where}.corpora: '{other}' and '{name}' have the same LLM, prompt and "
                    "context, and so one place in the figure; expected one of them"
                )


def check_scored(
    references: Any, where: str, model: str, metric: Metric, evaluations: list[str]
) -> None:
    """A model that is scored must be one that is trained on corpora, and evaluations be there.

    Perplexities must be of the same tokens.
    """
    declared = references.catalogue.models[model]
    own = [tokenizer.name for tokenizer in references.study.tokenizers if tokenizer.per_corpus]
    if metric == "perplexity" and declared.tokenizer in own:
        references.add(
            f"{where}.metric: each corpus has a '{declared.tokenizer}' of its own, so that "
            f"perplexities a token of '{model}' do not compare; expected 'metric: bits_per_byte'"
        )
    if declared.training is None:
        references.add(
            f"{where}.model: config/models/{model}.yaml has no 'training', so it cannot be trained "
            "on a corpus"
        )
    known = [evaluation.name for evaluation in references.study.evaluations]
    for name in evaluations:
        references.refers(f"{where}.evaluations", name, known)


def draw_perplexity(rows: list[Row], caption: str, path: Path) -> None:
    """One panel for each evaluation; prompts on the x axis, a look for each LLM, corpora as lines.

    rows: of one metric (`base.COLUMNS`); those without `x` are lines. Order is that of the first
    appearance.
    """
    means = [row for row in rows if row["role"] == "mean"]
    panels = list(dict.fromkeys(row["panel"] for row in means))
    prompts = list(dict.fromkeys(row["x"] for row in means if row.get("x")))
    llms = list(dict.fromkeys(row["series"] for row in means if row.get("x")))
    lines = list(dict.fromkeys(row["series"] for row in means if not row.get("x")))
    title = legend_title(means)
    metric = means[0]["metric"]
    labels = [*llms, *lines, UNIGRAM]
    below = legend_height(labels, title)
    with drawing(path, caption, [1.6] * len(panels), below, sharex=True) as (figure, axes):
        for axis, panel in zip(axes, panels, strict=True):
            here = [row for row in rows if row["panel"] == panel]
            for index, llm in enumerate(llms):
                shift = (index - (len(llms) - 1) / 2) * 0.8 / max(4, len(llms))
                placed = {
                    role: sorted(
                        (row for row in here if row["role"] == role and row["series"] == llm
                         and row.get("x")),
                        key=lambda row: prompts.index(row["x"]),
                    )
                    for role in ("mean", "seed", "unigram")
                }  # fmt: skip
                at = {
                    role: [prompts.index(row["x"]) + shift for row in found]
                    for role, found in placed.items()
                }
                look = series_look(index)
                at_points(axis, at["mean"], placed["mean"], look, linestyle="", label=llm)
                dots = [row["value"] for row in placed["seed"]]
                seed_dots(axis, [place - 0.07 for place in at["seed"]], dots, look["color"])
                trivial = [row["value"] for row in placed["unigram"]]
                axis.scatter(at["unigram"], trivial, color="black", label=UNIGRAM, **TRIVIAL)
            for index, name in enumerate(lines):
                (row,) = (row for row in here if row["role"] == "mean" and row["series"] == name)
                across(axis, index, row, name)
            axis.set_xticks(range(len(prompts)), prompts)
            axis.set_xlim(-0.5, len(prompts) - 0.5)
            axis.set_title(panel)
            logarithmic(axis)
            least = LEAST["bits_per_byte" if "bits" in metric else "perplexity"]
            named_axis(axis, shown_metric(metric), least, log=True)
        axes[-1].set_xlabel("prompt")
        legend(figure, axes, labels, title)
