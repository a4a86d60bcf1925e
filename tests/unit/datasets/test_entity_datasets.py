"""Assertions and relations: each entity, and each pair of them, is an example with its label."""

from collections import Counter

import pytest
from collecting import collect, same_in_each_split, write_files
from fixtures_of_formats import BIOC_JSON, BRAT_ANN, BRAT_TEXT, I2B2_2010, I2B2_2012

from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.entities import AssertionReader
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import TEXT_EXAMPLES

SPLITS = {"train": "train", "valid": "valid", "test": "test"}
ASSERTIONS = ["present", "absent"]
RELATIONS = ["TrAP", "TeRP", "none"]
PAIRS = [["treatment", "problem"], ["test", "problem"], ["problem", "problem"]]


def made_of(monkeypatch, folder, contents, **declared):
    files = same_in_each_split(contents)
    write_files(folder, {name: text + f"{name[:4]}\n" if name.endswith("txt") else text
                         for name, text in files.items()})  # fmt: skip
    return collect(monkeypatch, folder, files=SPLITS, **declared)


def examples(made, split="test"):
    """Marked texts, labels: of one split, in the order of the text."""
    rows = [row for row in made.dataset.rows if row["split"] == split]
    rows.sort(key=lambda row: [mark["start"] + row["start"] for mark in row["marks"]])
    return [
        (
            [row["text"][mark["start"] : mark["end"]] for mark in row["marks"]],
            [mark["label"] for mark in row["marks"]],
            row["labels"],
        )
        for row in rows
    ]


def test_assertions_of_i2b2_2010(monkeypatch, tmp_path):
    made = made_of(
        monkeypatch, tmp_path, I2B2_2010, kind="assertion", format="i2b2-2010", labels=ASSERTIONS
    )
    assert examples(made) == [
        (["chest  pain"], ["problem"], ["absent"]),
        (["a fever"], ["problem"], ["present"]),
        (["fever"], ["problem"], ["present"]),
        (["pneumonia"], ["problem"], ["absent"]),
    ]
    assert made.labels() == dict.fromkeys(ASSERTIONS, 6)
    assert (made.dataset.answer, made.dataset.unit) == ("one_label", "document")
    row = next(row for row in made.dataset.rows if row["note_id"] == "r1" and row["start"])
    assert set(row) == set(TEXT_EXAMPLES.names)
    assert row["text"] == row["text"].strip() and row["example_id"].startswith(
        ("r1:", row["split"])
    )


def test_assertions_of_attributes(monkeypatch, tmp_path):
    contents = {"d1.txt": BRAT_TEXT, "d1.ann": BRAT_ANN}
    declared = {"kind": "assertion", "format": "brat", "discontinuous": "hull"}
    declared |= {"attribute": "Negation", "rename": {"Negation": "negated"}}
    made = made_of(
        monkeypatch, tmp_path, contents, labels=["affirmed", "negated"], unmarked="affirmed",
        **declared,
    )  # fmt: skip
    assert made.labels() == {"affirmed": 12, "negated": 3}
    assert (["rash"], ["ADE"], ["negated"]) in examples(made)
    made = made_of(monkeypatch, tmp_path, contents, labels=["negated"], **declared)
    assert made.labels() == {"negated": 3}
    assert made.manifest["account"]["rejected"]["without_assertion"] == 12
    contents = {f"{split}/a.xml": I2B2_2012.replace("sats", split) for split in SPLITS}
    write_files(tmp_path, contents)
    made = collect(
        monkeypatch, tmp_path, files=SPLITS, kind="assertion", format="i2b2-2012",
        attribute="polarity", labels=["POS", "NEG"],
    )  # fmt: skip
    assert made.labels() == {"POS": 3, "NEG": 3}
    with pytest.raises(UserError, match=r"a\.xml:10: unknown labels \{'NEG': 3\}; exp"):
        collect(
            monkeypatch, tmp_path, files=SPLITS, kind="assertion", format="i2b2-2012",
            attribute="polarity", labels=["POS"],
        )  # fmt: skip


def relations(monkeypatch, folder, contents=I2B2_2010, **declared):
    declared = {"labels": RELATIONS, "none_label": "none", "pairs": PAIRS} | declared
    return made_of(
        monkeypatch, folder, contents, kind="relations", **{"format": "i2b2-2010"} | declared
    )


def test_every_pair_in_a_sentence_is_an_example_and_most_have_no_relation(monkeypatch, tmp_path):
    made = relations(monkeypatch, tmp_path)
    assert made.dataset.none_label == "none"
    # Line 3 has three problems. Line 4: Tylenol, fever, the CXR, pneumonia.
    assert Counter(str(found) for found in examples(made)) == Counter(
        str(found)
        for found in [
            (["chest  pain", "a fever"], ["problem", "problem"], ["none"]),
            (["chest  pain", '" cold "'], ["problem", "problem"], ["none"]),
            (["a fever", '" cold "'], ["problem", "problem"], ["none"]),
            (["Tylenol", "fever"], ["treatment", "problem"], ["TrAP"]),
            (["Tylenol", "pneumonia"], ["treatment", "problem"], ["none"]),
            (["the CXR", "fever"], ["test", "problem"], ["none"]),
            (["the CXR", "pneumonia"], ["test", "problem"], ["TeRP"]),
            (["fever", "pneumonia"], ["problem", "problem"], ["none"]),
        ]
    )
    assert made.manifest["entities_rejected"] == {}


