"""Datasets are read as they say they are answered, or not at all."""

import pyarrow as pa
import pytest

from palimpsest.runtime.dataset_tables import EXAMPLES, read_dataset
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table

ASKED = {"answer": "one_label", "unit": "patient", "none_label": None}
PAIR = {"example_id": "e1", "group": "p1", "split": "test", "text": "A.", "second": "B."}
PAIR |= {"marks": [], "labels": ["yes"], "value": None}


@pytest.fixture
def written(tmp_path):
    """Write a dataset of one example, and give its path."""

    def write(row, kind="pairs", **fields):
        path = tmp_path / "set.parquet"
        fields = {"kind": kind, "labels": ["yes", "no"], "wildcards": {"dataset": "set"}} | fields
        write_table(path, pa.Table.from_pylist([row], schema=EXAMPLES[kind]), **(ASKED | fields))
        return path

    return write


def test_a_dataset_says_how_it_is_answered(written):
    dataset = read_dataset(written(PAIR, none_label="no"))
    assert (dataset.answer, dataset.unit, dataset.none_label) == ("one_label", "patient", "no")
    assert dataset.rows[0]["second"] == "B."
    scored = {**PAIR, "labels": [], "value": 0.5}
    assert read_dataset(written(scored, answer="number")).answer == "number"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"answer": "spans"}, r"its pairs is 'spans', expected one of \['one_label', 'number'\]"),
        ({"unit": "ward"}, "unit of its pairs is 'ward', expected one of"),
        ({"none_label": "maybe"}, r"none_label is 'maybe', expected one of \['yes', 'no'\]"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(written, fields, message):
    with pytest.raises(UserError, match=message):
        read_dataset(written(PAIR, **fields))


@pytest.mark.parametrize(
    ("row", "fields", "message"),
    [
        ({"labels": []}, {}, "example 'e1' has 0 labels, expected one"),
        ({"labels": ["yes", "no"]}, {}, "has 2 labels, expected one"),
        ({"labels": ["maybe"]}, {}, r"has the labels \['maybe'\], which are none of"),
        ({"second": None}, {}, "has no second text"),
        ({}, {"answer": "number"}, "has the value None, expected a number"),
        ({"value": float("nan")}, {"answer": "number"}, "has the value nan, expected a number"),
        ({}, {"kind": "assertion"}, "has 0 marked entities, expected 1"),
        ({"marks": [{"start": 0, "end": 1}]}, {"kind": "relations"}, "has 1 marked .*, expected 2"),
    ],
)
def test_an_example_that_is_answered_otherwise_is_named(written, row, fields, message):
    with pytest.raises(UserError, match=message):
        read_dataset(written({**PAIR, **row}, **fields))
