"""`palimpsest tag` with models fine-tuned here: from a user's file to Parquet and BRAT."""

import json
import shutil
import sys

import pandas as pd
import pyarrow.parquet as pq
import pytest

from palimpsest import __main__ as command
from palimpsest.finetuning.config import Finetuning
from palimpsest.runtime.dataset_tables import DatasetTable
from palimpsest.text.iob2 import TOKEN

WORDS = {"pain": "problem", "aspirin": "treatment"}
SENTENCES = ["The patient was admitted with pain.", "Treatment with aspirin was started."]
LISTED = "No pain, and aspirin:"
LONG = "\n".join([f"Creatinine was stable.\n{LISTED}"] * 40) + "\n éà 🙂 pain"
NOTES = {"n1": "EXAM:\nNo pain.\n\naspirin 81 mg", "n2": LONG, "n3": "Creatinine was stable."}


def example(split, number, text):
    tokens = [{"start": a, "end": b} for a, b in (one.span() for one in TOKEN.finditer(text))]
    spans = [
        {**token, "label": WORDS[word]}
        for token in tokens
        if (word := text[token["start"] : token["end"]]) in WORDS
    ]
    named = {"example_id": f"{split}-{number}", "group": f"p{number}", "split": split}
    labels = ["care"] * bool(spans)
    return {**named, "text": text, "tokens": tokens, "spans": spans, "labels": labels}


def kept_model(encoder, folder, kind, answer, labels):
    """A tagger or classifier of the words, saved as a run keeps it."""
    from palimpsest.finetuning.kept import save_model
    from palimpsest.finetuning.run import finetune

    texts = [*SENTENCES, "Creatinine was stable.", LISTED, "aspirin 81 mg", "éà 🙂 pain"]
    rows = [
        example(split, number, text)
        for split in ("train", "valid", "test")
        for number, text in enumerate(texts * (4 if split == "train" else 1))
    ]
    dataset = DatasetTable(kind, kind, labels, "0" * 64, rows, answer=answer, unit="patient")
    recipe = Finetuning(epochs=8, batch_size=4, learning_rate=0.01, max_tokens=32)
    phase = [(row, 1.0) for row in dataset.of_split("train")]
    run = finetune(kind, encoder, dataset, [phase], recipe, 1, 1)
    save_model(folder, run.head, run.model)
    return folder