def test_the_order_of_two_of_one_type_does_not_tell_the_label(monkeypatch, tmp_path):
    said = 'c="pneumonia" 4:10 4:10||r="PIP"||c="fever" 4:4 4:4\n'
    contents = {**I2B2_2010, "rel/r1.rel": said}
    made = relations(monkeypatch, tmp_path, contents, labels=["PIP", "none"])
    assert (["fever", "pneumonia"], ["problem", "problem"], ["PIP"]) in examples(made)
    assert made.labels() == {"none": 21, "PIP": 3}


def test_relations_that_are_no_example_are_counted(monkeypatch, tmp_path):
    across = 'c="chest  pain" 3:3 3:4||r="TrAP"||c="fever" 4:4 4:4\n'
    twice = 'c="tylenol" 4:0 4:0||r="TeRP"||c="fever" 4:4 4:4\n'
    contents = {**I2B2_2010, "rel/r1.rel": I2B2_2010["rel/r1.rel"] + across + twice}
    made = relations(monkeypatch, tmp_path, contents)
    rejected = made.manifest["account"]["rejected"]
    assert (rejected["relation_of_no_pair"], rejected["second_relation"]) == (3, 3)
    assert made.labels()["TrAP"] == made.labels()["TeRP"] == 3
    # One that is left out is no example of no relation.
    made = relations(monkeypatch, tmp_path, labels=["TrAP", "none"], leave_out=["TeRP"])
    assert made.labels() == {"TrAP": 3, "none": 18}
    assert made.manifest["left_out"] == {"TeRP": 3}
    assert made.manifest["account"]["rejected"]["label_left_out"] == 3


def test_a_relation_of_a_concept_that_is_not_there_is_an_error(monkeypatch, tmp_path):
    said = 'c="was" 4:1 4:1||r="TrAP"||c="fever" 4:4 4:4\n'
    with pytest.raises(UserError, match=r"r1\.rel:1: no concept at 4:1 4:1 in the \.con file"):
        relations(monkeypatch, tmp_path, {**I2B2_2010, "rel/r1.rel": said})


def test_relations_of_brat_and_bioc(monkeypatch, tmp_path):
    made = relations(
        monkeypatch, tmp_path, {"d1.txt": BRAT_TEXT, "d1.ann": BRAT_ANN}, format="brat",
        discontinuous="hull", labels=["Dosage-Drug", "none"], pairs=[["Dosage", "Drug"]],
    )  # fmt: skip
    assert examples(made) == [
        (["5 mg", "warfarin"], ["Dosage", "Drug"], ["Dosage-Drug"]),
        (["5 mg", "heparin"], ["Dosage", "Drug"], ["none"]),
    ]
    files = {f"{split}.json": BIOC_JSON.replace("loss.", f"loss {split}.") for split in SPLITS}
    write_files(tmp_path, files)
    made = collect(
        monkeypatch, tmp_path, kind="relations", format="bioc", discontinuous="hull",
        files={split: f"{split}.json" for split in SPLITS}, labels=["treats", "none"],
        none_label="none", pairs=[["Chemical", "Disease"]],
    )  # fmt: skip
    assert examples(made) == [(["Zinc", "skin and hair loss"], ["Chemical", "Disease"], ["treats"])]
    assert made.manifest["ignored"] == {"relation": 3}


def test_an_entity_that_crosses_sentences_has_both_around_it(monkeypatch, tmp_path):
    contents = {"d1.txt": "No rash. Pain is bad. Fine. ", "d1.ann": "T1\tADE 3 13\trash. Pain\n"}
    made = made_of(
        monkeypatch, tmp_path, contents, kind="assertion", format="brat", labels=["a", "b"],
        attribute="x", unmarked="a",
    )  # fmt: skip
    assert {row["text"] for row in made.dataset.rows} == {"No rash. Pain is bad."}


def test_assertions_of_a_note(monkeypatch):
    text = "Denies fever. Has a cough. Aspirin given."
    spans = [
        {"start": 7, "end": 12, "label": "problem", "assertion": "absent"},
        {"start": 20, "end": 25, "label": "problem", "assertion": "possible"},
        {"start": 27, "end": 34, "label": "treatment", "assertion": "present"},
    ]
    note = {"note_id": "n", "patient_id": "p", "split": "test", "text": text, "spans": spans}
    spec = {"kind": "assertion", "made_by": "generator", "labels": ["present", "absent"], "seed": 1}
    spec |= {"types": ["problem"], "answer": "one_label", "unit": "patient"}
    account, reader = Account(), AssertionReader(CollectSpec(**spec))
    (row,) = reader.of_note(note, account)
    assert (row["text"], row["labels"]) == ("Denies fever.", ["absent"])
    assert row["marks"] == [{"start": 7, "end": 12, "label": "problem"}]
    assert (row["start"], row["end"], row["group"]) == (0, 13, "p")
    assert account.rejected == {"label_left_out": 1, "type_left_out": 1}
    assert reader.left_out == {"possible": 1, "treatment": 1}
