"""Items of a review's page, and what its answers say."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    few = documents(corpus, [asked(tmp_path)], [], 5, 1)
    more = documents(corpus, [asked(tmp_path)], [], 200, 1)
    assert len(few) == 5 and few == more[:5]
    assert len(more) == 50  # neither repeats nor notes' own words
    assert all(one["given"].split()[1] == one["text"].split()[1] for one in more)
    assert {one["context"] for one in more} == {""}
    assert {one["context"] for one in documents(corpus, [asked(tmp_path, True)], [], 5, 1)} == {
        "Age 64"
    }


def test_findings_are_those_that_are_no_mere_agreement(corpus: Path, tmp_path: Path) -> None:
    sides = {"passage_start": 0, "passage_end": 5, "start": 0, "end": 7}
    rows = [
        {"request_key": f"{number:064x}", "type": "dose", "status": status, **sides}
        for number in range(50)
        for status in ("kept", "changed")
    ]
    found = tmp_path / "findings.parquet"
    write_table(found, pa.Table.from_pylist(rows))
    items = documents(corpus, [asked(tmp_path)], [found], 5, 1)
    expected = {"type": "dose", "status": "changed", "a": [0, 5], "b": [0, 7]}
    assert [one["findings"] for one in items] == [[expected]] * 5


def test_a_document_without_its_request_is_an_error(corpus: Path) -> None:
    with pytest.raises(UserError, match="no request of the document of note"):
        documents(corpus, [], [], 5, 1)


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
    items = numbered(documents(corpus, [asked(tmp_path)], [], 6, 1))
    assert all(one["unit"].startswith("u") for one in items)
    again = numbered(documents(corpus, [asked(tmp_path)], [], 6, 1))
    spec = ReviewSpec(review="mixed", items=6, seed=1, titles={})
    assert render_review(spec, items, False) == render_review(spec, again, False)


def answers(path: Path, *rows: tuple[str, ...]) -> Path:
    lines = [",".join(COLUMNS), *(",".join(row) for row in rows)]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def answer(item: int, who: str, verdict: str, rules: str = "", target: str = "whole"):
    kind = "" if target == "whole" else "dose"
    return ("page1", f"i{item}", f"u{item}", target, kind, rules, who, verdict, "0")


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
