"""The report: what it says of numbers, what it must not hold, and that it fetches nothing."""

import re
from html import unescape
from pathlib import Path

import pytest
from reports_of import COMPARED, FIDELITY, FIGURE, report_of

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Table
from palimpsest.summary.sections.conclusions import against_baseline
from palimpsest.summary.sections.figures import draw
from palimpsest.summary.sections.overview import title_of


def words(html: str) -> str:
    """The text of the page's body with single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<body>")[2]).split())


def test_it_says_what_was_found_how_sure_and_of_how_many(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert (
        "table2: Higher. Further pretraining of tiny on formal changed strict F1 from 0.520 to "
        "0.580: +0.060 (95% interval +0.020 to +0.100; 9 runs, 40 patients)." in said
    )
    assert (
        "No difference shown. Further pretraining of tiny on original changed strict F1 from 0.520 "
        "to 0.530: +0.010 (95% interval -0.020 to +0.040; 9 runs, 40 patients). With this test set "
        "a change of 0.050 would have been found with a power of 80%" in said
    )
    assert (
        "In all rows: fine-tuned on entities; experiment tagging; metric strict F1; n 500." in said
    )
    assert (
        "tiny pretrained on formal 0.580 (0.550 to 0.610) higher +0.060 (+0.020 to +0.100) 0.570 "
        "3 40 patients 9" in said
    )
    assert "dictionary (trivial) 0.200 lower" in said
    assert "no check for release is declared" not in said


def test_it_begins_with_what_is_compared_and_how_large_it_is(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert said.startswith("Original and rephrased clinical notes as text to pretrain models on")
    assert "Notes and patients of clinic are invented" in said.partition("What is compared")[0]
    assert (
        "What is compared: decoder tiny, pretrained on each corpus, by perplexity on held-out "
        "notes (visits); encoder mini as published or pretrained further on formal, by marking "
        "spans of text (problem and test) after fine-tuning on entities. How large: 35 requests to "
        "alpha, 20 answers kept; corpora of 198 to 396 tokens; 3 seeds of each model. Corpora as "
        "small as these" in said
    )
    asked = report_of(tmp_path, stated={"title": "Is it <so>?", "generated": "all"})
    assert "<title>Is it &lt;so&gt;?</title>" in asked
    assert "All notes and all patients here are invented" in words(asked).partition("What is")[0]


def test_overlap_says_with_what_and_points_to_the_scores_without(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert (
        "table2: 3 of 500 (1%) test examples have all their words, or at least half of their "
        "sequences of 13 words, in what the system was trained on: train examples of entities and "
        "corpora formal where it was pretrained on them." in said
    )
    assert "Overlap of test sets with what was trained on" in said
    without = words(report_of(tmp_path, without=("overlap",)))
    assert "Overlap of test sets" not in without and "Patients in each split" in without


@pytest.mark.parametrize(
    ("ratio", "p", "verdict"),
    [
        ("1.287,1.1,1.4", "0.002", "higher: formal, 1.287 (1.100 to 1.400) of it."),
        ("0.887,0.8,0.9", "0.049", "lower: formal, 0.887 (0.800 to 0.900) of it."),
        ("0.987,0.9,1.1", "0.051", "not told apart: formal, 0.987 (0.900 to 1.100) of it."),
        ("0.987,,", "", "no interval: formal, 0.987 of it."),
    ],
)
def test_corpora_stand_against_the_first_reference(
    tmp_path: Path, ratio: str, p: str, verdict: str
) -> None:
    other = FIGURE.replace("1.287,1.1,1.4,,5,0.002", f"{ratio},,5,{p}")
    said = words(report_of(tmp_path, figure1=other))
    assert (
        "figure1: perplexity on visits, lower is better: the model of original has 300 (290 to "
        f"310) over 5 patients and 3 seeds. Others against it, patients paired: {verdict}" in said
    )
    opening = said.partition("What was asked and kept")[0]
    assert (
        "figure1, perplexity on visits (lower is better), models of other corpora against that of "
        f"original: 1 {verdict.partition(':')[0]}." in opening
    )


def test_the_page_begins_with_what_came_out(tmp_path: Path) -> None:
    opening = words(report_of(tmp_path)).partition("What was asked and kept")[0]
    assert (
        "What came out, by tests whose p-values are corrected for their number: "
        "table2, strict F1 (higher is better), other systems against tiny as published, fine-tuned "
        "on entities: 1 higher, 1 not told apart. figure1, perplexity on visits" in opening
    )


def test_a_task_of_encoders_as_they_were_published_is_told(tmp_path: Path) -> None:
    task = {
        "dataset": "entities", "kind": "spans", "labels": ["problem"], "seeds": 1,
        "encoders": ["mini"], "corpora": [], "mixtures": ["entities"],
    }  # fmt: skip
    said = words(report_of(tmp_path, stated={"tasks": [task]}))
    assert "encoder mini, by marking spans of text (problem) after fine-tuning" in said


def test_prompts_stand_word_for_word(tmp_path: Path) -> None:
    html = report_of(tmp_path)
    assert "What the prompt formal says" in html
    assert "Say &lt;it&gt;:\n{passage}" in html
    assert "LLM alpha top p 0.9, more (k 1)" in words(html)


def test_what_is_not_surely_below_its_unigram_is_told(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert (
        "figure1: not surely below the unigram of its own corpus: formal on visits (0.965 (0.900 "
        "to 1.004) of it). All others are." in said
    )
    assert "So formal has the highest perplexity and the largest gain." in said


def test_answers_are_counted_where_they_stand_first_and_unused_ones_are_named(
    tmp_path: Path,
) -> None:
    said = words(report_of(tmp_path))
    assert "formal all 198 rephrases formal 7 25 19 76% 0.9 2% 90%" in said
    assert "mixed 2 91 rephrases formal 3 2% 90%" in said
    assert "Asked, and in no corpus of these tables: formal in context patient of clinic" in said


def test_terms_are_those_of_the_page(tmp_path: Path) -> None:
    terms = words(report_of(tmp_path)).rpartition("terms of this page")[2]
    assert "unigram the simplest model" in terms and "self-BLEU how alike" in terms
    assert "laterality" not in terms and "off topic" not in terms


def test_what_nothing_else_is_of_is_named(tmp_path: Path) -> None:
    assert "Nothing else on this page is of clinic, which is of the study" in words(
        report_of(tmp_path)
    )
    assert "Nothing else" not in words(report_of(tmp_path, stated={"used": ["clinic"]}))


def test_columns_that_are_the_same_in_all_rows_stand_above_the_table() -> None:
    rows = [["a", "1", "", "x", "0"], ["a", "2", "", "x", "0"]]
    table = Table("t", ["name", "n", "none", "llm", "round"], rows, {1, 4}).trimmed()
    assert (table.head, table.rows) == (["name", "n"], [["a", "1"], ["a", "2"]])
    assert table.numeric == {1} and table.note == "In all rows: llm x; round 0."
    alone = Table("t", ["name", "n", "none"], [["a", "1", ""]]).trimmed()
    assert alone.head == ["name", "n"] and alone.note == ""


def test_a_figure_of_lines_without_means_shows_where_each_ends(tmp_path: Path) -> None:
    table = tmp_path / "curve.csv"
    head = FIGURE.partition("\n")[0]
    table.write_text(
        f"{head}\na,train_loss,a,seed,1,a,0,5.5,,,,\na,train_loss,a,seed,2,a,0,5.25,,,,\n"
    )
    (tmp_path / "curve.svg").write_text("<svg/>")
    (tmp_path / "curve.txt").write_text("Losses.")
    names = ("curve.svg", "curve.txt", "curve.csv")
    (picture,) = draw([File(name, "curve", tmp_path / name) for name in names], {})
    assert picture.numbers.rows == [["a", "5.25", "train loss", "0", "2"]]


def test_what_is_asked_again_counts_by_its_last_outcome(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert "formal by alpha, of clinic: 25 asked" in said
    assert "kept 19 (76%)" in said
    assert "refusal 5 (20%)" in said
    assert "server refused 400 1 (4%)" in said


def test_a_prompt_in_a_context_is_counted_apart(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert "formal in context patient by alpha, of clinic: 10 asked kept 1 (10%)" in said
    assert "formal in context patient rejected: refusal 9 90% 0 0" in said
    assert "In all rows: source clinic; LLM alpha." in said
    assert re.search(r"Screens \d+ of \d+ were rejected, most of them as refusal \(\d+\)\.", said)


def test_a_single_run_and_few_units_are_limits(tmp_path: Path) -> None:
    one_run = COMPARED.replace(",3,9,", ",1,1,").replace("0.06,0.02,0.1,", "0.06,,,")
    one_run = one_run.replace("higher", "no interval")
    said = words(report_of(tmp_path, table2=one_run))
    assert "some rows are of one run" in said
    assert "Nothing can be concluded: no interval. Further pretraining of tiny on formal" in said
    assert "the test set has 14 units (patients)" in said


def test_fidelity_has_n_and_interval_and_says_what_it_cannot_tell(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert "formal 58.3% (30% to 80%) 7 12 9 13 of 53 (25%) 3 10 2 problem 6, dose 3" in said
    assert "Whether these differ was not tested; with 12 and 30 rephrases no order" in said
    assert "of fewer than 20 patients: formal by alpha 12 rephrases of 9 patients." in said
    assert "no check of fidelity is shown" not in said


def test_two_ways_to_count_facts_may_give_two_orders(tmp_path: Path) -> None:
    turned = "The least share of rephrases has"
    assert turned not in words(report_of(tmp_path))
    long = FIDELITY.replace("any,30,25,90,0,1,0,0,1,0.03", "any,30,25,90,0,90,0,0,1,0.03")
    assert turned in words(report_of(tmp_path, fidelity=long))


def test_a_type_of_which_no_fact_occurs_has_no_share(tmp_path: Path) -> None:
    none = "clinic,alpha,formal,none,allergy,12,9,0,0,0,0,0,0,0,0,0.3,\n"
    assert "allergy formal none occurred 0 12 9 0 0 0 0" in words(
        report_of(tmp_path, fidelity=FIDELITY + none)
    )


def test_a_judge_stands_beside_its_recall_and_an_uncorrected_share_is_told(tmp_path: Path) -> None:
    said = words(report_of(tmp_path))
    assert "formal any error 50% (30% to 70%) 70.5% (40% to 90%) 40 of 60 0.4 (0.1 to 0.6)" in said
    assert "formal invented 30% (20% to 50%) 0 of 30" in said
    assert "false alarms 2 of 20" in said
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
    assert "Declared, but left out of this page: fidelity, silver. It says nothing of them." in said
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


@pytest.mark.parametrize(
    ("facts", "title"),
    [
        ({"made_of": ["notes"], "models": [{}]}, "Original clinical notes as text to pretrain"),
        ({"tasks": [{"encoders": ["mini"]}]}, "mini on tasks of clinical text"),
        ({"made_of": ["rephrases"]}, "What LLMs wrote in study ward"),
        ({}, "Study ward"),
    ],
)
def test_a_study_without_a_title_has_one_of_what_it_compares(facts: Row, title: str) -> None:
    assert title_of(facts, "ward").startswith(title)


@pytest.mark.parametrize(
    ("corpus", "baseline", "said"),
    [
        ("formal", "none", "Further pretraining of tiny on formal changed"),
        ("formal", "original", "Further pretraining of tiny on formal instead of original changed"),
        ("none", "original", "Leaving out the further pretraining of tiny on original changed"),
    ],
)
def test_a_difference_says_what_was_done_otherwise(corpus: str, baseline: str, said: str) -> None:
    shared = {"encoder": "tiny", "mixture": "entities", "metric": "strict_f1", "runs": "3"}
    shared |= {"units": "40", "unit": "patient"}
    row = shared | {"corpus": corpus, "mean": "0.5316", "difference": "-0.0136"}
    row |= {"difference_low": "-0.06", "difference_high": "0.04", "verdict": "not told apart"}
    told = against_baseline(row, shared | {"corpus": baseline, "mean": "0.5451"})
    assert said in told
    assert "from 0.545 to 0.532: -0.014, before rounding (95%" in told
