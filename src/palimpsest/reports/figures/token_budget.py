"""Figure 2: perplexity and task score by how many tokens there were to train on."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from palimpsest.pages.wording import listed
from palimpsest.reports.comparison import BELOW_ZERO
from palimpsest.reports.config import SystemName
from palimpsest.reports.figures.base import Drawn, Figure, FigureSpec, Located
from palimpsest.reports.figures.captions import interval_said, legend_title
from palimpsest.reports.figures.drawing import (
    TRIVIAL,
    across,
    at_points,
    drawing,
    legend,
    legend_height,
    line_of,
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
    with_holm,
)
from palimpsest.reports.figures.perplexity import UNIGRAM, check_scored
from palimpsest.reports.figures.task_scores import difference_of, score_rows
from palimpsest.reports.systems import System, read_systems, tidy_rows
from palimpsest.runtime.files import read_fields
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, Positive, Seeds

SMALLEST, FIRST = "over_smallest", "over_first"  # roles: against the same line, the first line


class Point(Declared):
    """A budget of a line, and the corpus that has it."""

    budget: int
    corpus: str


class Line(Declared):
    """A corpus by its budgets, the smallest first."""

    corpus: str
    points: list[Point]


class TokenBudgetSpec(FigureSpec):
    """Panels and lines, in order. systems: of the task; those at no point are lines across."""

    kind: Literal["token_budget"] = "token_budget"
    model: str
    metric: Metric
    evaluations: list[str]
    lines: list[Line]
    systems: list[SystemName]
    seed: int  # of the resamples of patients

    def draw(self, scores: list[Path], out: Path) -> Drawn:
        of_models = [path for path in scores if _is_perplexity(path)]
        scored, metrics = read_perplexities(of_models)
        rows: list[Row] = []
        for evaluation in self.evaluations:
            rows += self._perplexities(scored, evaluation)
        shown = [drawn_name(next(iter(scored.values())), self.metric)]
        if self.systems:
            systems = read_systems(
                [path for path in scores if path not in of_models], self.systems, by_label=False
            )
            rows += self._task(systems)
            shown.append(systems[0].metrics[0])
            metrics += [row for system in systems for row in tidy_rows(system, system.metrics)]
        rows_shown = [row for row in with_holm(rows) if row["metric"] in shown]
        caption = self._caption(scored, rows_shown, shown)
        draw_token_budget(rows_shown, caption, out)
        return Drawn(rows, metrics, caption)

    def _perplexities(self, scored: dict[tuple[str, str], Scored], panel: str) -> list[Row]:
        rows = []
        for line in self.lines:
            for point in line.points:
                named = {"panel": panel, "series": line.corpus, "x": point.budget}
                named["corpus"] = point.corpus
                found = chosen(scored, panel, point.corpus)
                rows += rows_of(found, self.seed, named)
                for role, other in self._compared(line, point):
                    against = chosen(scored, panel, other)
                    rows += ratios(found, against, self.seed, {**named, "role": role})
        return rows

    def _task(self, systems: list[System]) -> list[Row]:
        by_corpus = {system.name.corpus: system for system in systems if not system.trivial}
        rows, panel = [], f"task: {systems[0].dataset}"
        for line in self.lines:
            for point in line.points:
                named = {"panel": panel, "series": line.corpus, "x": point.budget}
                named["corpus"] = point.corpus
                found = by_corpus[point.corpus]
                rows += score_rows(found, named)
                for role, other in self._compared(line, point):
                    apart = difference_of(found, by_corpus[other])
                    rows.append({**named, "metric": found.metrics[0], "role": role, **apart})
        drawn = {point.corpus for line in self.lines for point in line.points}
        for system in systems:
            if system.trivial or system.name.corpus not in drawn:
                name = system.name.model if system.trivial else f"{system.name.model} as published"
                rows += score_rows(system, {"panel": panel, "series": name})
        return rows

    def _compared(self, line: Line, point: Point) -> list[tuple[str, str]]:
        """Roles and corpora: the smallest of the line, and the first line's of the same budget."""
        beside = [other.corpus for other in self.lines[0].points if other.budget == point.budget]
        pairs = [(SMALLEST, line.points[0].corpus), *((FIRST, corpus) for corpus in beside)]
        return [(role, corpus) for role, corpus in pairs if corpus != point.corpus]

    def _caption(
        self, scored: dict[tuple[str, str], Scored], rows: list[Row], shown: list[str]
    ) -> str:
        sizes = []
        for name in self.evaluations:
            found = scored[name, self.lines[0].points[0].corpus]
            sizes.append(f"{name}, {found.notes} notes of {found.patients} patients")
        metric, *of_task = (name.replace("_", " ") for name in shown)
        task = ""
        if of_task:
            (panel,) = {row["panel"] for row in rows if row["metric"] == shown[1]}
            task = f", and {of_task[0]} of encoders adapted to it ({panel})"
        largest = {line.corpus: line.points[-1].budget for line in self.lines}
        changes = [
            f"{row['series']} {row['x']:,}: x {row['value']:.3g} "
            f"[{row['low']:.3g}, {row['high']:.3g}]"
            for row in rows
            if row["role"] == SMALLEST
            and row["panel"] == self.evaluations[0]
            and row["x"] == largest[row["series"]]
        ]
        budgets = sorted({point.budget for line in self.lines for point in line.points})
        shown_budgets = listed([f"{budget:,}" for budget in budgets])
        against = (
            f" {metric.capitalize()} on {self.evaluations[0]} of the largest budget against the "
            f"smallest: {'; '.join(changes)}."
        )
        return (
            f"{metric.capitalize()} of {self.model} trained on {shown_budgets} tokens of each "
            f"corpus, on held-out notes ({'; '.join(sizes)}){task}. All are trained for the same "
            f"number of updates. {interval_said(rows, shown[0], 'patients')} Short bars are "
            f"unigrams of the same corpora. {against_unigrams(rows, shown[0])}"
            f"{against if changes else ''} The axis of "
            f"{metric} is logarithmic and starts a little below what is drawn lowest."
        )


