"""Names of files: any that a file system allows is read, or named."""

import os

import pytest

from palimpsest.formats.tables import read_blocks
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.paths import matching, printable, unfit_path


@pytest.mark.parametrize(
    "name", ["a{b}.csv", "{x,\\d+}", "a<b>.csv", "caf\udce9.csv", "a\nb.csv", "-x.csv", "~x.csv"]
)
def test_names_that_no_job_can_be_given_are_told_with_the_reason(name):
    assert unfit_path(name)
    assert printable(unfit_path(name) + name).encode()


@pytest.mark.parametrize(
    "name",
    ["a b.csv", "ü.csv", "a{b.csv", "a>b<c.csv", "$HOME.csv", "'x\".csv", "a*b[1]?.csv", "#;&"],
)
def test_other_names_are_fit(name):
    assert unfit_path(name) == ""


def test_a_pipe_is_no_file_that_a_job_can_read(tmp_path):
    os.mkfifo(tmp_path / "notes.csv")
    assert unfit_path(str(tmp_path / "notes.csv")) == "it is a pipe or a device"
    assert unfit_path("/dev/zero") and not unfit_path(str(tmp_path))
    with pytest.raises(UserError, match=r"notes\.csv: is a pipe or a device, expected a file"):
        next(read_blocks(tmp_path / "notes.csv", "notes.csv", ["text"], "utf-8", print))


def test_a_path_that_is_there_stands_for_itself(tmp_path):
    for name in ("a[1].csv", "a1.csv", "**"):
        (tmp_path / name).touch()
        assert matching([str(tmp_path / name)]) == [str(tmp_path / name)]
