"""Tagging: offsets are of the note, every row is accounted for, BRAT says what the table says."""

import csv
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.datasets.annotated import Findings
from palimpsest.datasets.formats.brat import read_brat
from palimpsest.notes.config import FolderSource, TableSource
from palimpsest.notes.normalize import REJECTS
from palimpsest.notes.read import read_notes
from palimpsest.runtime.errors import UserError
from palimpsest.tagging.brat import lines
from palimpsest.tagging.tag import SPANS, TEXTS, decided, pieces, tag

TEXT = (
    "HISTORY:\n  She has chest\tpain. No fever; pain of the\nleft arm.\n\nPlan:\n- ECG\n"
    "- Pain relief as needed, and a control in two weeks with the doctor of\nthe ward.\n"
)
PAIN = re.compile(r"[Pp]ain(?: of the\s+left arm)?|doctor of\s+the ward")
NOTES = {
    "a/1": TEXT,
    "b": "Nothing to find here.",
    "c": "Pain — ça fait mal: pain 🙂 pain.\r\nPain",
}


def asked(kind, answer, labels):
    return SimpleNamespace(kind=kind, answer=answer, labels=labels)


class FindsPain:
    """Finds the word with its place; of the ward it says that it is a person."""

    asked = asked("spans", "spans", ["pain", "person"])

    def predict_texts(self, texts):
        return [
            [
                {"start": found.start(), "end": found.end(), "score": 0.5}
                | {"label": "person" if found[0].startswith("doctor") else "pain"}
                for found in PAIN.finditer(text)
            ]
            for text in texts
        ]


class Scores:
    """Says how sure it is of two labels: by whether a word stands there."""

    def __init__(self, kind, answer):
        self.asked = asked(kind, answer, ["pain", "fever"])

    def predict_texts(self, texts):
        return [
            [{"label": name, "score": 0.75 if name in text.lower() else 0.25}
             for name in ("fever", "pain")]
            for text in texts
        ]  # fmt: skip


def folder_source(path):
    named = {"name": "notes", "kind": "folder", "paths": [str(path)], "category": "note"}
    return FolderSource(**named, patient_id="file")


def tagged(tmp_path, notes, model, threshold=0.5):
    """What comes of some notes in a folder: the folder with the output."""
    for name, text in notes.items():
        path = tmp_path / "notes" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    out = tmp_path / "out"
    out.mkdir()
    parts = read_notes(folder_source(tmp_path / "notes"), False, lambda count: None)
    tag(parts, model, threshold, out)
    return out


def rows_of(out):
    return pq.read_table(out / "tags.parquet").to_pylist()


def by_the_rules(folder, name):
    """Text and spans of a note, by the rules of BRAT: gaps are at line ends alone."""
    text = (folder / f"{name}.txt").read_bytes().decode()
    found = []
    for line in (folder / f"{name}.ann").read_text(encoding="utf-8").splitlines():
        number, middle, mention = line.split("\t")
        assert re.fullmatch(r"T\d+", number)
        label, offsets = middle.split(" ", 1)
        parts = [tuple(map(int, part.split())) for part in offsets.split(";")]
        assert mention == " ".join(text[a:b] for a, b in parts).replace("\t", " ")
        for (_, end), (start, _) in zip(parts, parts[1:], strict=False):
            assert text[end:start].strip("\r\n") == ""
        found.append((parts[0][0], parts[-1][1], label))
    return text, found


def test_the_spans_of_brat_are_those_of_the_table_and_stand_where_they_say(tmp_path):
    out = tagged(tmp_path, NOTES, FindsPain())
    rows = rows_of(out)
    for row in rows:
        assert NOTES[row["note_id"]][row["start"] : row["end"]] == row["text"]
    for note, name in (("a/1", "a%2F1"), ("b", "b"), ("c", "c")):
        text, found = by_the_rules(out / "brat", name)
        assert text == NOTES[note]
        assert found == [
            (row["start"], row["end"], row["label"]) for row in rows if row["note_id"] == note
        ]
        # Nothing here goes over the end of a sentence, so that all of it is found.
        assert found == [
            (one.start(), one.end(), "person" if one[0][0] == "d" else "pain")
            for one in PAIN.finditer(NOTES[note])
        ]
    assert sum("\n" in row["text"] for row in rows) == 2
    conf = (out / "brat/annotation.conf").read_text()
    assert conf.startswith("[entities]\npain\nperson\n\n[relations]\n")
    manifest = json.loads((out / "tags.json").read_text())
    assert manifest["account"] == {"in": 3, "kept": 3, "rejected": {}, "failed": {}}
    assert manifest["by_label"] == {"pain": 7, "person": 1} and manifest["rows"] == 8


def test_the_reader_of_brat_reads_what_was_written(tmp_path):
    out = tagged(tmp_path, NOTES, FindsPain())
    spec = SimpleNamespace(reading=SimpleNamespace(encoding="utf-8"))
    for note, name in (("a/1", "a%2F1"), ("b", "b"), ("c", "c")):
        paths = [out / "brat" / f"{name}{ending}" for ending in (".txt", ".ann")]
        (document,) = read_brat(paths, spec, Findings())
        assert document.text == NOTES[note]
        assert [(one.start, one.end, one.label) for one in document.entities] == [
            (row["start"], row["end"], row["label"])
            for row in rows_of(out)
            if row["note_id"] == note
        ]


@given(st.text(st.sampled_from("a. \n\r\t•:AB7;—"), max_size=60), st.sampled_from(["spans", "x"]))
def test_pieces_hold_all_of_a_note_but_blanks_and_overlap_nowhere(text, kind):
    found = pieces(text, "spans" if kind == "spans" else "documents")
    assert all(end <= start for (_, end), (start, _) in zip(found, found[1:], strict=False))
    held = "".join(text[start:end] for start, end in found)
    assert "".join(held.split()) == "".join(text.split())
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in found) or (
        kind != "spans"
    )


