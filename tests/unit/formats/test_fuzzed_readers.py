"""Damaged files cost rows or are refused in one line; `benchmarks/fuzz/readers.py` tries 20,000."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks" / "fuzz"))
import readers

WORKS = readers.works()


@pytest.mark.parametrize("name", WORKS)
def test_a_reader_survives_damaged_files(name):
    work, case = WORKS[name]
    found = readers.run(work, 3 * case.documents * case.lines, case, seed=20_000)
    assert found.faults == [] and found.files == 3
