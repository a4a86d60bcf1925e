"""Texts, pairs and concepts in tables, XML, folders and NegEx: each row is used or counted."""

import json
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from collecting import collect, write_files

from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.texts import TextsReader
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError

SPLITS = ("train", "valid", "test")
NLI = ["entailment", "contradiction", "neutral"]


def jsonl(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def nli(split, *labels):
    return jsonl(
        *(
            {"gold_label": label, "sentence1": f"He has pain in {split}.", "pairID": f"{split}{n}"}
            | {"sentence2": f"He hurts {n}.", "sentence1_parse": "(ROOT)"}
            for n, label in enumerate(labels)
        )
    )


def files(ending):
    return {split: f"{split}{ending}" for split in SPLITS}


def test_mednli(monkeypatch, tmp_path):
    write_files(tmp_path, {f"{split}.jsonl": nli(split, *NLI) for split in SPLITS})
    made = collect(
        monkeypatch, tmp_path, kind="pairs", format="mednli", files=files(".jsonl"), labels=NLI
    )
    assert made.labels() == dict.fromkeys(NLI, 3)
    assert (made.dataset.answer, made.dataset.unit) == ("one_label", "text")
    (group,) = {row["group"] for row in made.dataset.rows if row["split"] == "test"}
    row = next(row for row in made.dataset.rows if row["labels"] == ["neutral"])
    assert row["second"] == "He hurts 2." and row["text"].startswith("He has pain in")
    assert row["marks"] == [] and row["value"] is None and row["group"] != row["example_id"]


def test_pairs_of_one_premise_are_in_one_split_and_a_new_one_moves_nobody(monkeypatch, tmp_path):
    def split_by_premise(premises):
        rows = [
            {"a": f"Premise {number}.", "b": f"{label}?", "c": label}
            for number in premises
            for label in ("yes", "no")
        ]
        pd.DataFrame(rows).to_csv(tmp_path / "all.csv", index=False)
        made = collect(
            monkeypatch, tmp_path, kind="pairs", format="table", files=["all.csv"],
            labels=["yes", "no"], columns={"text": "a", "second": "b", "labels": "c"},
        )  # fmt: skip
        return {(row["example_id"], row["text"]): row["split"] for row in made.dataset.rows}

    few, more = split_by_premise(range(30)), split_by_premise([77, *range(30)])
    assert len(few) == 60 and few == {key: more[key] for key in few}
    splits = {}
    for (_, premise), split in few.items():
        assert splits.setdefault(premise, split) == split
    assert set(splits.values()) == set(SPLITS)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_tables_with_a_patient_and_a_split(monkeypatch, tmp_path, ending):
    rows = [
        {"note": f'Has "pain", {number}', "kind": "yes", "who": f"p{number}", "part": part}
        for number, part in enumerate(["train", "dev", "Test"])
    ]
    others = [{**rows[0], "who": f"p9{part}", "part": part} for part in ("fold", "")]
    frame = pd.DataFrame([*rows, *others])
    path = tmp_path / f"all{ending}"
    if ending == ".parquet":
        frame.to_parquet(path)
    elif ending == ".jsonl":
        path.write_text(jsonl(*frame.to_dict("records")))
    else:
        frame.to_csv(path, index=False, sep="\t" if ending == ".tsv" else ",")
    made = collect(
        monkeypatch, tmp_path, kind="documents", format="table", files=[f"all{ending}"],
        columns={"text": "note", "labels": "kind", "patient": "who", "split": "part"},
        labels=["yes"],
    )  # fmt: skip
    assert {row["group"]: row["split"] for row in made.dataset.rows} == {
        "p0": "train", "p1": "valid", "p2": "test",
    }  # fmt: skip
    assert made.manifest["unit"] == "patient"
    assert [row[3] for row in made.rejects] == ["unknown_split"] * 2


def documents(monkeypatch, folder, cells, answer="several_labels", labels=("a", "b"), **more):
    rows = [
        {"t": f"Text {split} {number}.", "l": cell, "split": split}
        for split in SPLITS
        for number, cell in enumerate(cells)
    ]
    pd.DataFrame(rows).to_csv(folder / "all.csv", index=False)
    return collect(
        monkeypatch, folder, kind="documents", format="table", files=["all.csv"], answer=answer,
        labels=list(labels), columns={"text": "t", "labels": "l", "split": "split"}, **more,
    )  # fmt: skip


def test_several_labels_are_in_the_order_of_the_dataset(monkeypatch, tmp_path):
    made = documents(monkeypatch, tmp_path, ["b;a", "['a', 'b']", '["b"]', "none", "", "b|x"],
                     leave_out=["x"])  # fmt: skip
    given = Counter(tuple(row["labels"]) for row in made.dataset.rows)
    assert given == {("a", "b"): 6, ("b",): 6, (): 6}
    assert made.manifest["left_out"] == {"x": 3} and made.dataset.answer == "several_labels"
    with pytest.raises(UserError, match=r"all\.csv: row 1: unknown labels \{'b': 6, 'c': 3\}"):
        documents(monkeypatch, tmp_path, ["b;a", "b;c"], labels=["a"])
    with pytest.raises(UserError, match=r"none of the 1 train examples has one of the labels"):
        documents(monkeypatch, tmp_path, ["none"])


def test_one_label_is_one_and_others_are_counted(monkeypatch, tmp_path):
    made = documents(
        monkeypatch, tmp_path, ["a", "b", "", "-", "old"], "one_label", leave_out=["-"],
        rename={"old": "b"},
    )  # fmt: skip
    assert made.labels() == {"a": 3, "b": 6}
    assert made.manifest["account"]["rejected"]["missing_labels"] == 3
    assert made.manifest["account"]["rejected"]["label_left_out"] == 3
    assert made.manifest["left_out"] == {"-": 3}
    with pytest.raises(UserError) as raised:
        documents(monkeypatch, tmp_path, ["a", "He was seen today with pain again"], "one_label")
    assert "unknown labels of 1 kinds in 3 places, which read like text and are not shown" in str(
        raised.value
    )


def test_numbers_of_pairs(monkeypatch, tmp_path):
    rows = [
        {"s1": f"A {split}.", "s2": f"B {value}.", "score": value}
        for split in SPLITS
        for value in ("2.5", "0", "nan", "", "high")
    ]
    for split in SPLITS:
        part = [row for row in rows if split in row["s1"]]
        write_files(tmp_path, {f"{split}.jsonl": jsonl(*part)})
    made = collect(
        monkeypatch, tmp_path, kind="pairs", format="table", files=files(".jsonl"), answer="number",
        columns={"text": "s1", "second": "s2", "value": "score"},
    )  # fmt: skip
    assert Counter(row["value"] for row in made.dataset.rows) == {2.5: 3, 0.0: 3}
    assert made.manifest["account"]["rejected"]["invalid_value"] == 9
    assert made.dataset.answer == "number" and made.dataset.labels == []


XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<made><pair pid="1" value="true"><chq>
  Is <b>zinc</b> good, SPLIT?
</chq><faq>What does zinc do?</faq></pair>
<pair pid="2" value="false"><chq>Is it &lt; 5?</chq><faq>How many?</faq></pair>
<pair pid="3" value="false"><chq>Why?</chq><faq> </faq></pair></made>
"""


def test_pairs_in_xml(monkeypatch, tmp_path):
    write_files(tmp_path, {f"{split}.xml": XML.replace("SPLIT", split) for split in SPLITS})
    declared = {"kind": "pairs", "format": "xml", "files": files(".xml")}
    declared |= {"labels": ["true", "false"]}
    columns = {"text": "chq", "second": "faq", "labels": "value"}
    made = collect(monkeypatch, tmp_path, **declared, columns=columns)
    assert made.labels() == {"true": 3, "false": 3}
    assert made.manifest["account"]["rejected"]["empty_second"] == 3
    assert [row[1] for row in made.rejects] == ["3", "3", "3"]
    assert {"Is zinc good, test?", "Is it < 5?"} == set(made.texts("test"))
    with pytest.raises(UserError, match=r"train\.xml:2: no attribute or element 'la"):
        collect(monkeypatch, tmp_path, **declared, columns={**columns, "labels": "label"})
    twice = XML.replace("</pair>", "<faq>Secret</faq></pair>", 1)
    write_files(tmp_path, {f"{split}.xml": twice for split in SPLITS})
    with pytest.raises(UserError, match=r"train\.xml:2: 2 of the name 'faq' here; expected one"):
        collect(monkeypatch, tmp_path, **declared, columns=columns)


def test_folders_of_labels_beside_texts(monkeypatch, tmp_path):
    contents = {}
    for split in SPLITS:
        contents |= {
            f"{split}/text/1.txt": f"Cells grow {split}.",
            f"{split}/labels/1.txt": "growth;spread\n",
            f"{split}/text/2.txt": f"Nothing {split}.", f"{split}/labels/2.txt": "NULL\n",
            f"{split}/text/3.txt": f"Unlabelled {split}.",
        }  # fmt: skip
    write_files(tmp_path, contents)
    declared = {
        "kind": "documents",
        "format": "folders",
        "files": {split: split for split in SPLITS},
    }
    declared |= {"label_folder": "labels", "answer": "several_labels"}
    made = collect(monkeypatch, tmp_path, **declared, labels=["spread", "growth"])
    assert Counter(tuple(row["labels"]) for row in made.dataset.rows) == {
        ("spread", "growth"): 3, (): 3,
    }  # fmt: skip
    assert made.manifest["account"]["rejected"]["without_labels"] == 3
    write_files(tmp_path, {"test/labels/9.txt": "growth"})
    with pytest.raises(UserError, match=r"labels/9\.txt: there is no text of this name"):
        collect(monkeypatch, tmp_path, **declared, labels=["spread", "growth"])
    (tmp_path / "test/labels/9.txt").unlink()
    write_files(tmp_path, {"test/labels/1.txt": "mood"})
    with pytest.raises(UserError, match=r"test/labels/1\.txt: unknown labels \{'mood': 1\}"):
        collect(monkeypatch, tmp_path, **declared, labels=["spread", "growth"])


def test_a_folder_may_be_the_label(monkeypatch, tmp_path):
    write_files(
        tmp_path,
        {f"{split}/{label}/1.txt": f"{label} {split}" for split in SPLITS for label in ("x", "y")},
    )
    made = collect(
        monkeypatch, tmp_path, kind="documents", format="folders", labels=["x", "y"],
        files={split: split for split in SPLITS},
    )  # fmt: skip
    assert made.labels() == {"x": 3, "y": 3} and made.manifest["unit"] == "document"
    assert {row["note_id"] for row in made.dataset.rows} == {"x/1", "y/1"}


NEGEX = """\
Number\tConcept\tSentence\tNegation
1\tchest pain\tThe patient "denies" CHEST PAIN, SPLIT.\tNegated
2\tfever\tFever of 39.\tAffirmed
3\trash\tNo skin changes.\tNegated
"""


def test_negex(monkeypatch, tmp_path):
    write_files(tmp_path, {f"{split}.txt": NEGEX.replace("SPLIT", split) for split in SPLITS})
    declared = {"kind": "assertion", "format": "negex", "labels": ["Negated", "Affirmed"]}
    made = collect(monkeypatch, tmp_path, **declared, files=files(".txt"))
    assert made.mentions() == {("CHEST PAIN", None): 3, ("Fever", None): 3}
    assert made.labels() == {"Negated": 3, "Affirmed": 3} and made.dataset.unit == "sentence"
    assert made.manifest["account"]["rejected"]["concept_not_found"] == 3
    assert [row[1:] for row in made.rejects] == [["4", "", "concept_not_found"]] * 3
    write_files(tmp_path, {"test.txt": "1\tfever\tFever.\n"})
    with pytest.raises(UserError, match=r"test\.txt:1: 3 columns, expected number, concept"):
        collect(monkeypatch, tmp_path, **declared, files=files(".txt"))
    write_files(tmp_path, {"test.txt": NEGEX + "5\tfever\tFever.\tMaybe\n"})
    with pytest.raises(UserError, match=r"test\.txt:5: unknown labels \{'Maybe': 1\}"):
        collect(monkeypatch, tmp_path, **declared, files=files(".txt"))


def test_concepts_in_a_table(monkeypatch, tmp_path):
    rows = [{"s": f"No rash {split}.", "c": "rash", "l": "absent"} for split in SPLITS]
    for row, split in zip(rows, SPLITS, strict=True):
        write_files(tmp_path, {f"{split}.jsonl": jsonl(row)})
    made = collect(
        monkeypatch, tmp_path, kind="assertion", format="table", files=files(".jsonl"),
        labels=["absent"], columns={"text": "s", "concept": "c", "labels": "l"},
    )  # fmt: skip
    assert made.mentions() == {("rash", None): 3}


def test_lists_say_which_split_a_document_is_of(monkeypatch, tmp_path):
    names = {"1": "train", "2": "valid", "3": "test", "4": "test"}
    write_files(tmp_path, {f"all/x/{name}.txt": f"Text {name}" for name in [*names, "5"]})
    for split in SPLITS:
        listed = [name for name, given in names.items() if given == split]
        write_files(tmp_path, {f"{split}.list": "\n".join([*listed, ""])})
    declared = {"kind": "documents", "format": "folders", "labels": ["x"]}
    declared["files"] = {"all": "all", "listed": files(".list")}
    with (tmp_path / "train.list").open("a") as stream:
        stream.write("x/1\nx/8\n")
    for split in SPLITS:
        path = tmp_path / f"{split}.list"
        path.write_text("".join(f"x/{line}\n" if "/" not in line else f"{line}\n"
                                for line in path.read_text().split()))  # fmt: skip
    made = collect(monkeypatch, tmp_path, **declared)
    assert {row["note_id"]: row["split"] for row in made.dataset.rows} == {
        f"x/{name}": split for name, split in names.items()
    }
    assert made.manifest["account"]["rejected"]["not_listed"] == 1
    assert made.manifest["listed_and_absent"] == 1
    (tmp_path / "test.list").write_text("x/3\nx/1\n")
    with pytest.raises(UserError, match=r"test\.list:2: the document is also listed as train"):
        collect(monkeypatch, tmp_path, **declared)


def test_a_share_of_train_may_be_valid(monkeypatch, tmp_path):
    texts = {f"train/x/{number}.txt": f"Text {number}" for number in range(60)}
    write_files(tmp_path, {**texts, "test/x/1.txt": "Another text."})
    made = collect(
        monkeypatch, tmp_path, kind="documents", format="folders", labels=["x"],
        files={"train": "train", "valid_share": 0.3, "test": "test"},
    )  # fmt: skip
    counts = made.manifest["splits"]
    assert counts["test"] == 1 and 8 <= counts["valid"] <= 28
    # Both splits have a document of that name.
    assert len({row["example_id"] for row in made.dataset.rows}) == 61


def test_a_document_counts_once_and_stays_in_the_first_split(monkeypatch, tmp_path):
    texts = {f"{split}/x/{split}.txt": f"Text {split}" for split in SPLITS}
    write_files(tmp_path, {**texts, "test/x/copy.txt": "Text train"})
    made = collect(
        monkeypatch, tmp_path, kind="documents", format="folders", labels=["x"],
        files={split: split for split in SPLITS},
    )  # fmt: skip
    assert made.manifest["account"]["rejected"]["duplicate_document"] == 1
    assert made.manifest["splits"] == dict.fromkeys(SPLITS, 1)


def test_a_file_is_of_one_split(monkeypatch, tmp_path):
    write_files(tmp_path, {f"all/{split}/x/{split}.txt": split for split in SPLITS})
    with pytest.raises(UserError, match=r"all/test/x/test\.txt is of two splits, expected of one"):
        collect(
            monkeypatch, tmp_path, kind="documents", format="folders", labels=["x"],
            files={"train": "all", "valid_share": 0.5, "test": "all/test"},
        )  # fmt: skip


def test_a_document_that_no_list_names_does_not_count_as_the_first_of_its_text(
    monkeypatch, tmp_path
):
    texts = {"all/x/0.txt": "Text 1"} | {f"all/x/{n}.txt": f"Text {n}" for n in (1, 2, 3)}
    lists = {f"{split}.list": f"x/{n}\n" for n, split in enumerate(SPLITS, start=1)}
    write_files(tmp_path, texts | lists)
    made = collect(
        monkeypatch, tmp_path, kind="documents", format="folders", labels=["x"],
        files={"all": "all", "listed": files(".list")},
    )  # fmt: skip
    assert {row["note_id"] for row in made.dataset.rows} == {"x/1", "x/2", "x/3"}
    assert made.manifest["account"]["rejected"]["not_listed"] == 1
    assert made.manifest["listed_and_absent"] == 0


def test_a_budget_takes_the_first_of_the_same_examples(monkeypatch, tmp_path):
    write_files(tmp_path, {f"{split}.jsonl": nli(split, *NLI * 5) for split in SPLITS})
    declared = {"kind": "pairs", "format": "mednli", "files": files(".jsonl"), "labels": NLI}
    whole = collect(monkeypatch, tmp_path, **declared).dataset.of_split("train")
    some = collect(monkeypatch, tmp_path, **declared, examples=dict.fromkeys(SPLITS, 4))
    assert len(whole) == 15 and some.dataset.of_split("train") == whole[:4]
    assert some.manifest["account"]["rejected"] == {"beyond_budget": 33}


def test_pairs_of_a_note():
    text = "He is 75. He fell."
    pairs = [
        {"start": 0, "end": 9, "hypothesis": "He is old.", "label": "entailment"},
        {"start": 10, "end": 18, "hypothesis": "He is 80.", "label": "contradiction"},
    ]
    note = {"note_id": "n", "patient_id": "p", "split": "train", "text": text, "pairs": pairs}
    spec = {"kind": "pairs", "made_by": "generator", "labels": ["entailment"], "seed": 1}
    reader = TextsReader(CollectSpec(**spec, answer="one_label", unit="patient"))
    account = Account()
    (row,) = reader.of_note(note, account)
    assert (row["text"], row["second"], row["labels"]) == (
        "He is 75.",
        "He is old.",
        ["entailment"],
    )
    assert row["example_id"].startswith("n:0-9:") and row["group"] == "p"
    assert account.rejected == {"label_left_out": 1} and reader.left_out == {"contradiction": 1}


REAL = Path(__file__).parents[4] / "shared" / "data" / "rqe"


@pytest.mark.skipif(not REAL.exists(), reason="the data is not here")
def test_counts_of_real_pairs_are_those_of_a_search(monkeypatch, tmp_path):
    train = REAL / "RQE_Train_8588_AMIA2016.xml"
    test = REAL / "RQE_Test_302_pairs_AMIA2016.xml"
    made = collect(
        monkeypatch, tmp_path, kind="pairs", format="xml", labels=["true", "false"],
        files={"train": str(train), "valid_share": 0.1, "test": str(test)},
        columns={"text": "chq", "second": "faq", "labels": "value"},
    )  # fmt: skip
    values = Counter(re.findall(r'value="(\w+)"', train.read_text() + test.read_text()))
    assert values.total() == 8890
    rejected = made.manifest["account"]["rejected"]
    assert made.labels().total() == 8890 - rejected["empty_second"] and rejected["empty_second"] < 5
    assert abs(made.labels()["true"] - values["true"]) < 5
    assert made.manifest["splits"]["test"] == 302
