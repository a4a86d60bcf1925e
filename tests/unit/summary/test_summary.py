"""The report: what it says of numbers, what it must not hold, and that it fetches nothing."""

import re
from html import unescape
from pathlib import Path

import pytest
from reports_of import COMPARED, FIDELITY, report_of

from palimpsest.runtime.errors import UserError
from palimpsest.summary.content import File
from palimpsest.summary.sections.figures import draw


def words(html: str) -> str:
    """The text of the page's body with single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<body>")[2]).split())


def test_it_says_what_was_found_how_sure_and_of_how_many(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert (
        "table2: tiny pretrained on formal, fine-tuned on entities: strict_f1 0.58 (0.55 to 0.61) "
        "on 500 test examples: higher than the baseline by 0.06 (0.02 to 0.1)." in said
    )
    assert "strict_f1 0.58 (0.55 to 0.61) 500 3 40 patients 9 0.06 (0.02 to 0.1) higher" in said
    assert "not told apart from the baseline (difference 0.01 (-0.02 to 0.04))" in said
    assert "table2: some test examples overlap" in said
    assert "no check for release is declared" not in said


def test_what_is_asked_again_counts_by_its_last_outcome(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert "formal by alpha, of clinic: 25 asked" in said
    assert "kept 19 (76%)" in said
    assert "refusal 5 (20%)" in said
    assert "server refused 400 1 (4%)" in said


def test_a_prompt_in_a_context_is_counted_apart(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert "formal in context patient by alpha, of clinic: 10 asked kept 1 (10%)" in said
    assert "largest share was kept under the prompt formal by alpha: 19 of 25 (76%)" in said
    assert "clinic alpha formal in context patient 0 rejected refusal 9 90% 0" in said


def test_a_single_run_and_few_units_are_limits(tmp_path: Path) -> None:
    one_run = COMPARED.replace(",3,9,", ",1,1,").replace("0.06,0.02,0.1,", "0.06,,,")
    one_run = one_run.replace("higher", "no interval")
    said = words(report_of(tmp_path, table2=one_run))
    assert "some rows are of one run" in said
    assert "difference to the baseline 0.06, but no interval, so nothing can be concluded" in said
    assert "the test set has 14 units (patients)" in said


def test_fidelity_has_n_and_interval_and_says_what_it_cannot_tell(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert "formal none alpha 12 9 7 58.3% (30% to 80%) 40 3 10 2 problem 6, dose 3" in said
    assert (
        "The smallest share has formal in context patient by alpha: 1 of 30 rephrases, "
        "3.33% (0.2% to 15%). No other interval overlaps with its own." in said
    )
    assert "of fewer than 20 patients: formal by alpha 12 of 9 patients." in said
    assert "no check of fidelity is shown" not in said


def test_shares_whose_intervals_overlap_are_not_told_apart(tmp_path: Path) -> None:
    near = FIDELITY.replace("0.0333333,0.002,0.15", "0.3,0.2,0.4")
    said = words(report_of(tmp_path, fidelity=near))
    assert "It is not told apart from formal by alpha: intervals overlap" in said
    alone = near.replace("0.3,0.2,0.4", "0.3,,")
    assert "It has no interval, so that nothing" in words(report_of(tmp_path, fidelity=alone))


def test_a_judge_stands_beside_its_recall_and_an_uncorrected_share_is_told(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert (
        "formal none alpha any error 30 25 50% (30% to 70%) 70.5% (40% to 90%) 40 of 60 2 of 20 "
        "0.4 (0.1 to 0.6)" in said
    )
    assert "invented 30 25 30% (20% to 50%) 0 of 30 2 of 20" in said
    assert "A share without a corrected one" in said


def test_a_verdict_names_the_checks_that_failed_and_its_page(tmp_path: Path) -> None:
    html = report_of(tmp_path)
    said = words(html)
    assert (
        "Release shared failed. Do not hand it over as it is: identifiers (failed), rare text (not "
        "able to tell)." in said
    )
    assert "name anywhere: 48 of 190 used patients name anywhere: 1 patient" in said
    assert "linkage told" in said
    assert "canaries left out none could be planted" in said
    assert '<a href="shared.md">' in html


def test_a_study_without_a_release_says_that_nothing_was_checked(tmp_path: Path) -> None:
    said = words(report_of(tmp_path, without=("shared",)))
    assert "Nothing of this study was checked for release" in said
    assert "no check for release is declared" in said


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    said = words(report_of(tmp_path, without=("fidelity", "silver")))
    assert "leave out fidelity, silver: it says nothing of them" in said
    assert "no check of fidelity is shown" in said


def test_no_id_of_a_note_is_in_it(tmp_path: Path) -> None:
    assert not re.search(r"\bn\d+:\d+-\d+", report_of(tmp_path))


def test_it_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    html = unescape(report_of(tmp_path))
    assert "default-src 'none'" in html and "script-src 'none'" in html
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', html) == ['href="shared.md"']
    assert "<script" not in html


def test_same_files_same_bytes(tmp_path: Path) -> None:
    assert report_of(tmp_path) == report_of(tmp_path)


def test_a_file_without_a_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"screens\.csv.*: no column 'context'; delete it"):
        report_of(tmp_path, screens="source,llm,prompt\nclinic,alpha,formal\n")


def test_markup_in_a_name_is_shown_as_text(tmp_path: Path) -> None:
    html = report_of(tmp_path, table2=COMPARED.replace("tiny", "<script>x"))
    assert "<script>" not in html and "&lt;script&gt;x" in html


def test_a_figure_with_a_table_of_its_own_shows_its_columns_and_no_ids(tmp_path: Path) -> None:
    table = tmp_path / "fidelity.csv"
    table.write_text("llm,type,rephrases,rate,examples\nalpha,dose,1200,0.1234,n1:0-9\n")
    (tmp_path / "fidelity.svg").write_text("<svg/>")
    (tmp_path / "fidelity.txt").write_text("Rates.")
    names = ("fidelity.svg", "fidelity.txt", "fidelity.csv")
    (picture,) = draw([File(name, "fidelity", tmp_path / name) for name in names], {})
    assert picture.numbers.head == ["llm", "type", "rephrases", "rate"]
    assert picture.numbers.rows == [["alpha", "dose", "1,200", "0.123"]]
    assert picture.numbers.numeric == {2, 3}
