"""Table 3: classifiers trained on combinations of labelled sets, compared with a baseline."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.stats.f1 import label_columns, scores_of
from palimpsest.stats.resampling import percentiles, resampled_sums

METRICS = ("micro_f1", "macro_f1", "binary_f1", "auprc")
ALL = "all"  # the size of a run that was trained on every gold sentence
READ = ["group", "sentence_id", "gold", "predicted", "any_predicted", "scores"]


@dataclass(frozen=True)
class Run:
    """One classifier's decisions about the test sentences.

    group, sentence_id: (sentences,), text. gold, predicted: bool, and scores: probabilities, each
    (sentences, categories + 1), as in `stats.f1`. manifest: of the run's table.
    """

    group: np.ndarray
    sentence_id: np.ndarray
    gold: np.ndarray
    predicted: np.ndarray
    scores: np.ndarray
    manifest: dict[str, Any]


def run_paths(
    classified: Path, declared: dict[str, Any], combination: str, size: int | str = ALL
) -> dict[int, Path]:
    """The tables of a combination's runs, by seed.

    classified: the folder with all classifications. declared: a table or figure, with
    `classification` and `seeds`. size: the gold sentences to train on.
    """
    folder = classified / declared["classification"] / combination / f"gold{size}"
    return {seed: folder / f"run{seed}.parquet" for seed in declared["seeds"]}


def read_run_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a run. Raises UserError when it is none."""
    return read_manifest(path, "metrics", "sentences", "gold_sentences")


def read_run(path: Path, labels: list[str]) -> Run:
    """A run, from the table that scripts/finetuning/finetune_classifier.py wrote.

    labels: names of the categories. Raises UserError when the table or its manifest is damaged.
    """
    table = read_table(path, READ)
    predicted = label_columns(table["predicted"].to_pylist(), labels)
    predicted[:, -1] = table["any_predicted"].to_numpy()
    return Run(
        table["group"].to_numpy(),
        table["sentence_id"].to_numpy(),
        label_columns(table["gold"].to_pylist(), labels),
        predicted,
        np.array(table["scores"].to_pylist()),
        read_run_manifest(path),
    )


def run_metrics(
    declared: dict[str, Any],
    combination: str,
    metrics: dict[int, list[dict[str, Any]]],
    size: int | str = ALL,
) -> list[dict[str, Any]]:
    """Tidy rows of metrics by seed; what the classifiers were trained on stands as the corpus."""
    named = {"corpus": f"{combination}/gold{size}", "dataset": declared["classification"]}
    return [{**named, "run": seed, **row} for seed, rows in metrics.items() for row in rows]


def spread(values: list[float]) -> float:
    """Standard deviation over seeds; NaN for a single one."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else np.nan


def resampled_weights(run: Run, seed: int) -> np.ndarray:
    """Weights of the sentences: a row of ones, then the counts of each resample of groups.

    Groups are patients, whose sentences are not independent. The same seed and groups give the
    same resamples, so that runs are compared in pairs. Returns shape (1 + resamples, sentences).
    """
    groups, places = np.unique(run.group, return_inverse=True)
    resampled = resampled_sums(np.eye(len(groups)), seed)[:, places]
    return np.vstack([np.ones(len(places)), resampled])


def compare_combinations(
    combinations: dict[str, dict[int, Run]], baseline: str, seed: int
) -> list[dict[str, Any]]:
    """A row for each combination and metric: mean and spread over seeds, difference to `baseline`.

    combinations: runs by seed, by name; all on the same test sentences. The difference is that of
    the means over seeds; the baseline has none. Its 95% interval resamples patients, the same ones
    for both, so it speaks of other patients and not of other seeds. Each resample is scored anew: a
    category that none of its gold sentences has does not count in its macro F1 and AUPRC.
    Raises UserError when runs are on different test sentences.
    """
    runs = [run for by_seed in combinations.values() for run in by_seed.values()]
    for run in runs:
        same = np.array_equal(run.sentence_id, runs[0].sentence_id)
        if not same or not np.array_equal(run.gold, runs[0].gold):
            raise UserError(
                f"the runs of {list(combinations)} are on different test sentences, expected the "
                "same: delete their files to make them again"
            )
    weights = resampled_weights(runs[0], seed)
    scored = {
        name: [scores_of(weights, run.gold, run.predicted, run.scores) for run in by_seed.values()]
        for name, by_seed in combinations.items()
    }
    rows = []
    for name, by_seed in combinations.items():
        used = next(iter(by_seed.values())).manifest["sentences"]
        for metric in METRICS:
            values, reference = (
                np.array([scores[metric] for scores in scored[which]]) for which in (name, baseline)
            )
            rows.append(
                {
                    "combination": name,
                    "metric": metric,
                    "mean": values[:, 0].mean(),
                    "sd": spread(list(values[:, 0])),
                    "seeds": len(values),
                    "sentences": " ".join(f"{part}:{count}" for part, count in used.items()),
                    **_difference(values, reference, name == baseline),
                }
            )
    return rows


def _difference(values: np.ndarray, reference: np.ndarray, is_baseline: bool) -> dict[str, Any]:
    """Difference of the means over runs, (runs, 1 + resamples) each, with its interval."""
    names = ("difference", "difference_low", "difference_high")
    if is_baseline:
        return dict.fromkeys(names)
    difference = values.mean(axis=0) - reference.mean(axis=0)
    return dict(zip(names, (difference[0], *percentiles(difference[1:])), strict=True))
