"""An export: a folder that `datasets` opens, with provenance and a card without text of notes."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from datasets import load_dataset

from palimpsest.completions.complete import SCHEMA as COMPLETIONS
from palimpsest.corpora.mix import SCHEMA as CORPUS
from palimpsest.exports.config import ExportSpec
from palimpsest.exports.records import SCHEMA as RECORDS
from palimpsest.exports.write import CARD, DATA, write_export
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table

TEXT = "Original words of note {}."
REPHRASE = "Other words for note {}."
SHARD = "000-of-001"
SPLITS = {"train": 0.5, "valid": 0.2, "test": 0.3}
USER = "Say it | otherwise.\n```\n{passage}"
WRITTEN = {"kind": "rephrases", "told": "Rephrases.", "use": "rephrase", "source": "ward"}
SPEC = {
    "corpus": "mixed",
    "seed": 7,
    "tokenizer": "small",
    "parts": [
        {"kind": "notes", "told": "Notes.", "use": None, "source": "ward", "llm": None}
        | {"prompt": None, "context": None, "screens": []},
        {**WRITTEN, "llm": "small", "prompt": "p", "context": "none"}
        | {"screens": [{"name": "copy", "max_share": 0.8}]},
    ],
    "sources": [{"name": "ward", "kind": "table", "licence": None, "splits": SPLITS}],
    "llms": [
        {"name": "small", "origin": "a/b at revision c", "licence": "apache-2.0"}
        | {"dtype": "float32", "sampling": {"temperature": 0.5}}
    ],
    "prompts": [{"name": "p", "system": "", "user": USER, "context": None}],
    "contexts": [],
}
ROUNDS = ("ward.p", "ward.p.retry1")


def place(number):
    return {"note_id": f"n{number}", "start": 0, "end": 20}


def describe(documents):
    tokens = sum(row["tokens"] for row in documents)
    notes = {row["note_id"] for row in documents}
    return {"documents": len(documents), "notes": len(notes), "tokens": tokens}


def table(folder, name, rows, schema, **fields):
    path = folder / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_table(path, pa.Table.from_pylist(rows, schema=schema), **fields)
    return path


@pytest.fixture
def tables(tmp_path):
    """Two passages word by word, and two rephrases: of the first round and of the second."""
    documents = [
        {"part": 1, **place(1), "text": TEXT.format(1), "tokens": 5},
        {"part": 1, **place(2), "text": TEXT.format(2), "tokens": 5},
        {"part": 2, **place(2), "text": REPHRASE.format(2), "tokens": 6, "request_key": "key-2"},
        {"part": 2, **place(3), "text": REPHRASE.format(3), "tokens": 6, "request_key": "again-3"},
    ]
    documents = [{"repeat": 0, "cut": False, **row} for row in documents]
    account = {"in": 5, "kept": 4, "rejected": {"truncated": 1}, "failed": {}}
    parts = [describe(documents[:2]), {**describe(documents[2:]), "account": account}]
    corpus = table(tmp_path, "mixed", documents, CORPUS, parts=parts, all=describe(documents))
    completions = []
    for number, name in enumerate(ROUNDS):
        names = {"wildcards": {"llm": "small", "request_set": name, "shard": SHARD}}
        asked = [(2, "key-2"), (3, "key-3")] if number == 0 else [(3, "again-3")]
        answers = [
            {"request_key": key, **place(note), "text": REPHRASE.format(note), "seed": 40 + note}
            for note, key in asked
        ]
        if number:
            answers.append({"request_key": "lost", **place(4), "failure": "too_long"})
        fields = {"llm": "identity", "asked_of": {"weights": "f" * 64}, **names}
        done = table(tmp_path, f"completions/{name}/{SHARD}", answers, COMPLETIONS, **fields)
        completions.append(done.with_suffix(".json"))
    return corpus, completions


def key_of(request, llm):
    return f"{llm}/{request}"


def export(tables, folder, **changes):
    spec = ExportSpec.model_validate(SPEC | changes)
    write_export(spec, tables, key_of, folder / DATA, folder / CARD)
    return folder


def test_load_dataset_opens_an_export(tables, tmp_path):
    folder = export(tables, tmp_path / "export")
    opened = load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in opened.items()} == {"train": 4}
    assert opened["train"].column_names == RECORDS.names


def test_a_record_says_where_it_comes_from(tables, tmp_path):
    folder = export(tables, tmp_path / "export")
    rows = load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"].to_list()
    first, *_, again = rows
    assert first["text"] == TEXT.format(1) and first["kind"] == "notes"
    assert {first[name] for name in ("llm", "prompt", "context", "seed", "ledger_key")} == {None}
    assert again == {
        **{
            "text": REPHRASE.format(3),
            "part": 2,
            "kind": "rephrases",
            "source": "ward",
            **place(3),
        },
        **{"tokens": 6, "cut": False, "llm": "small", "prompt": "p", "context": "none", "seed": 43},
        **{"request_key": "again-3", "ledger_key": "identity/again-3"},
    }


def test_the_same_tables_give_the_same_bytes(tables, tmp_path):
    one, two = (export(tables, tmp_path / name) for name in ("one", "two"))
    for name in (DATA, CARD):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_a_document_of_no_completion_is_an_error(tables, tmp_path):
    corpus, completions = tables
    with pytest.raises(UserError, match="mixed.parquet: the document of note 'n3' from 0 is none"):
        export((corpus, completions[:1]), tmp_path / "export")


def card(tables, folder, **changes):
    return (export(tables, folder, **changes) / CARD).read_text(encoding="utf-8")


def test_the_card_has_no_text_of_a_note(tables, tmp_path):
    text = card(tables, tmp_path / "export")
    assert "words" not in text.replace("notes' own words", "") and "n1" not in text


def test_the_header_of_the_card_is_what_the_hub_reads(tables, tmp_path):
    _, header, body = card(tables, tmp_path / "export").split("---\n", 2)
    read = yaml.safe_load(header)
    assert read["license"] == ["unknown"] and read["size_categories"] == ["n<1K"]
    assert read["configs"][0]["data_files"] == [{"split": "train", "path": DATA}]
    assert body.lstrip().startswith("# mixed")


def test_the_card_says_what_was_asked_and_what_came_of_it(tables, tmp_path):
    text = card(tables, tmp_path / "export")
    for told in (
        "| 2 | rephrases | ward | small | p | none | 2 | 2 | 12 | 5 | 4 | truncated 1 |  |",
        "| ward | table | unknown |",
        f"| small | a/b at revision c; identity {'f' * 64} | apache-2.0 | float32",
        f"````text\n{USER}\n````",
        "- `copy` max_share 0.8",
        "| ward | 0.5 | 0.2 | 0.3 |",
        "Rephrases may still hold what identifies a patient",
    ):
        assert told in text, told


def test_a_corpus_of_notes_alone_has_no_llm_in_its_card(tables, tmp_path):
    corpus = table(
        tmp_path,
        "plain",
        [{"part": 1, **place(1), "text": TEXT.format(1), "tokens": 5}],
        CORPUS,
        parts=[describe([])],
        all=describe([]),
    )
    none = {"parts": SPEC["parts"][:1], "llms": [], "prompts": []}
    text = card((corpus, []), tmp_path / "export", **none)
    assert "## Prompts" not in text and "## Screens" not in text and "| LLM | weights" not in text
    assert yaml.safe_load(text.split("---\n")[1])["tags"] == ["clinical", "medical", "palimpsest"]


def test_the_card_says_in_which_context_a_part_was_written(tables, tmp_path):
    names = {"wildcards": {"llm": "small", "shard": SHARD}}
    prompts = [{"name": "p", "system": "", "user": USER, "context": "Known: {context}"}]
    parts = [SPEC["parts"][0], SPEC["parts"][1] | {"context": "stay"}]
    contexts = [{"name": "stay", "parts": ["demographics", "dates"], "max_tokens": 60}]
    corpus, completions = tables
    for path in completions:  # those of another context are none of the part
        manifest = json.loads(path.read_text())
        asked = manifest["wildcards"]["request_set"].replace("ward.p", "ward.p.stay")
        fields = {key: manifest[key] for key in ("rows", "sha256", "llm", "asked_of")}
        fields["wildcards"] = names["wildcards"] | {"request_set": asked}
        path.write_text(json.dumps(fields))
    changed = {"parts": parts, "prompts": prompts, "contexts": contexts}
    text = card((corpus, completions), tmp_path / "export", **changed)
    assert "| rephrases | ward | small | p | stay |" in text
    assert "Known: {context}" in text and "demographics, dates" in text
    assert pq.read_table(tmp_path / "export" / DATA)["context"].to_pylist() == [
        None,
        None,
        "stay",
        "stay",
    ]
