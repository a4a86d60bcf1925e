"""Tidy long files: one number a row."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

# seed: of the training on the corpus. run: seed of the fine-tuning, where there is one.
COLUMNS = ["model", "corpus", "seed", "run", "dataset", "metric", "value", "low", "high"]


def long_rows(rows: Iterable[dict[str, Any]]) -> str:
    """CSV of metrics with `COLUMNS`; what a row does not have stays empty."""
    table = pd.DataFrame(list(rows)).reindex(columns=COLUMNS)
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
