"""Annotation: a fair sample, a sheet that spreadsheets leave whole, and what it says."""

import csv
import io
import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from palimpsest.datasets.annotation import guarded, report, sample, sheet, unguarded
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table
from palimpsest.runtime.labels import SENTENCE_EXAMPLES

NAMES = ["memory", "mood"]
TEXTS = ["=1+1 is what he wrote.", "- Fell; no, he slid.", '"No," she said,\n"never".', "Énervé."]
EXAMPLES = [
    {
        "example_id": f"n{at}:0-9",
        "text": TEXTS[at] if at < len(TEXTS) else f"Sentence {at}.",
        "labels": [name for name, every in (("memory", 2), ("mood", 3)) if at % every == 0],
        "group": f"p{at // 3}",
    }
    for at in range(20)
]


@pytest.fixture
def dataset(tmp_path):
    path = tmp_path / "silver.parquet"
    write_table(path, pa.Table.from_pylist(EXAMPLES, schema=SENTENCE_EXAMPLES), labels=NAMES)
    return path


def cells(text, mark=","):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=mark))


def annotated(tmp_path, answers, mark=",", start="\ufeff", edit=None):
    """An annotated table. answers: by row and category, from 0. edit: changes the cells."""
    rows = cells(sheet(EXAMPLES, NAMES))
    for (at, name), answer in answers.items():
        rows[at + 1][rows[0].index(f"{name}?")] = answer
    if edit:
        edit(rows)
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="\r\n").writerows(rows)
    path = tmp_path / "sheet.csv"
    path.write_bytes((start + out.getvalue()).encode())
    return path


def table(text):
    """The numbers of a report, by category."""
    return {line.split()[0]: line.split()[1:] for line in text.splitlines()[2:-1]}


@given(st.text(max_size=4))
def test_a_guarded_cell_is_no_formula_and_comes_back(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_no_cell_of_the_table_is_a_formula_and_all_texts_are_there():
    rows = cells(sheet(EXAMPLES, NAMES))
    assert rows[0] == ["example_id", "text", "memory", "memory?", "mood", "mood?"]
    assert [unguarded(row[1]) for row in rows[1:]] == [one["text"] for one in EXAMPLES]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert rows[1][2:] == ["1", "", "1", ""] and rows[3][2:] == ["1", "", "0", ""]


def test_a_sample_is_as_even_as_the_dataset_allows():
    many = [
        {"example_id": f"s{at}", "labels": ["memory"] if at < 80 else ["mood"] * (at < 83)}
        for at in range(100)
    ]
    chosen = [example["labels"] for example in sample(many, NAMES, 15, 1)]
    assert [chosen.count(one) for one in (["memory"], ["mood"], [])] == [6, 3, 6]
    assert len(sample(many, NAMES, 200, 1)) == 100
    assert sample([], NAMES, 5, 1) == []


def test_a_larger_sample_has_the_same_and_more_whatever_the_order():
    few, more = sample(EXAMPLES, NAMES, 6, 7), sample(EXAMPLES, NAMES, 12, 7)
    assert len(few) == 6 and len(more) == 12 and all(example in more for example in few)
    shuffled = random.Random(0).sample(EXAMPLES, len(EXAMPLES))
    assert sample(shuffled, NAMES, 6, 7) == few


def test_a_report_has_the_counts_and_the_kappa_of_scikit_learn(tmp_path, dataset):
    draw = random.Random(4)
    answers = {(at, name): draw.choice("01") for at in range(18) for name in NAMES}
    text = report(annotated(tmp_path, answers), dataset)
    assert text.splitlines()[0] == "18 sentences annotated (6 units), 2 not annotated"
    numbers = table(text)
    assert list(numbers) == ["memory", "mood", "any", "overall"]
    for name in NAMES:
        ours = [name in one["labels"] for one in EXAMPLES[:18]]
        theirs = [answers[at, name] == "1" for at in range(18)]
        agreed = sum(a == b for a, b in zip(ours, theirs, strict=True))
        found = numbers[name]
        assert found[0] == "18" and found[1] == f"{agreed / 18:.3f}"
        assert found[3] == f"{cohen_kappa_score(ours, theirs):.3f}"
        fp = sum(a and not b for a, b in zip(ours, theirs, strict=True))
        assert found[-3] == str(fp) and sum(map(int, found[-4:])) == 18
    assert sum(map(int, numbers["overall"][-4:])) == 36


@pytest.mark.parametrize(
    ("mark", "start", "yes", "no"),
    [
        (",", "", "1", "0"),
        (";", "\ufeff", "YES", " no "),
        ("\t", "", "x", ""),
        (",", "", "True", "0"),
    ],
)
def test_spreadsheets_and_annotators_write_as_they_like(tmp_path, dataset, mark, start, yes, no):
    answers = {
        (at, name): yes if name in one["labels"] else no
        for at, one in enumerate(EXAMPLES)
        for name in NAMES
    }
    numbers = table(report(annotated(tmp_path, answers, mark, start), dataset))
    # With marks alone, a sentence without any cannot be told from one that nobody looked at.
    seen = 20 if no else sum(bool(one["labels"]) for one in EXAMPLES)
    assert numbers["overall"][:2] == [str(seen), "1.000"]


def test_rows_that_a_spreadsheet_moved_cut_short_or_added_do_no_harm(tmp_path, dataset):
    def edit(rows):
        rows[1:] = rows[:0:-1]  # sorted otherwise
        rows[4] = rows[4][:-1]  # Excel leaves out what is empty at the end
        rows[5].append("")
        rows.append([""] * 6)
        rows[6][1] = unguarded(rows[6][1])
        rows[-2][1] = unguarded(rows[-2][1])  # the formula, whose guard got lost

    text = report(annotated(tmp_path, {(0, "mood"): "1"}, edit=edit), dataset)
    assert text.splitlines()[0] == "1 sentences annotated (1 units), 19 not annotated"


def test_a_table_without_annotation_says_so(tmp_path, dataset):
    found = report(annotated(tmp_path, {}), dataset)
    assert found == "0 sentences annotated (0 units), 20 not annotated"


def put(row, column, value):
    def edit(rows):
        rows[row][column] = value

    return edit


def drop(column):
    def edit(rows):
        for row in rows:
            del row[column]

    return edit


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (put(3, 0, "n99:0-9"), "row 4: its example_id is not in"),
        (put(3, 1, "Secret text."), "row 4: its text is not that of n2:0-9"),
        (put(3, 2, "0"), "row 4: column 'memory' is not 1"),
        (put(3, 3, "maybe Secret"), r"none of 1, 0, yes, .*: column 'memory\?': 1 \(rows 4\)$"),
        (lambda rows: rows.append(rows[2]), "row 22: the sentence of row 3 once more"),
        (lambda rows: rows[3].append("Secret"), "row 4: 7 cells, expected 6"),
        (drop(5), r"row 1: expected the columns .* look at \['mood'\]"),
        (lambda rows: [row.__delitem__(slice(4, 6)) for row in rows], r"has, .*: {'mood': 7}"),
        (put(0, 0, "id"), "row 1: expected the columns example_id and text"),
        (put(0, 4, "memory"), "row 1: expected the columns"),
        (lambda rows: rows.clear(), "row 1: expected the columns"),
    ],
)
def test_a_sheet_of_another_dataset_is_rejected_by_row_without_its_text(
    tmp_path, dataset, edit, message
):
    with pytest.raises(UserError, match=message) as error:
        report(annotated(tmp_path, {(2, "mood"): "1"}, edit=edit), dataset)
    assert "Secret" not in str(error.value) and "sheet.csv" in str(error.value)


