"""What figures read of perplexities: means, single seeds, unigrams, and how far two are apart."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from palimpsest.pages.wording import listed
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.rows import Row
from palimpsest.stats.agreement import by_group
from palimpsest.stats.intervals import LEVEL, Estimate, Runs, difference, holm, mean
from palimpsest.stats.resampling import resampled_sums

Metric = Literal["perplexity", "bits_per_byte"]
METRICS: tuple[Metric, ...] = ("perplexity", "bits_per_byte")
LEAST = {"perplexity": 1.0, "bits_per_byte": 0.0}  # that no model can be below
PLAIN = "_without_placeholders"
MARGIN = 0.05  # that matplotlib leaves below what is drawn, of its height
OVER = "over_"  # how roles begin that compare
OVER_UNIGRAM = "over_unigram"  # a role: a model's mean by its corpus's unigram, patients paired
PER = {"perplexity": ("tokens", 1.0), "bits_per_byte": ("bytes", math.log(2))}
SUMS = [
    prefix + name
    for prefix in ("", "plain_")
    for name in ("nats", "unigram_nats", "tokens", "bytes")
]


@dataclass(frozen=True)
class Scored:
    """The models of one corpus on one evaluation.

    seeds: of their training. sums: of each seed, SUMS by patient: (patients, 8). notes: how many.
    pseudo: whether each token was masked alone.
    """

    seeds: list[int]
    sums: list[np.ndarray]
    notes: int
    pseudo: bool

    @property
    def patients(self) -> int:
        return len(self.sums[0])

    def metrics(self) -> list[tuple[str, Metric, str]]:
        """Each metric that there is: its name, what it is, and the prefix of its sums."""
        whole, plain = (SUMS.index(name) for name in ("tokens", "plain_tokens"))
        left = [each[:, plain].sum() for each in self.sums]
        masked = left != [each[:, whole].sum() for each in self.sums]
        before = "pseudo_" if self.pseudo else ""
        return [
            (f"{before}{metric}{behind}", metric, prefix)
            for prefix, behind in (("", ""), ("plain_", PLAIN))
            for metric in METRICS
            if not prefix or (masked and all(left))
        ]

    def runs(self, metric: Metric, seed: int, prefix: str = "", unigram: bool = False) -> Runs:
        """The logarithms of a metric, one of each model.

        A perplexity is a mean of logarithms, raised: what is averaged is below the exponential.
        seed: of the resamples of patients. unigram: of the corpus's frequencies instead.
        """
        per, unit = PER[metric]
        columns = [SUMS.index(f"{prefix}{'unigram_' * unigram}nats"), SUMS.index(prefix + per)]
        sums = [each[:, columns] for each in (self.sums[:1] if unigram else self.sums)]
        totals = [each.sum(axis=0) for each in sums]
        resampled = [resampled_sums(each, seed) for each in sums]

        def logarithms(pairs: Iterable[np.ndarray]) -> np.ndarray:
            found = np.array([pair[..., 0] / pair[..., 1] / unit for pair in pairs])
            return found if metric == "perplexity" else np.log(found)

        return Runs(logarithms(totals), logarithms(resampled), self.patients, fixed=unigram)


def read_perplexities(
    paths: Iterable[Path],
) -> tuple[dict[tuple[str, str], Scored], list[Row]]:
    """The models by evaluation and corpus, and the metrics of each as tidy rows.

    paths: of tables of perplexities. Raises UserError when one is damaged.
    """
    found: dict[tuple[str, str], list[tuple[int, np.ndarray, int, bool]]] = {}
    tidy: list[Row] = []
    for path in paths:
        manifest = read_manifest(path, "metrics", "pseudo", "wildcards")
        names = manifest["wildcards"]
        named = {key: names[key] for key in ("model", "corpus", "seed")}
        tidy += [{**named, "dataset": names["evaluation"], **row} for row in manifest["metrics"]]
        table = read_table(path, ["patient_id", *SUMS])
        sums = np.column_stack([table[name].to_numpy().astype(float) for name in SUMS])
        of_patients = by_group(sums, table["patient_id"].to_pylist())
        read = int(names["seed"]), of_patients, len(table), bool(manifest["pseudo"])
        found.setdefault((names["evaluation"], names["corpus"]), []).append(read)
    scored = {}
    for key, each in found.items():
        each.sort(key=lambda read: read[0])
        seeds, by_patient, notes, pseudo = zip(*each, strict=True)
        scored[key] = Scored(list(seeds), list(by_patient), notes[0], pseudo[0])
    return scored, tidy


def chosen(scored: dict[tuple[str, str], Scored], evaluation: str, corpus: str) -> Scored:
    """The models of a corpus on an evaluation. Raises UserError when there are none."""
    if (evaluation, corpus) not in scored:
        raise UserError(f"no scores of corpus '{corpus}' on '{evaluation}' were given")
    return scored[evaluation, corpus]


def raised(estimate: Estimate) -> Row:
    """An estimate of logarithms as numbers, or of their difference as a ratio."""
    ends = (estimate.value, estimate.low, estimate.high)
    return dict(zip(("value", "low", "high"), map(math.exp, ends), strict=True))


def rows_of(scored: Scored, seed: int, named: Row) -> list[Row]:
    """Rows of a figure (`base.COLUMNS`): of each metric the mean, single seeds, the unigram, and
    the mean by the unigram.

    seed: of the resamples of patients. named: what all rows have in common.
    """
    rows = []
    for name, metric, prefix in scored.metrics():
        runs = scored.runs(metric, seed, prefix)
        counted = {**named, "metric": name, "units": scored.patients}
        rows.append({**counted, "role": "mean", **raised(mean(runs)), "seeds": len(runs.values)})
        for training, value in zip(scored.seeds, runs.values, strict=True):
            rows.append({**counted, "role": "seed", "seed": training, "value": math.exp(value)})
        trivial = scored.runs(metric, seed, prefix, unigram=True)
        rows.append({**counted, "role": "unigram", **raised(mean(trivial))})
        rows.append({**counted, "role": OVER_UNIGRAM, **raised(difference(runs, trivial))})
    return rows


def against_unigrams(rows: list[Row], metric: str) -> str:
    """How the models of a figure stand to the unigrams of their corpora, in a sentence or two.

    rows: of the figure. metric: that it draws.
    """
    ratios = [row for row in rows if row["role"] == OVER_UNIGRAM and row["metric"] == metric]
    values = [row["value"] for row in ratios]
    said = f"Means are x {min(values):.2f} to x {max(values):.2f} those of the unigrams"
    if math.isnan(ratios[0]["high"]):
        return f"{said}."
    below = sum(row["high"] < 1 for row in ratios)
    which = "all" if below == len(ratios) else f"{below} of {len(ratios)}"
    return f"{said}; of {which} points the 95% interval of this ratio is below 1."


def starts_said(rows: list[Row], metric: Metric) -> str:
    """Where the logarithmic y-axes of the panels begin: a little below what is drawn lowest.

    rows: that are drawn, of one metric; unigrams of what has no place on the x-axis are not.
    """
    begins: list[float] = []
    for panel in dict.fromkeys(row["panel"] for row in rows):
        values = [
            row[end]
            for row in rows
            for end in ("value", "low", "high")
            if row["panel"] == panel
            and not row["role"].startswith(OVER)
            and (row["role"] == "mean" or row.get("x"))
            and row.get(end) is not None
            and not math.isnan(row[end])
        ]
        begins.append(min(values) * (min(values) / max(values)) ** MARGIN)
    where = listed([f"{begin:.2g}" for begin in begins])
    axes = (
        "y-axis is logarithmic and starts"
        if len(begins) == 1
        else "y-axes are logarithmic and start"
    )
    return f"The {axes} at about {where}, not at {LEAST[metric]:g}."


def ratios(one: Scored, other: Scored, seed: int, named: Row) -> list[Row]:
    """Rows of a figure (`base.COLUMNS`): of each metric, the first's mean by the second's.

    Patients are paired, seeds are not. seed: of the resamples of patients. named: what all rows
    have in common, with their role.
    """
    rows = []
    for name, metric, prefix in one.metrics():
        apart = difference(one.runs(metric, seed, prefix), other.runs(metric, seed, prefix))
        rows.append({**named, "metric": name, **raised(apart), "p": apart.p, "units": one.patients})
    return rows


def with_holm(rows: list[Row]) -> list[Row]:
    """Rows of a figure, where those that compare have `p_holm` in place of `p`.

    A family is what has one panel, metric and role.
    """
    families: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if "p" in row:
            families.setdefault((row["panel"], row["metric"], row["role"]), []).append(row)
    for family in families.values():
        for row, p in zip(family, holm([row.pop("p") for row in family]), strict=True):
            row["p_holm"] = p
    return rows


def told_apart(row: Row) -> str:
    """What a ratio of a figure says: `lower`, `higher`, `not told apart` or `no interval`."""
    if math.isnan(row["p_holm"]):
        return "no interval"
    if row["p_holm"] >= 1 - LEVEL:
        return "not told apart"
    return "lower" if row["value"] < 1 else "higher"


def drawn_name(scored: Scored, metric: Metric) -> str:
    """The name of the metric that a figure draws."""
    return f"{'pseudo_' * scored.pseudo}{metric}"
