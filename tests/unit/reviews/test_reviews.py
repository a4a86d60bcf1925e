"""Items of a review's page, and what its answers say."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.fidelity.findings import SCHEMA as FINDINGS
from palimpsest.fidelity.judged import JUDGEMENTS
from palimpsest.reviews.answers import COLUMNS, is_answers, report
from palimpsest.reviews.config import ReviewSpec
from palimpsest.reviews.items import differences, documents, numbered, sentences
from palimpsest.reviews.page import render_review
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table

PART = {"kind": "rephrases", "source": "clinic", "llm": "alpha", "prompt": "plain"}


def document(number: int, part: int = 2, repeat: int = 0) -> dict:
    place = {"part": part, "repeat": repeat, "note_id": f"n{number // 2}", "start": 0, "end": 9}
    return place | {"request_key": f"{number:064x}", "text": f"written {number}"}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    rows = [document(number) for number in range(50)] + [document(3, repeat=1)]
    rows.append(document(99, part=1) | {"request_key": ""})  # a note's own words
    path = tmp_path / "corpora/mixed.parquet"
    write_table(path, pa.Table.from_pylist(rows), parts=[{"kind": "notes"}, PART])
    return path


def asked(folder: Path, context: bool = False) -> Path:
    rows = [{"request_key": f"{n:064x}", "passage": f"given {n}"} for n in range(50)]
    if context:
        rows = [row | {"context": "Age 64"} for row in rows]
    path = folder / "requests/000-of-001.parquet"
    write_table(path, pa.Table.from_pylist(rows))
    return path.with_suffix(".json")


def test_a_sample_stands_beside_its_passages_and_a_larger_one_has_the_same(
    corpus: Path, tmp_path: Path
) -> None:
    few = documents(corpus, [asked(tmp_path)], [], None, 5, 1)
    more = documents(corpus, [asked(tmp_path)], [], None, 200, 1)
    assert len(few) == 5 and few == more[:5]
    assert len(more) == 50  # neither repeats nor notes' own words
    assert all(one["given"].split()[1] == one["text"].split()[1] for one in more)
    assert {one["context"] for one in more} == {""}
    told = documents(corpus, [asked(tmp_path, True)], [], None, 5, 1)
    assert {one["context"] for one in told} == {"Age 64"}


def findings_of(folder: Path, llm: str, begin: int, *found: dict) -> Path:
    """What rules found in every rephrase of an LLM: the manifest of the only shard."""
    rows = [
        {"request_key": f"{number:064x}", "note_id": f"n{number // 2}", "start": begin, "end": 99,
         "patient_id": "p", "findings": list(found)}
        for number in range(50)
    ]  # fmt: skip
    path = folder / f"fidelity/{llm}/clinic.plain/000-of-001.parquet"
    names = {"llm": llm, "request_set": "clinic.plain", "shard": "000-of-001"}
    write_table(path, pa.Table.from_pylist(rows, schema=FINDINGS), wildcards=names)
    return path.with_suffix(".json")


def finding(status: str, given: tuple, written: tuple) -> dict:
    sides = dict(zip(("note_start", "note_end", "start", "end"), (*given, *written), strict=True))
    return {"type": "dose", "status": status, **sides}


def test_findings_of_rules_stand_in_both_texts_and_what_was_kept_is_counted(
    corpus: Path, tmp_path: Path
) -> None:
    found = [
        finding("kept", (100, 103), (0, 3)),
        finding("changed", (103, 105), (0, 7)),
        finding("omitted", (101, 104), (None, None)),
        finding("added", (None, None), (2, 4)),
        finding("added", (None, None), (2, 400)),  # cut off the document
    ]
    tables = [findings_of(tmp_path, "alpha", 100, *found), findings_of(tmp_path, "beta", 100)]
    items = documents(corpus, [asked(tmp_path)], tables, None, 5, 1)
    expected = [
        ("changed", [3, 5], [0, 7]), ("omitted", [1, 4], [-1, -1]), ("added", [-1, -1], [2, 4])
    ]  # fmt: skip
    for item in items:
        assert [(one["status"], one["a"], one["b"]) for one in item["findings"]] == expected
        assert (item["rules"], item["kept"]) == (True, 1)


def test_where_rules_did_not_look_nothing_is_said_of_them(corpus: Path, tmp_path: Path) -> None:
    tables = [findings_of(tmp_path, "beta", 0, finding("added", (None, None), (2, 4)))]
    items = documents(corpus, [asked(tmp_path)], tables, None, 5, 1)
    assert [(one["rules"], one["findings"]) for one in items] == [(False, [])] * 5


def test_llms_that_were_asked_the_same_have_items_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "corpora/two.parquet"
    rows = [document(3, part=1), document(3, part=2)]
    parts = [PART, PART | {"llm": "beta"}]
    write_table(path, pa.Table.from_pylist(rows), parts=parts)
    tables = [
        findings_of(tmp_path, "alpha", 0, finding("changed", (0, 5), (0, 7))),
        findings_of(tmp_path, "beta", 0),
    ]
    items = documents(path, [asked(tmp_path)], tables, None, 5, 1)
    assert len({one["id"] for one in items}) == 2
    assert {one["made"]: len(one["findings"]) for one in items} == {
        "alpha · plain": 1, "beta · plain": 0,
    }  # fmt: skip


def test_with_a_judge_only_what_it_judged_is_drawn(corpus: Path, tmp_path: Path) -> None:
    claim = {"side": "missing", "type": "dose", "start": None, "end": None}

    def judged(note: int, claims: list | None, **changed: object) -> dict:
        row = {"request_key": "j", "note_id": f"n{note}", "start": 0, "end": 9, "patient_id": "p"}
        row |= {"origin": "rephrased", "of_llm": "alpha", "of_prompt": "plain"}
        return row | {"of_context": "none", "rules": [], "claims": claims, **changed}

    rows = [
        judged(1, [claim]), judged(2, []), judged(3, None, failure="unparseable"),
        judged(4, [claim], origin="planted"), judged(5, [claim], of_llm="beta"),
        judged(6, [claim], of_context="patient"),
    ]  # fmt: skip
    path = tmp_path / "judgements.parquet"
    write_table(path, pa.Table.from_pylist(rows, schema=JUDGEMENTS))
    items = documents(corpus, [asked(tmp_path)], [], path, 50, 1)
    # The corpus has two documents of each note from the same place.
    said = sorted((one["place"], one["judge"]) for one in items)
    assert said == [("n1:0-9", "found")] * 2 + [("n2:0-9", "nothing")] * 2


def test_a_document_without_its_request_is_an_error(corpus: Path) -> None:
    with pytest.raises(UserError, match="no request of the document of note"):
        documents(corpus, [], [], None, 5, 1)


def test_a_labelled_sentence_stands_in_its_note(tmp_path: Path) -> None:
    note = "Before it. She forgets names. After it."
    row = {"example_id": "n1:11-29", "group": "p1", "text": "She forgets names.", "labels": ["m"]}
    row |= {"note_id": "n1", "start": 11, "end": 29}
    dataset, notes = tmp_path / "silver.parquet", tmp_path / "notes.parquet"
    write_table(dataset, pa.Table.from_pylist([row]))
    write_table(notes, pa.Table.from_pylist([{"note_id": "n1", "text": note}]))
    (item,) = sentences(dataset, notes, 9, 1)
    assert (item["given"], item["labels"]) == (note, ["m"])


@given(st.text(max_size=60), st.text(max_size=60))
def test_differences_are_spans_of_their_texts(left: str, right: str) -> None:
    for text, spans in zip((left, right), differences(left, right), strict=True):
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:], strict=False))


def test_same_texts_do_not_differ_and_a_changed_number_does() -> None:
    assert differences("Aspirin 81 mg", "aspirin 81 mg") == [[], []]
    assert differences("Aspirin 81 mg", "Aspirin 18 mg") == [[[8, 10]], [[8, 10]]]


def test_no_id_of_a_note_leaves_with_the_answers(corpus: Path, tmp_path: Path) -> None:
    items = numbered(documents(corpus, [asked(tmp_path)], [], None, 6, 1))
    assert all(one["unit"].startswith("u") for one in items)
    again = numbered(documents(corpus, [asked(tmp_path)], [], None, 6, 1))
    spec = ReviewSpec(review="mixed", items=6, seed=1, titles={})
    assert render_review(spec, items) == render_review(spec, again)


def answers(path: Path, *rows: tuple[str, ...]) -> Path:
    lines = [",".join(COLUMNS), *(",".join(row) for row in rows)]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def answer(
    item: int, who: str, verdict: str, rules: str = "", target: str = "whole", judge: str = ""
):
    kind = "" if target == "whole" else "dose"
    return ("page1", f"i{item}", f"u{item}", target, kind, rules, judge, who, verdict, "0")


def test_rates_agreement_and_rules_are_reported(tmp_path: Path) -> None:
    first = [answer(n, "ab", "change" if n < 5 else "faithful", "found" if n < 6 else "nothing")
             for n in range(20)]  # fmt: skip
    second = [answer(n, "cd", "change" if n < 4 else "faithful") for n in range(20)]
    findings = [
        answer(n, "ab", "change" if n < 3 else "faithful", "changed", "1") for n in range(4)
    ]
    paths = [
        answers(tmp_path / "ab.csv", *first, *findings), answers(tmp_path / "cd.csv", *second)
    ]  # fmt: skip
    assert all(map(is_answers, paths))
    printed = report(paths)
    assert "ab: 20 items of 20 units, 0 of them blind" in printed
    assert "  faithful  0.750 (" in printed
    assert "  agreement             0.950 (" in printed
    assert "  precision   0.833 (" in printed  # five of the six that rules found
    assert "  recall      1.000 (" in printed
    assert "ab: dose changed: 0.750 (" in printed


def test_a_judges_rate_stands_beside_a_persons(tmp_path: Path) -> None:
    said = [
        answer(n, "ab", "change" if n < 5 else "faithful", judge="found" if n < 10 else "nothing")
        for n in range(20)
    ]
    printed = report([answers(tmp_path / "ab.csv", *said)])
    assert "rules beside" not in printed
    beside = printed.partition("judge beside ab: which of 20 items are not faithful\n")[2]
    assert beside.startswith("  by judge    0.500 (")
    assert "\n  by ab       0.250 (" in beside
    assert "\n  precision   0.500 (" in beside and "\n  recall      1.000 (" in beside


def test_answers_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    one = answers(tmp_path / "1.csv", answer(1, "ab", "change"))
    other = answers(tmp_path / "2.csv", answer(1, "ab", "faithful"))
    page = answers(tmp_path / "3.csv", ("page2", *answer(1, "ab", "change")[1:]))
    odd = answers(tmp_path / "4.csv", answer(1, "ab", "wrong"))
    with pytest.raises(UserError, match=r"2\.csv: row 2: annotator 'ab' says something else"):
        report([one, other])
    with pytest.raises(UserError, match="of another page"):
        report([one, page])
    with pytest.raises(UserError, match="a verdict is none of"):
        report([odd])
    assert report([one, one]).startswith("what people say")
