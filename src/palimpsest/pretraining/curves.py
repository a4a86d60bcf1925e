"""Loss curves: what a training's loss was, step by step."""

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa

from palimpsest.runtime.rows import Row

SCHEMA = pa.schema(
    [
        ("step", pa.int64()),  # optimiser steps that were done
        ("tokens", pa.int64()),  # that were trained on, over all epochs
        ("epoch", pa.float64()),
        ("split", pa.string()),  # train: of the step's batch; valid: of the valid notes after it
        ("loss", pa.float64()),  # nats a predicted token
    ]
)
NAMES = ("model", "corpus", "seed")


def csv_of(curve: list[Row], names: Mapping[str, str]) -> str:
    """A curve as CSV, tidy: one loss a row, with the names of what it is of."""
    table = pd.DataFrame(curve, columns=SCHEMA.names)
    for place, name in enumerate(NAMES):
        table.insert(place, name, names[name])
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