@given(st.text(st.sampled_from("ab\n\r\t\u2028\x0c"), min_size=1, max_size=20), st.data())
def test_a_line_of_brat_is_one_line_and_says_the_text(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    (line,) = lines(text, [{"start": start, "end": end, "label": "x"}])
    assert line.endswith("\n") and len(line.splitlines()) == 1 and line.count("\t") == 2


def test_rows_that_are_no_notes_are_counted_and_named(tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text(
        'id,body\n1,"She has pain."\n2,\n3,"Damaged\n1,Again pain.\n,No id.\n4,"Pain, again."\n'
    )
    columns = {"text": "body", "note_id": "id", "patient_id": "id"}
    source = TableSource(
        name="notes", kind="table", paths=[str(path)], columns=columns, category="note"
    )
    parts = read_notes(source, False, lambda count: None)
    done = tag(parts, FindsPain(), 0.5, tmp_path, model_sha256="0" * 64)
    manifest = json.loads((tmp_path / "tags.json").read_text())
    account = manifest["account"]
    with (tmp_path / "rejects.csv").open(newline="") as stream:
        rejects = list(csv.DictReader(stream))
    reasons = [row["reason"] for row in rejects]
    assert {"empty_text", "duplicate_note_id", "missing_note_id"} < set(reasons)
    assert account["in"] == account["kept"] + len(rejects) == done.entered == 6
    assert account["rejected"] == {reason: reasons.count(reason) for reason in sorted(reasons)}
    assert {row["note_id"] for row in rows_of(tmp_path)} == {"1", "4"}
    assert all(row["file"] == "notes.csv" and row["row"].isdigit() for row in rejects)


def test_sentences_have_the_labels_from_the_threshold_on(tmp_path):
    text = "She has pain and fever today.\nNo complaint of any kind."
    model = Scores("sentences", "several_labels")
    out = tagged(tmp_path, {"n": text}, model)
    rows = rows_of(out)
    assert [row["labels"] for row in rows] == [["pain", "fever"], []]
    assert [row["scores"] for row in rows] == [[0.75, 0.75], [0.25, 0.25]]
    assert [text[row["start"] : row["end"]] for row in rows] == [row["text"] for row in rows]
    assert not (out / "brat").exists()
    manifest = json.loads((out / "tags.json").read_text())
    assert manifest["by_label"] == {"pain": 1, "fever": 1}
    assert manifest["labels"] == ["pain", "fever"]  # of the scores
    scored = [{"label": "pain", "score": 0.25}, {"label": "fever", "score": 0.2}]
    assert decided(scored, model.asked, 0.25)["labels"] == ["pain"]


def test_a_document_has_its_likeliest_label(tmp_path):
    out = tagged(tmp_path, {"n": "Fever.\nNothing else."}, Scores("documents", "one_label"))
    (row,) = rows_of(out)
    assert row["labels"] == ["fever"] and (row["start"], row["end"]) == (0, 20)


@pytest.mark.parametrize("most", [1, 3, 2_000])
def test_how_many_are_labelled_at_once_changes_nothing(tmp_path, monkeypatch, most):
    monkeypatch.setattr("palimpsest.tagging.tag.PIECES", most)
    out = tagged(tmp_path, NOTES, FindsPain())
    assert len(rows_of(out)) == 8 and len(list((out / "brat").glob("*.ann"))) == 3


def test_names_of_files_are_apart_whatever_the_ids(tmp_path):
    ids = ["A", "a", "a%41", "..", "x" * 200, "x" * 199 + "y", "Ä"]
    out = tmp_path / "out"
    out.mkdir()
    notes = SimpleNamespace(
        select=lambda names: SimpleNamespace(
            to_pylist=lambda: [{"note_id": one, "text": f"Pain of {one}."} for one in ids]
        )
    )
    part = SimpleNamespace(entered=len(ids), notes=notes, rejected=REJECTS.empty_table())
    tag([part], FindsPain(), 0.5, out)
    names = [path.stem for path in (out / "brat").glob("*.txt")]
    assert len({name.casefold() for name in names}) == len(ids)
    assert {path.read_text() for path in (out / "brat").glob("*.txt")} == {
        f"Pain of {one}." for one in ids
    }


def test_what_cannot_be_tagged_is_an_error(tmp_path):
    with pytest.raises(UserError, match="of kind 'pairs'; notes are tagged by models of"):
        tag([], SimpleNamespace(asked=asked("pairs", "one_label", [])), 0.5, tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/empty.txt").touch()
    with pytest.raises(UserError, match=r"no note is left of 1 rows: \{'empty_text': 1\}"):
        tagged(tmp_path, {}, FindsPain())


class Wrong(FindsPain):
    def predict_texts(self, texts):
        return [[{"start": 0, "end": 99, "label": "pain", "score": 1.0}] for _ in texts]


def test_a_span_beyond_its_text_is_an_error(tmp_path):
    with pytest.raises(
        UserError, match="note n: the model found characters 0 to 99 in a text of 5"
    ):
        tagged(tmp_path, {"n": "Pain."}, Wrong())


def test_the_columns_are_documented():
    text = (Path(__file__).parents[3] / "docs/tagging.md").read_text(encoding="utf-8")
    table = text.split("| column | meaning |\n|---|---|\n")[1].split("\n\n")[0]
    first_cells = " ".join(line.split("|")[1] for line in table.splitlines())
    named = re.findall(r"`(\w+)`", first_cells)
    assert named == list(dict.fromkeys(SPANS.names + TEXTS.names))