@pytest.fixture(scope="module")
def tagger(encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run1"
    return kept_model(encoder, folder, "spans", "spans", sorted(set(WORDS.values())))


@pytest.fixture
def tag(tmp_path, monkeypatch, capsys):
    """Runs the command; gives its exit status and what it printed."""

    def run(notes, model, *more):
        given = ["palimpsest", "tag", notes, "--model", model, "--out", tmp_path / "out", *more]
        monkeypatch.setattr(sys, "argv", list(map(str, given)))
        try:
            command.main()
        except SystemExit as stopped:
            return stopped.code, capsys.readouterr().err
        return 0, capsys.readouterr().out

    return run


def expected(notes):
    """Where the words stand."""
    return [
        (note, *word.span(), WORDS[word[0]])
        for note, text in notes.items()
        for word in TOKEN.finditer(text)
        if word[0] in WORDS
    ]


def spans_of(out):
    rows = pq.read_table(out / "tags.parquet").to_pylist()
    return [(row["note_id"], row["start"], row["end"], row["label"]) for row in rows]


def test_words_are_found_where_they_stand_in_a_note_however_long(tag, tagger, tmp_path):
    path = tmp_path / "notes.csv"
    rows = [{"id": note, "body": text} for note, text in NOTES.items()]
    pd.DataFrame([*rows, {"id": "n4", "body": ""}]).to_csv(path, index=False)
    with path.open("a") as file:
        file.write('n5,"Damaged\n')
    code, printed = tag(path, tagger, "--text-column", "body", "--id-column", "id")
    assert code == 0, printed
    out = tmp_path / "out"
    assert spans_of(out) == expected(NOTES) and len(expected(NOTES)) == 83
    brat = {}
    for note, text in NOTES.items():
        assert (out / f"brat/{note}.txt").read_bytes().decode() == text
        for line in (out / f"brat/{note}.ann").read_text(encoding="utf-8").splitlines():
            _, middle, mention = line.split("\t")
            label, start, end = middle.split()
            assert text[int(start) : int(end)] == mention
            brat.setdefault(note, []).append((note, int(start), int(end), label))
    assert [span for note in NOTES for span in brat.get(note, [])] == spans_of(out)
    manifest = json.loads((out / "tags.json").read_text())
    account = manifest["account"]
    assert account["in"] == account["kept"] + sum(account["rejected"].values()) == 5
    assert account["kept"] == 3 and account["rejected"]["empty_text"] == 1
    assert "3 of 5 notes tagged" in printed and "'empty_text': 1" in printed
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("form", ["folder", "notes.jsonl", "notes.parquet", "notes.tsv"])
def test_other_forms_of_notes_give_the_same(tag, tagger, tmp_path, form):
    path = tmp_path / form
    rows = pd.DataFrame([{"note_id": note, "text": text} for note, text in NOTES.items()])
    if form == "folder":
        path.mkdir()
        for note, text in NOTES.items():
            (path / f"{note}.txt").write_text(text)
    elif form.endswith("jsonl"):
        rows.to_json(path, orient="records", lines=True)
    elif form.endswith("parquet"):
        rows.to_parquet(path)
    else:
        rows.to_csv(path, sep="\t", index=False)
    code, printed = tag(path, tagger)
    assert code == 0, printed
    assert spans_of(tmp_path / "out") == expected(NOTES)


def test_sentences_are_classified(tag, encoder, tmp_path):
    model = kept_model(encoder, tmp_path / "run", "sentences", "several_labels", ["care"])
    (tmp_path / "notes").mkdir()
    text = f"EXAM:\n- {SENTENCES[0]} Creatinine was stable.\n{SENTENCES[1]}\n"
    (tmp_path / "notes/a.txt").write_text(text)
    code, printed = tag(tmp_path / "notes", model)
    assert code == 0, printed
    rows = pq.read_table(tmp_path / "out/tags.parquet").to_pylist()
    assert [row["text"] for row in rows] == [SENTENCES[0], "Creatinine was stable.", SENTENCES[1]]
    assert [row["labels"] for row in rows] == [["care"], [], ["care"]]
    for row in rows:
        assert text[row["start"] : row["end"]] == row["text"]
        assert (row["scores"][0] >= 0.5) == bool(row["labels"])


def drop(name):
    return lambda folder: (folder / name).unlink()


def other_kind(folder):
    path = folder / "head.json"
    value = json.loads(path.read_text())
    del value["digest"]
    path.write_text(json.dumps({**value, "kind": "novels"}))


def truncate(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (shutil.rmtree, "not a kept model: lacks"),
        (drop("head.json"), r"not a kept model: lacks ['head.json']"),
        (drop("model.safetensors"), "lacks ['model.safetensors']"),
        (truncate, "model.safetensors: its bytes differ"),
        (other_kind, "'novels' answered with 'spans' is no kind of dataset"),
        (lambda folder: (folder / "head.json").write_text("[]"), "head.json: not a manifest"),
        (lambda folder: (folder / "config.json").write_text("{"), "its bytes differ"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "its bytes differ"),
        (lambda folder: (folder / "adapter_config.json").write_text("{}"), "does not name it"),
    ],
)
def test_a_damaged_model_is_one_line_and_leaves_nothing(tag, tagger, tmp_path, damage, message):
    folder = shutil.copytree(tagger, tmp_path / "run")
    damage(folder)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.txt").write_text("Secret pain.")
    code, printed = tag(tmp_path / "notes", folder)
    (line,) = [line for line in printed.splitlines() if line.startswith("error: ")]
    assert code == 1 and message in line and "Secret" not in printed
    assert sorted(path.name for path in tmp_path.iterdir() if path != folder) == ["notes"]


def test_what_is_not_notes_or_is_there_already_is_one_line(tag, tagger, tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text("id,body\n1,pain\n")
    code, printed = tag(tmp_path / "none.csv", tagger)
    assert code == 1 and "there is no" in printed and "none.csv" in printed
    code, printed = tag(path, tagger)
    assert code == 1 and "no column ['text', 'note_id']; it has ['id', 'body']" in printed
    columns = ("--text-column", "body", "--id-column", "id")
    code, printed = tag(path, tagger, *columns, "--encoding", "klingon")
    assert code == 1 and "encoding" in printed and "Traceback" not in printed
    (tmp_path / "out").mkdir()
    code, printed = tag(path, tagger, *columns)
    assert code == 1 and "out: it is there already; expected the name of a new folder" in printed
