"""Rows of findings: one for each rephrase, with places in the note and in the rephrase."""

import pyarrow as pa
import pytest

from palimpsest.fidelity.findings import SCHEMA, context_of, finding_rows
from palimpsest.fidelity.rates import Rates

NOTE = "Seen today. Metoprolol 25 mg BID. No fever."
PASSAGE = NOTE[12:]
PLACE = {"request_key": "k", "note_id": "n", "start": 12, "end": len(NOTE)}


def row(text: str) -> dict:
    (made,) = finding_rows([{**PLACE, "text": text}], {"k": PASSAGE}, {"n": "p"})
    return made


def test_every_rephrase_has_a_row_also_without_a_fact():
    made = row("Nothing.")
    assert made["patient_id"] == "p" and made["request_key"] == "k"
    assert {one["status"] for one in made["findings"]} >= {"omitted"}
    pa.Table.from_pylist([made], schema=SCHEMA)


def test_places_are_of_the_note_and_of_the_rephrase():
    text = "He takes 50 mg of metoprolol twice daily and has no fever."
    (dose,) = [one for one in row(text)["findings"] if one["status"] == "changed"]
    assert dose["type"] == "dose"
    assert NOTE[dose["note_start"] : dose["note_end"]] == "25 mg"
    assert text[dose["start"] : dose["end"]] == "50 mg"


def test_what_is_added_or_omitted_has_no_place_on_the_other_side():
    found = row("Metoprolol 25 mg twice daily. No fever. Also takes warfarin.")["findings"]
    (added,) = [one for one in found if one["status"] == "added"]
    assert added["note_start"] is None and added["start"] is not None
    found = row("Metoprolol 25 mg twice daily.")["findings"]
    (gone,) = [one for one in found if one["status"] == "omitted"]
    assert gone["start"] is None and NOTE[gone["note_start"] : gone["note_end"]] == "fever"


def test_a_rephrase_without_its_passage_is_an_error():
    with pytest.raises(KeyError):
        list(finding_rows([{**PLACE, "text": ""}], {}, {"n": "p"}))


def test_a_context_is_named_by_its_manifest_and_none_where_there_is_none():
    assert context_of({}) == "none"
    assert context_of({"wildcards": {"request_set": "ward.plain"}}) == "none"
    asked = {"source": "ward", "prompt": "plain", "context": "header"}
    assert context_of({"wildcards": asked}) == "header"


def finding(kind: str, status: str) -> dict:
    return {"type": kind, "status": status}


def counted(*found: list[dict]) -> dict[str, dict]:
    rates = Rates(seed=1)
    for at, findings in enumerate(found):
        rates.add(
            {
                "note_id": f"n{at}",
                "start": 0,
                "end": 9,
                "patient_id": f"p{at % 3}",
                "findings": findings,
            }
        )
    return {row["type"]: row for row in rates.rows()}


def test_another_passage_is_a_finding_and_no_fact():
    rows = counted([finding("passage", "changed"), finding("dose", "kept")])
    assert rows["any"]["wrong"] == rows["passage"]["wrong"] == 1
    assert (rows["any"]["kept"], rows["any"]["changed"]) == (1, 0)


def test_rates_count_rephrases_and_facts():
    rows = counted(
        [finding("dose", "kept"), finding("dose", "changed"), finding("dose", "changed")],
        [finding("dose", "kept")],
        [finding("date", "omitted")],
        [],
    )
    assert rows["dose"]["wrong"] == 1 and rows["dose"]["rate"] == 0.25
    assert (rows["dose"]["kept"], rows["dose"]["changed"]) == (2, 2)
    assert rows["any"]["wrong"] == 2 and rows["any"]["rephrases"] == 4
    assert rows["dose"]["patients"] == 3
    assert rows["dose"]["examples"] == "n0:0-9"
    assert rows["unit"]["wrong"] == 0 and rows["unit"]["examples"] == ""


def test_what_is_unread_is_counted_apart():
    rows = counted([finding("negation", "unread")], [finding("negation", "kept")])
    assert rows["negation"]["unread"] == 1 and rows["negation"]["unread_rate"] == 0.5
    assert rows["negation"]["wrong"] == 0 and rows["any"]["rate"] == 0
    assert rows["any"]["unread_rate"] == 0.5


def test_rates_of_nothing_are_no_numbers():
    rows = counted()
    assert rows["any"]["rephrases"] == 0
    assert rows["any"]["rate"] != rows["any"]["rate"]


def test_an_interval_holds_the_rate_and_narrows_with_patients():
    few = counted(*([[finding("dose", "changed")], [], [], []] * 3))["dose"]
    assert few["low"] < few["rate"] < few["high"]
