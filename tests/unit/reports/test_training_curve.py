"""The picture of loss curves."""

import numpy as np
import pyarrow as pa
import pytest

from palimpsest.pretraining.curves import SCHEMA
from palimpsest.reports.figures.training_curve import TrainingCurveSpec, smoothed
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table


def written(folder, corpus, seed="0", valid=True):
    rows = [
        {"step": step, "tokens": 10 * step, "epoch": 0.1, "split": "train", "loss": 6 / step}
        for step in range(1, 101)
    ]
    rows += [{**rows[-1], "split": "valid", "loss": 2.5}] if valid else []
    path = folder / f"{corpus}-{seed}.parquet"
    names = {"model": "small", "corpus": corpus, "seed": seed}
    write_table(path, pa.Table.from_pylist(rows, schema=SCHEMA), wildcards=names)
    return path


def test_the_last_losses_are_the_numbers_of_the_figure(tmp_path):
    paths = [written(tmp_path, "b"), written(tmp_path, "a", "1", valid=False)]
    spec = TrainingCurveSpec(corpora=["a", "b"])
    figure = spec.draw(paths, tmp_path / "one.svg")
    rows = figure.metrics
    assert len(figure.rows) == 201 and figure.rows[0]["value"] == 6.0
    assert [tuple(row[key] for key in ("corpus", "seed", "metric", "value")) for row in rows] == [
        ("a", "1", "train_loss", 0.06),
        ("b", "0", "train_loss", 0.06),
        ("b", "0", "valid_loss", 2.5),
    ]
    spec.draw(list(reversed(paths)), tmp_path / "other.svg")
    drawn = (tmp_path / "one.svg").read_bytes()
    assert drawn == (tmp_path / "other.svg").read_bytes()
    assert b"a, train" in drawn and b"b, valid" in drawn and b"a, valid" not in drawn


def test_damaged_curves_are_named(tmp_path):
    path = written(tmp_path, "a")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UserError, match="a-0.parquet"):
        TrainingCurveSpec(corpora=["a"]).draw([path], tmp_path / "one.svg")


def test_smoothing_takes_means_of_what_came_before():
    losses = np.arange(100.0)
    assert smoothed(losses)[[0, 1, 50]].tolist() == [0.0, 0.5, 49.5]
    assert smoothed(np.array([3.0])).tolist() == [3.0]
