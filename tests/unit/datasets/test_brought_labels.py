"""Labels and ids as other programs write them: read, or explained without a word of the texts."""

import json
import re
from collections import Counter

import datasets
import pandas as pd
import pytest
from collecting import collect, write_files

from palimpsest.datasets.annotated import Entity, shown
from palimpsest.datasets.cells import labels_in
from palimpsest.datasets.config import CollectSpec, Reading
from palimpsest.datasets.policies import apart
from palimpsest.datasets.sentences import SentencesReader
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError

ROW = {"text": "Secret names.", "labels": "memory", "patient_id": "p1", "note_id": "n1"}


def sentences(*paths):
    spec = {"kind": "sentences", "made_by": "experts", "labels": ["memory", "gait"], "seed": 1}
    spec |= {"answer": "several_labels", "unit": "patient", "titles": {"memory loss": "memory"}}
    read = SentencesReader(CollectSpec(**spec, splits={"train": 1, "valid": 0, "test": 0}))
    rows = list(read.of_files(list(paths), Account()))
    return [row for row in rows if not isinstance(row, Rejected)], [
        row.reason for row in rows if isinstance(row, Rejected)
    ]


@pytest.mark.parametrize(
    "cell",
    ["['a', 'b']", '["a", "b"]', "['a' 'b']", "['a'\n 'b']", "('a', 'b')", "{'a', 'b'}", "a; b",
     "a|b", "[ 'a','b', ]", "['\\x61', 'b']"],
)  # fmt: skip
def test_lists_of_any_program_are_lists(cell):
    assert labels_in(cell) == ["a", "b"]


@pytest.mark.parametrize("cell", ["", " ", "[]", "none", "None", "['none']", "()", "set()", "{}"])
def test_no_label_in_any_spelling(cell):
    assert labels_in(cell) == []


@pytest.mark.parametrize("cell", ["['a'", "['a', 1]", "[a]", "['a'; 'b']", "[" * 9999, "{'a': 1}"])
def test_what_is_no_list_is_rejected(cell):
    assert labels_in(cell) == "invalid_labels"


@pytest.mark.parametrize("cell", ["['a' " + " " * 50_000 + "x", "[" + "'a'," * 50_000 + "x"])
def test_no_cell_hangs(cell):
    assert labels_in(cell) == "invalid_labels"


def test_labels_of_parquet_are_lists_texts_or_classes(tmp_path):
    names = datasets.ClassLabel(names=["gait", "Memory loss"])
    kinds = {
        "class": (names, [1, 0]), "classes": (datasets.List(names), [[1], [0]]),
        "texts": (datasets.List(datasets.Value("string")), [["memory"], ["gait"]]),
    }  # fmt: skip
    for kind, (feature, labels) in kinds.items():
        columns = {name: [ROW[name], f"{ROW[name]} more"] for name in ROW} | {"labels": labels}
        features = {name: datasets.Value("string") for name in ROW} | {"labels": feature}
        made = datasets.Dataset.from_dict(columns, features=datasets.Features(features))
        made.to_parquet(str(tmp_path / f"{kind}.parquet"))
        kept, rejected = sentences(tmp_path / f"{kind}.parquet")
        assert [row["labels"] for row in kept] == [["memory"], ["gait"]] and not rejected


def test_ids_are_spelled_as_those_of_sources(tmp_path):
    ids = ["10006", "10006.0", " 10006", "nan", "007"]
    rows = [ROW | {"patient_id": one, "text": f"{at}"} for at, one in enumerate(ids)]
    frame = pd.DataFrame(rows).assign(note_id=[f"n{at}" for at in range(5)])
    frame.to_csv(tmp_path / "gold.csv", index=False)
    kept, rejected = sentences(tmp_path / "gold.csv")
    assert [row["group"] for row in kept] == ["10006"] * 3 + ["007"]
    assert rejected == ["missing_patient_id"]
    frame.assign(patient_id="1.2E+12").to_csv(tmp_path / "gold.csv", index=False)
    with pytest.raises(UserError, match="gold.csv: row 1: an id is a number whose last digits"):
        sentences(tmp_path / "gold.csv")


def test_files_that_other_programs_joined_or_split(tmp_path):
    lines = pd.DataFrame([ROW]).to_csv(index=False)
    (tmp_path / "gold.csv").write_text(lines + lines.replace("names", "falls"))
    kept, rejected = sentences(tmp_path / "gold.csv")
    assert len(kept) == 2 and rejected == ["repeated_header"]
    write_files(tmp_path, {"g.csv/part-0.csv": lines, "g.csv/_SUCCESS": "", "g.csv/.x.csv": "y"})
    assert len(sentences(tmp_path / "g.csv")[0]) == 1
    twice = "text,labels,patient_id,note_id,split,split\nSecret,memory,p,n,train,test\n"
    (tmp_path / "twice.csv").write_text(twice)
    with pytest.raises(UserError, match=r"columns \['split'\] are there more than once"):
        sentences(tmp_path / "twice.csv")


