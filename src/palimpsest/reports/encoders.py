"""Table 2: encoders fine-tuned on tasks, compared with a baseline."""

from typing import Any

import numpy as np
import pandas as pd

from palimpsest.stats.resampling import interval


def note_counts(table: pd.DataFrame) -> pd.DataFrame:
    """True positives, found and gold entities by note, from a fine-tuning run's sentences."""
    return table.groupby("group", sort=True)[["true_positives", "found", "gold"]].sum()


def micro_f1(sums: np.ndarray) -> np.ndarray:
    """Micro F1 from (..., 3) sums of true positives, found and gold entities; 0 where undefined."""
    true, found, gold = sums[..., 0], sums[..., 1], sums[..., 2]
    return 2 * true / np.maximum(found + gold, 1)


def compare(
    runs: dict[int, pd.DataFrame], baseline: dict[int, pd.DataFrame], seed: int
) -> dict[str, Any]:
    """Mean, spread and paired difference to the baseline of an encoder's runs.

    runs, baseline: by fine-tuning seed, the note counts on the same test notes.
    The difference is that of the means over seeds; its 95% interval resamples test notes, the same
    for both, so it speaks of other notes and not of other seeds.
    """
    systems = [runs[at].to_numpy(float) for at in sorted(runs)]
    reference = [baseline[at].to_numpy(float) for at in sorted(baseline)]
    scores = np.array([float(micro_f1(counts.sum(axis=0))) for counts in systems])
    values = np.stack([*systems, *reference], axis=1)  # notes x runs x 3

    def difference(sums: np.ndarray) -> np.ndarray:
        f1 = micro_f1(sums)
        return f1[:, : len(systems)].mean(axis=1) - f1[:, len(systems) :].mean(axis=1)

    value, low, high = interval(values, difference, seed)
    return {
        "mean": scores.mean(),
        "sd": scores.std(ddof=1) if len(scores) > 1 else np.nan,
        "seeds": len(scores),
        "difference": value,
        "difference_low": low,
        "difference_high": high,
    }