class BudgetLine(Declared):
    """A corpus whose size varies."""

    corpus: str = Field(description="A declared corpus.")
    most: Positive | None = Field(
        None,
        description="Larger budgets are left out: it has no more text. Absent: none is left out.",
    )


class TokenBudget(Figure):
    """Perplexity, and the score of a task, by how many tokens a model is trained on.

    Each corpus is made at each budget under the name CORPUS-BUDGET, its parts in proportion. A
    bigger budget begins with the documents of a smaller one.
    """

    kind: Literal["token_budget"] = Field(description="Chooses this form.")
    corpora: list[BudgetLine] = Field(
        min_length=1, description="One line each; all are compared with the first."
    )
    budgets: list[Positive] = Field(
        min_length=1, description="Tokens by the study's tokenizer, rising."
    )
    model: str = Field(description="A file under `config/models/`, as in figures of `perplexity`.")
    metric: Metric = Field("perplexity", description="What is drawn of it.")
    evaluations: list[str] = Field(min_length=1, description="One panel each.")
    experiment: str | None = Field(
        None,
        description="A declared experiment, for a panel with its task: its first mixture under its "
        "recipe, in an experiment FIGURE-EXPERIMENT of its own.",
    )
    encoder: str | None = Field(
        None, description="With `experiment`: the encoder that is adapted to each corpus."
    )
    seeds: Seeds = Field(
        [0],
        description="Of the model's and the encoder's training; with `experiment` as many as it "
        "has. One gives no intervals.",
    )

    @model_validator(mode="after")
    def _complete(self) -> "TokenBudget":
        if self.budgets != sorted(set(self.budgets)):
            raise ValueError(f"expected rising budgets, found {self.budgets}")
        for line in self.corpora:
            if not self._budgets_of(line):
                raise ValueError(f"'{line.corpus}' has at 'most' {line.most}, less than any budget")
        if (self.experiment is None) != (self.encoder is None):
            raise ValueError("expected both 'experiment' and 'encoder', or neither")
        return self

    def models(self) -> set[str]:
        return {self.model, *([self.encoder] if self.encoder else [])}

    def expanded(self, study: Any) -> dict[str, list[Any]]:
        """The corpora of all budgets, and the experiment of the encoders adapted to them."""
        corpora = [
            corpus.scaled(budget)
            for line in self.corpora
            for corpus in study.corpora
            if corpus.name == line.corpus
            for budget in self._budgets_of(line)
        ]
        experiments = [
            entry.of_corpora(
                self._experiment(), self.encoder, [corpus.name for corpus in corpora], self.seeds
            )
            for entry in study.experiments
            if entry.name == self.experiment
        ]
        return {"corpora": corpora, "experiments": experiments}

    def _experiment(self) -> str:
        return f"{self.name}-{self.experiment}"

    def _budgets_of(self, line: BudgetLine) -> list[int]:
        return [budget for budget in self.budgets if not line.most or budget <= line.most]

    def _lines(self, study: Any) -> list[Line]:
        return [
            Line(
                corpus=line.corpus,
                points=[
                    Point(budget=budget, corpus=study.corpus(line.corpus).scaled(budget).name)
                    for budget in self._budgets_of(line)
                ],
            )
            for line in self.corpora
        ]

    def reads(self, study: Any) -> list[Located]:
        named = {"model": self.model}
        spec = self.specified(study)
        return [
            ("perplexity", {**named, "corpus": point.corpus, "evaluation": name, "seed": seed})
            for name in self.evaluations
            for line in spec.lines
            for point in line.points
            for seed in self.seeds
        ] + [("scores", system.identity()) for system in spec.systems]

    def specified(self, study: Any) -> TokenBudgetSpec:
        systems = []
        if self.experiment:
            name = self._experiment()
            systems = study.systems(name) + study.trivial_systems(name)
        return TokenBudgetSpec(
            model=self.model,
            metric=self.metric,
            evaluations=self.evaluations,
            lines=self._lines(study),
            systems=systems,
            seed=study.study.seed,
        )

    def check(self, references: Any) -> None:
        where = f"figures.{self.name}"
        check_scored(references, where, self.model, self.metric, self.evaluations)
        references.unique(f"{where}.corpora", [line.corpus for line in self.corpora])
        for line in self.corpora:
            references.refers(f"{where}.corpora", line.corpus, references.corpora)
        if self.experiment:
            references.refers(f"{where}.experiment", self.experiment, references.experiments)


