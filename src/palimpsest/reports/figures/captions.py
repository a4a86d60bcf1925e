"""What the captions of figures have in common."""

from palimpsest.runtime.rows import Row


def interval_said(rows: list[Row], metric: str, units: str) -> str:
    """What varied and what the intervals of some rows (`base.COLUMNS`) are.

    units: what was resampled, such as patients.
    """
    means = [row for row in rows if row["role"] == "mean" and row["metric"] == metric]
    seeds = sorted({row["seeds"] for row in means if "seeds" in row})  # what is trivial has none
    many = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    kind = "Geometric means" if "perplexity" in metric or "bits" in metric else "Means"
    if seeds[-1] == 1:
        return f"One seed of training: no intervals. {units.capitalize()} were not drawn anew."
    return (
        f"{kind} over {many} seeds of training, which are drawn as rings; bars and bands are 95% "
        f"intervals over seeds and {units} (Student's t). The notes trained on, the completions "
        "and the split did not vary."
    )


def legend_title(means: list[Row], units: str = "patients") -> str:
    """What marks, rings and bars are."""
    if all(row["low"] == row["low"] for row in means):
        return f"mean and 95% interval over seeds and {units}; rings: single seeds"
    return "1 seed: no interval"