def test_cells_that_are_no_answers_are_counted_by_column(tmp_path, dataset):
    answers = {(at, "mood"): "Secret" for at in range(7)} | {(2, "memory"): "2"}
    with pytest.raises(UserError) as error:
        report(annotated(tmp_path, answers), dataset)
    assert "column 'mood?': 7 (rows 2, 3, 4, 5, 6, ...)" in str(error.value)
    assert "column 'memory?': 1 (rows 4)" in str(error.value) and "Secret" not in str(error.value)


def test_categories_that_the_dataset_does_not_have_are_named_with_their_answers(tmp_path, dataset):
    def edit(rows):
        for at, row in enumerate(rows):
            row += ["gait", "gait?"] if not at else ["0", "1" * (at < 4)]

    with pytest.raises(UserError, match=r"does not have, .*: {'gait': 3}; it has \['memory'"):
        report(annotated(tmp_path, {}, edit=edit), dataset)


def test_precision_and_recall_are_those_of_the_dataset_with_intervals_over_patients(
    tmp_path, dataset
):
    answers = {(at, "memory"): "1" if at % 4 == 0 else "0" for at in range(20)}
    found = table(report(annotated(tmp_path, answers), dataset))["memory"]
    assert found[-4:] == ["5", "5", "0", "10"]  # tp, fp, fn, tn
    precision, interval, recall, certain = found[5:9]
    assert (precision, recall) == ("0.500", "1.000")
    low, high = map(float, interval.split("-"))
    assert 0 < low < 0.5 < high < 1
    assert float(certain.split("-")[0]) < 0.9  # five of five are no proof


def test_another_encoding_is_named(tmp_path, dataset):
    path = annotated(tmp_path, {})
    path.write_bytes(path.read_bytes().decode("utf-8-sig").encode("cp1252"))
    with pytest.raises(UserError, match="save it as 'CSV UTF-8'"):
        report(path, dataset)


def test_a_missing_table_is_named(tmp_path, dataset):
    with pytest.raises(UserError, match="sheet.csv: cannot be read"):
        report(tmp_path / "sheet.csv", dataset)
