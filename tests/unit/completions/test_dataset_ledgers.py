"""`palimpsest ledger prune` knows what datasets ask, and keeps the answers to it."""

import sys
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from palimpsest import __main__ as command
from palimpsest.cli.commands import annotation
from palimpsest.completions.config import Llm
from palimpsest.completions.ledger import (
    Completion,
    Ledger,
    completion_key,
    ledger_path,
    llm_identity,
    request_seed,
)
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table

TAXONOMIES = Path(__file__).parents[3] / "config" / "taxonomies"
SERVER = {
    "weights": {"hub": "a/b", "revision": "c" * 40},
    "engine": {"backend": "server", "url": "http://127.0.0.1:9/v1", "served_model": "m"},
}
ASKED = {"kind": "sentences", "taxonomy": "alzheimers", "llm": "tiny", "check": "check"}
STUDY = {
    "results": "results",
    "seed": 1,
    "splits": {"train": 0.6, "valid": 0.2, "test": 0.2},
    "sources": [{"name": "ward", "kind": "generated", "patients": 9}],
    "passages": {"tokenizer": "tiny"},
    "datasets": [
        {"name": "silver", "made_by": "llm_labels", **ASKED, "source": "ward", "sentences": 9}
        | {"label": "label"},
        {"name": "bronze", "made_by": "llm_writes", **ASKED, "write": "write", "requests": 2}
        | {"keep": 1},
    ],
}
TEXTS = {"label": "{title} {sentence}", "check": "{title}? {sentence}"}
TEXTS |= {"write": "{title} {conditions}"}
IDENTITY = llm_identity(Llm(**SERVER), f"a/b@{'c' * 40}")
# Request sets with what they were asked with; both checks are asked with one prompt.
SETS = {
    "silver.label": "1" * 64,
    "silver.check": "2" * 64,
    "bronze.write": "3" * 64,
    "bronze.check": "2" * 64,
}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A study with a request and an answer in each set, and an answer more that nobody asks for."""
    monkeypatch.chdir(tmp_path)
    files = {"config.yaml": STUDY, "llms/tiny.yaml": SERVER}
    files |= {f"prompts/{name}.yaml": {"user": text} for name, text in TEXTS.items()}
    for name, value in files.items():
        path = tmp_path / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(value))
    (tmp_path / "config/taxonomies").symlink_to(TAXONOMIES)
    for name, asked_with in SETS.items():
        requests = pa.table({"request_key": [f"{name} asked"]})
        write_table(table_of(tmp_path, name), requests, asked_with=asked_with)
        answers = {}
        for request in (f"{name} asked", f"{name} earlier"):
            key = completion_key(request, IDENTITY)
            answers[key] = Completion("yes", "stop", 5, 1, request_seed(key), "server", "1")
        source, prompt = name.split(".")
        about = {"llm": IDENTITY, "llm_name": "tiny", "asked_with": asked_with}
        about |= {"prompt_name": prompt, "source": source, "shard": "000-of-001"}
        state = tmp_path / "results/state/ledger"
        path = ledger_path(state, IDENTITY, asked_with, source, "000-of-001")
        with Ledger.open(path, **about) as ledger:
            ledger.commit(answers)
    return tmp_path


def table_of(root, name):
    return root / "results" / "requests" / name / "000-of-001.parquet"


def prune(monkeypatch, capsys):
    arguments = ["palimpsest", "ledger", "prune", "--study", "config/config.yaml"]
    monkeypatch.setattr(sys, "argv", arguments)
    command.main()
    return capsys.readouterr().out


def test_answers_to_labels_checks_and_written_sentences_are_kept(root, monkeypatch, capsys):
    printed = prune(monkeypatch, capsys)
    assert printed.splitlines()[-1] == "4 completions were removed"
    assert prune(monkeypatch, capsys).splitlines()[-1] == "0 completions were removed"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("silver.label", "label_requests"),
        ("silver.check", "check_requests"),
        ("bronze.write", "generate_requests"),
        ("bronze.check", "check_requests"),
    ],
)
def test_nothing_is_removed_while_it_is_unknown_what_is_asked(root, name, rule):
    table_of(root, name).unlink()
    parsed = command.arguments_parser().parse_args(
        ["ledger", "prune", "--study", "config/config.yaml"]
    )
    with pytest.raises(UserError, match=rf"{name}/000-of-001\.parquet: .*--until {rule}` first"):
        parsed.action(parsed)


def test_an_annotated_sheet_is_compared_with_its_dataset(monkeypatch, capsys):
    monkeypatch.setattr(annotation, "report", lambda sheet, dataset: f"{sheet} against {dataset}")
    arguments = ["palimpsest", "annotation", "mine.csv", "--dataset", "silver.parquet"]
    monkeypatch.setattr(sys, "argv", arguments)
    command.main()
    assert capsys.readouterr().out == "mine.csv against silver.parquet\n"