def test_a_split_that_is_none_is_named(monkeypatch, tmp_path):
    rows = [{"t": f"Secret {at}", "l": "ab"[at % 2], "s": "holdout"} for at in range(9)]
    pd.DataFrame(rows).to_csv(tmp_path / "all.csv", index=False)
    columns = {"text": "t", "labels": "l", "split": "s"}
    with pytest.raises(UserError, match=r"'unknown_split': 9.*no splits: \{'holdout': 9\}"):
        collect(
            monkeypatch, tmp_path, kind="documents", format="table", files=["all.csv"],
            labels=["a", "b"], columns=columns,
        )  # fmt: skip


def test_a_training_set_of_one_class_is_an_error(monkeypatch, tmp_path):
    rows = [
        {"t": f"Secret {split} {at}", "l": "a" if split == "train" else "ab"[at % 2], "s": split}
        for split in ("train", "dev", "test")
        for at in range(4)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "all.csv", index=False)
    columns = {"text": "t", "labels": "l", "split": "s"}
    with pytest.raises(UserError, match=r"all 4 train examples have the label \['a'\]"):
        collect(
            monkeypatch, tmp_path, kind="documents", format="table", files=["all.csv"],
            labels=["a", "b"], columns=columns,
        )  # fmt: skip


def test_labels_that_may_be_text_are_counted_and_not_shown():
    assert shown(Counter({"mood": 2, "2": 1, "Gait disorder": 3})) == (
        "{'Gait disorder': 3, 'mood': 2, '2': 1}"
    )
    said = shown(Counter({f"Secret John {at}": 1 for at in range(30)} | {"mood": 1}))
    assert said == "of 31 kinds in 31 places, which read like text and are not shown"
    assert shown(Counter({"Secret John": 1, "mood": 1})) == "{'mood': 1} and 1 more"


def test_what_reads_like_its_own_text_is_not_shown(monkeypatch, tmp_path):
    """A column of short texts or names may be mistaken for that of labels or splits."""
    rows = [{"t": f"Mr. Secret has pain {at}", "l": "Secret", "s": "b"} for at in range(9)]
    pd.DataFrame(rows).to_csv(tmp_path / "all.csv", index=False)
    declared = {"kind": "documents", "format": "table", "files": ["all.csv"], "labels": ["a", "b"]}
    for columns in ({"labels": "l", "split": "s"}, {"labels": "s", "split": "l"}):
        with pytest.raises(UserError, match="of 1 kinds in 9 places, which read like") as raised:
            collect(monkeypatch, tmp_path, **declared, columns={"text": "t", **columns})
        assert "Secret" not in str(raised.value)


def test_conll_whose_lines_end_in_cr_is_an_error(monkeypatch, tmp_path):
    files = {f"{split}.conll": "Secret\tO\rpain\tB-problem\r" for split in ("a", "b", "c")}
    write_files(tmp_path, files)
    paths = {"train": "a.conll", "valid": "b.conll", "test": "c.conll"}
    with pytest.raises(UserError, match="a.conll: its lines end in CR alone"):
        collect(monkeypatch, tmp_path, kind="spans", files=paths, labels=["problem"])


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        ({"offset": 0, "text": "Secret \ud83d"}, "'lone_surrogate': 3"),
        ({"offset": 0, "text": "Secret \0"}, "'nul_byte': 3"),
        ({"offset": 10**12, "text": "Secret"}, "a passage at 1000000000000, far behind"),
        ({"offset": 0, "text": ["Secret"]}, r"expected BioC with passages, .*\(TypeError\)"),
        ({"offset": 1e400, "text": "Secret"}, r"expected BioC with passages, .*\(OverflowError\)"),
    ],
)
def test_bioc_that_no_table_can_hold(monkeypatch, tmp_path, document, wanted):
    values = {"documents": [{"id": "1", "passages": [document]}]}
    write_files(tmp_path, {f"{split}.json": json.dumps(values) for split in ("a", "b", "c")})
    paths = {"train": "a.json", "valid": "b.json", "test": "c.json"}
    with pytest.raises(UserError, match=wanted) as raised:
        collect(monkeypatch, tmp_path, kind="spans", files=paths, labels=["problem"], format="bioc")
    assert "Secret" not in re.sub(r"\s", " ", str(raised.value))


def overlapping(count):
    return [Entity(at, at + 2, "a", f"x:{at}") for at in range(0, count, 3)] + [
        Entity(at + 1, at + 5, "b", f"y:{at}") for at in range(0, count, 30)
    ]


@pytest.mark.parametrize("policy", ["longest", "first", "reject"])
def test_many_entities_are_kept_apart_as_few_are(policy):
    entities = overlapping(120)
    reading, account = Reading(overlaps=policy), Account()
    kept = apart(entities, reading, account)
    pairs = [(one, two) for one in kept for two in kept if one is not two]
    assert not [pair for pair in pairs if max(p.start for p in pair) < min(p.end for p in pair)]
    assert len(kept) + account.rejected["overlap"] == len(entities)
    assert [one.start for one in kept] == sorted(one.start for one in kept)
    if policy == "reject":
        assert all(one.label == "a" for one in kept) and len(kept) == 32
    apart(overlapping(60_000), reading, Account())
