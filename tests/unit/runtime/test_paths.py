"""Names of files: any that a file system allows is read, or named."""

import pytest

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


def test_a_path_that_is_there_stands_for_itself(tmp_path):
    for name in ("a[1].csv", "a1.csv", "**"):
        (tmp_path / name).touch()
        assert matching([str(tmp_path / name)]) == [str(tmp_path / name)]
