"""What each check finds where it is, and that it finds nothing where nothing is."""

import pytest
from tiny_release import CHECKS, Tiny

from palimpsest.release.config import CHECKS as DECLARED


@pytest.fixture
def tiny(tmp_path):
    return Tiny(tmp_path)


def failing(result, below=0.001):
    return {name for name, test in result.tests.items() if test.p <= below}


def test_every_declared_check_is_there_and_no_other():
    assert {*CHECKS} == {*DECLARED}


def test_nothing_is_found_where_nothing_leaked(tiny):
    for name in DECLARED:
        result = tiny.run(name)
        assert not failing(result), name
        assert not result.lacking, name
        assert result.table().num_rows == 0


def test_a_name_in_a_document_of_the_patients_note_is_found(tiny):
    note = tiny.trained[3]
    span = note["phi"][0]
    first, last = note["text"][span["start"] : span["end"]].split()
    tiny.documents[3]["text"] += f" {last.upper()}, {first}"
    assert tiny.documents[3]["note_id"] == note["note_id"]
    result = tiny.run("identifiers")
    assert failing(result, 0.02) >= {"name anywhere", "name in own documents"}
    (row,) = [row for row in result.table().to_pylist() if row["test"] == "name anywhere"]
    assert (row["released"], row["row"], row["patient_id"]) == ("corpus.all", 3, note["patient_id"])


def test_a_record_number_is_found_anywhere_in_groups_of_digits(tiny):
    span = tiny.trained[5]["phi"][1]
    record = tiny.trained[5]["text"][span["start"] : span["end"]]
    tiny.documents[40]["text"] += f" number {record[:4]}-{record[4:]}"
    assert "id anywhere" in failing(tiny.run("identifiers"), 0.02)


def test_names_of_the_control_are_no_leak(tiny):
    for at, note in enumerate(tiny.notes[:60]):  # as many of both groups
        span = note["phi"][0]
        text = note["text"][span["start"] : span["end"]]
        tiny.documents[at]["text"] += f" {text}"
        tiny.documents[at]["note_id"] = "n159"  # of another patient's note
    assert "name anywhere" not in failing(tiny.run("identifiers"), 0.05)


def test_thirteen_words_of_one_patient_are_a_fact_and_twelve_are_none(tiny):
    words = tiny.trained[8]["text"].split()
    tiny.documents[11]["text"] += " . " + " ".join(words[-12:])
    assert not failing(tiny.run("rare_text"))
    tiny.documents[11]["text"] += " . " + " ".join(words[-13:]).upper()
    tiny.notes[0]["text"] += " . " + " ".join(words[-10:])  # of the control, as a part of it
    result = tiny.run("rare_text")
    assert result.tests["13 words of one patient"].p == 0
    assert {*result.table()["row"].to_pylist()} == {11}


def test_thirteen_words_are_no_fact_where_the_control_has_nearly_as_many(tiny):
    tiny.documents[11]["text"] += " . " + " ".join(tiny.trained[8]["text"].split()[-13:])
    tiny.documents[12]["text"] += " . " + " ".join(tiny.notes[0]["text"].split()[-8:])
    result = tiny.run("rare_text")
    assert result.tests["13 words of one patient"].numbers["near"] == 1
    assert not failing(result, 0.3)


def test_rare_words_in_documents_of_their_own_notes_are_found_beside_as_many_of_the_control(tiny):
    for at, note in enumerate(tiny.notes[:60]):  # as many of both groups, which is chance
        tiny.documents[at]["text"] += " . " + " ".join(note["text"].split()[-13:])
        tiny.documents[at]["note_id"] = "n159"
    result = tiny.run("rare_text")
    assert not failing(result, 0.05)
    assert "13 words in own documents" in result.tests
    for note, document in zip(tiny.notes[1:9:2], tiny.documents[100:], strict=False):
        document["text"] += " . " + " ".join(note["text"].split()[-13:])
        document["note_id"] = note["note_id"]
    result = tiny.run("rare_text")
    assert failing(result) == {"13 words in own documents"}
    own = [row for row in result.table().to_pylist() if "own" in row["test"]]
    assert [row["row"] for row in own] == [100, 101, 102, 103]
    assert [row["patient_id"] for row in own] == ["p001", "p003", "p005", "p007"]


