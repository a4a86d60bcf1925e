"""Table 4: classifiers trained on combinations of labelled sets, category by category."""

from typing import Any

import numpy as np

from palimpsest.reports.combinations import Run, resampled_weights, spread
from palimpsest.runtime.labels import ANY
from palimpsest.stats.f1 import average_precision, counts, f1
from palimpsest.stats.resampling import percentiles

MEASURES = ("precision", "recall", "f1", "auprc")


def category_scores(run: Run, labels: list[str]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and AUPRC of each category, and of `any`, on the test sentences.

    All are NaN for a category that no gold sentence has; the precision of one that is never found
    is 0.
    """
    ones = np.ones((1, len(run.gold)))
    (sums,) = counts(ones, run.gold, run.predicted)
    made = {}
    for at, name in enumerate([*labels, ANY]):
        true, found, gold = sums[at]
        area = average_precision(ones, run.gold[:, at], run.scores[:, at])[0]
        values = (true / max(found, 1), true / max(gold, 1), f1(sums[at]), area)
        made[name] = dict(zip(MEASURES, values if gold else [np.nan] * len(values), strict=True))
    return made


def category_rows(runs: dict[int, Run], labels: list[str], seed: int) -> list[dict[str, Any]]:
    """A row for each category, then for `any`: gold test positives, and means over the runs.

    The interval is that of the mean F1, over resamples of patients, whatever the seeds.
    """
    systems = list(runs.values())
    scored = [category_scores(run, labels) for run in systems]
    weights = resampled_weights(systems[0], seed)
    resampled = np.mean([f1(counts(weights, run.gold, run.predicted)) for run in systems], axis=0)
    rows = []
    for at, name in enumerate([*labels, ANY]):
        positives = int(systems[0].gold[:, at].sum())
        low, high = percentiles(resampled[1:, at]) if positives else (np.nan, np.nan)
        means = {key: np.mean([one[name][key] for one in scored]) for key in MEASURES}
        f1_sd = spread([one[name]["f1"] for one in scored])
        rows.append(
            {"category": name, "positives": positives, **means}
            | {"f1_sd": f1_sd, "f1_low": low, "f1_high": high}
        )
    return rows


def category_metrics(run: Run, labels: list[str]) -> list[dict[str, Any]]:
    """The same numbers of one run as tidy metrics, such as `f1:any`."""
    return [
        {"metric": f"{measure}:{name}", "value": value}
        for name, values in category_scores(run, labels).items()
        for measure, value in values.items()
    ]