def _is_perplexity(path: Path) -> bool:
    return "evaluation" in read_fields(path.with_suffix(".json"), "wildcards")["wildcards"]


def draw_token_budget(rows: list[Row], caption: str, path: Path) -> None:
    """One panel for each evaluation and the task; budgets on the x axis, a line for each corpus.

    rows: of one metric in each panel (`base.COLUMNS`); those without `x` are lines across. Order is
    that of the first appearance.
    """
    means = [row for row in rows if row["role"] == "mean"]
    panels = {row["panel"]: row["metric"] for row in means}
    series = list(dict.fromkeys(row["series"] for row in means if row.get("x")))
    lines = list(dict.fromkeys(row["series"] for row in means if not row.get("x")))
    budgets = sorted({row["x"] for row in means if row.get("x")})
    alone = all(metric.removeprefix("pseudo_") in LEAST for metric in panels.values())
    units = "patients" if alone else "test units"
    title = legend_title([row for row in means if row.get("x")], units)
    labels = [*series, *lines, UNIGRAM]
    below = legend_height(labels, title)
    with drawing(path, caption, [1.7] * len(panels), below, sharex=True) as (figure, axes):
        for axis, (panel, metric) in zip(axes, panels.items(), strict=True):
            here = [row for row in rows if row["panel"] == panel]
            for index, name in enumerate(series):
                of_role = {
                    role: sorted(
                        (row for row in here if row["role"] == role and row["series"] == name),
                        key=lambda row: row["x"],
                    )
                    for role in ("mean", "seed", "unigram")
                }
                # Side by side, so that intervals of lines that lie on another can be seen.
                aside = 1.035 ** (index - (len(series) - 1) / 2)
                at = {role: [row["x"] * aside for row in of_role[role]] for role in of_role}
                look = series_look(index)
                dash = line_of(index)
                at_points(axis, at["mean"], of_role["mean"], look, linestyle=dash, label=name)
                dots = [row["value"] for row in of_role["seed"]]
                seed_dots(axis, [place / 1.02 for place in at["seed"]], dots, look["color"])
                trivial = [row["value"] for row in of_role["unigram"]]
                if trivial:
                    axis.scatter(at["unigram"], trivial, color=look["color"], **TRIVIAL)
                    if not index:
                        axis.scatter([], [], color="black", label=UNIGRAM, **TRIVIAL)
            for index, name in enumerate(lines):
                for row in here:
                    if row["role"] == "mean" and row["series"] == name:
                        across(axis, index, row, name)
            axis.set_title(panel)
            of_model = metric.removeprefix("pseudo_") in LEAST
            if of_model:
                logarithmic(axis)
            of_score = -1.0 if metric in BELOW_ZERO else 0.0
            least = LEAST.get(metric.removeprefix("pseudo_"), of_score)
            named_axis(axis, shown_metric(metric), least, log=of_model)
        axes[-1].set_xscale("log")
        axes[-1].set_xticks(budgets, [f"{budget:,}" for budget in budgets])
        axes[-1].set_xticks([], minor=True)
        axes[-1].set_xlabel("tokens trained on (by the study's tokenizer)")
        legend(figure, axes, labels, title)
