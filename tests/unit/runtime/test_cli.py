"""The options of a job's program, and what it records of its job."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

from palimpsest.perplexity.config import PerplexitySpec
from palimpsest.runtime import files, origins
from palimpsest.runtime.cli import parser
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, write_manifest, write_table

SPEC = '{"evaluation": {"name": "visits", "source": "ward", "notes": 9}, "seed": 1%s}'


@pytest.fixture(autouse=True)
def nothing_recorded(monkeypatch):
    """A process writes the manifests of one job; tests share theirs."""
    monkeypatch.setattr(origins, "_job", {})


def parse(*arguments, spec=None):
    return parser("A program.", "--out", "--parts+", "--checks*", spec=spec).parse_args(arguments)


def test_an_option_takes_one_path_some_or_any_number():
    found = parse("--out", "a", "--parts", "b", "c")
    assert (found.out, found.parts, found.checks) == (Path("a"), [Path("b"), Path("c")], [])
    # As a rule's command is where an optional input is absent.
    assert parse("--checks", "--out", "a", "--parts", "b").checks == []
    assert parse("--checks", "d", "e", "--out", "a", "--parts", "b").checks == [
        Path("d"),
        Path("e"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "a"], "required: --parts"),
        (["--parts", "b"], "required: --out"),
        (["--out", "a", "--parts"], "--parts: expected at least one argument"),
        (["--out", "a", "c", "--parts", "b"], "unrecognized arguments: c"),
    ],
)
def test_what_is_required_is_said(arguments, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        parse(*arguments)
    assert said in capsys.readouterr().err


def spec_of(text):
    return parse("--out", "a", "--parts", "b", "--spec", text, spec=PerplexitySpec).spec


def test_a_specification_is_a_typed_object():
    spec = spec_of(SPEC % "")
    assert isinstance(spec, PerplexitySpec) and spec.evaluation.notes == 9


def test_the_wildcards_of_a_job_are_in_every_manifest_that_it_writes(tmp_path):
    wildcards = {"model": "small", "seed": "0"}
    spec_of(SPEC % ', "wildcards": {"model": "small", "seed": "0"}')
    write_table(tmp_path / "a.parquet", pa.table({"x": [1]}), rows_in=1)
    write_manifest(tmp_path / "b.json", {"identity": "w"})
    assert read_manifest(tmp_path / "a.parquet", "rows_in")["wildcards"] == wildcards
    assert files.read_fields(tmp_path / "b.json") == {"identity": "w", "wildcards": wildcards}


def test_without_wildcards_nothing_is_recorded(tmp_path):
    spec_of(SPEC % "")
    write_manifest(tmp_path / "b.json", {"identity": "w"})
    assert files.read_fields(tmp_path / "b.json") == {"identity": "w"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SPEC.replace("9", "0") % "", "evaluation.notes: Input should be greater than 0"),
        (SPEC % ', "sed": 1', "sed: Extra inputs are not permitted"),
        ('{"evaluation": {}, "seed": 1}', "evaluation.name: Field required"),
        ("[]", "the whole: Input should be"),
        ("{seed: 1}", "expected JSON"),
    ],
)
def test_an_error_names_the_key(text, said):
    with pytest.raises(UserError, match=f"^--spec: {re.escape(said)}"):
        spec_of(text)