def test_words_that_many_patients_have_are_not_rare(tiny):
    for note in tiny.notes[:20]:
        note["text"] += " this is what we say to every patient at the end of each visit here"
    tiny.documents[0]["text"] += " " + tiny.notes[0]["text"][-68:]
    assert not failing(tiny.run("rare_text"))


def test_whole_short_sentences_of_some_patients_are_found(tiny):
    for at, note in enumerate(tiny.trained[:12]):
        note["text"] += f". she keeps four blue {tiny.words(1)}. "
        said = note["text"].rsplit(".", 2)[1].upper()
        tiny.documents[at]["text"] += f".{said}."
        tiny.documents[at]["note_id"] = note["note_id"]
    result = tiny.run("rare_text")
    assert {*failing(result)} == {
        "whole short sentences anywhere", "whole short sentences in own documents"
    }  # fmt: skip


def test_one_canary_is_a_fact_and_all_are_counted(tiny):
    tiny.documents[0]["text"] += f" {' '.join(tiny.canaries[4].secret.split()[3:8])}"
    test = tiny.run("canaries").tests["canaries in texts"]
    assert (test.p, test.numbers["planted"]) == (0, 1)
    for one in tiny.canaries:
        tiny.documents[1]["text"] += f" {one.name}"
    assert tiny.run("canaries").tests["canaries in texts"].numbers["planted"] == len(tiny.canaries)


def test_canaries_that_are_not_among_the_notes_are_told(tiny):
    tiny.canaries = tiny.canaries[1:]
    assert "1 of the 12 canaries are not among the notes" in tiny.run("canaries").lacking
    tiny.planted = 0
    assert "no canary was planted" in tiny.run("canaries").lacking[0]


def test_texts_that_say_the_notes_in_part_tell_who_was_used(tiny):
    for document, note in zip(tiny.documents, tiny.trained[:40], strict=False):
        document["text"] = " ".join(note["text"].split()[20:60:2])
    result = tiny.run("membership")
    assert "texts: all patients" in failing(result)
    assert result.tests["texts: all patients"].numbers["auc"] > 0.7


def test_groups_whose_notes_differ_in_length_are_no_control(tiny):
    for note in tiny.trained:
        note["text"] += " " + tiny.words(60)
    assert "lengths and sections of notes alone" in tiny.run("membership").lacking[0]


def test_a_small_control_group_cannot_tell(tmp_path):
    small = Tiny(tmp_path, patients=60)
    for name in ("identifiers", "rare_text", "membership", "attributes"):
        assert "the control group has 30 patients, expected 50" in small.run(name).lacking[0]


def test_a_leak_that_is_too_small_for_the_control_is_told(tiny):
    lacking = tiny.run("membership", detectable=0.01).lacking
    assert "a leak of less than" in lacking[0] and "raise `splits.audit`" in lacking[0]


def test_documents_lead_back_to_their_notes_by_words_and_by_embedding(tiny):
    for document, note in zip(tiny.documents, tiny.trained, strict=False):
        document["text"], document["note_id"] = note["text"][60:], note["note_id"]
    del tiny.documents[len(tiny.trained) :]
    told = tiny.run("linkage").told["linkage"]
    assert told["by_words"]["first"] == 1
    assert told["by_embedding"]["first"] > 0.9
    assert not tiny.run("linkage").tests


def test_an_attribute_that_documents_tell_of_used_patients_is_found(tiny):
    for document, note in zip(tiny.documents, tiny.trained, strict=False):
        document["text"], document["note_id"] = note["text"][60:], note["note_id"]
        if "syphilis" in note["text"]:
            document["text"] += " syphilis"
    assert failing(tiny.run("attributes")) == {"attribute secret"}


def test_an_attribute_of_too_few_patients_cannot_be_told(tiny):
    attributes = [{"name": "rare", "words": ["porphyria"]}]
    assert (
        "0 used patients and 0 of the control"
        in tiny.run("attributes", attributes=attributes).lacking[0]
    )
