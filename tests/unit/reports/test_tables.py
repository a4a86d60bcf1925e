"""Tables say what the manifests and counts say."""

import pandas as pd
import pytest

from palimpsest.reports.corpora import (
    COUNTS,
    corpus_layout,
    corpus_metrics,
    corpus_table,
    models_table,
)
from palimpsest.reports.tidy import COLUMNS, long_rows
from palimpsest.runtime.errors import AccountingError


def size(tokens):
    return dict.fromkeys(COUNTS, 2) | {"tokens": tokens, "distinct_1": 0.5}


def part(kind, tokens, account=None, **names):
    named = {"kind": kind, "source": "ward", "llm": None, "prompt": None} | names
    value = {**named, "budget": tokens, **size(tokens)}
    spent = {"tokens": 50, "tokens_in": 400, "tokens_out": 100}
    return value | ({"account": account, "spent": spent} if account else {})


ACCOUNT = {"in": 10, "kept": 6, "rejected": {"copy": 2, "truncated": 1}, "failed": {"too_long": 1}}
NOTES = {"corpus": "original", "parts": [part("notes", 40)], "all": size(40)}
MIXED = {
    "corpus": "mixed",
    "parts": [part("notes", 20), part("rephrases", 21, ACCOUNT, llm="l", prompt="p")],
    "all": size(41),
}


SOURCE = {"in": 9, "kept": 5, "rejected": {"filtered": 3, "unclosed_quote": 1}, "failed": {}}


def rows_of(*manifests):
    table = corpus_table({"ward": {"account": SOURCE}}, list(manifests))
    of_corpora = table[table["kind"] != "source"]
    return table, {(row.corpus, row.part): row for row in of_corpora.itertuples()}


def test_a_corpus_of_one_part_is_one_row_and_of_more_has_a_sum():
    table, rows = rows_of(NOTES, MIXED)
    assert list(rows) == [("original", "all"), ("mixed", "1"), ("mixed", "2"), ("mixed", "all")]
    assert rows["mixed", "all"].tokens == 41 and rows["mixed", "all"].budget == 41
    assert rows["mixed", "2"].llm == "l" and rows["mixed", "2"].kept == 6
    assert rows["original", "all"].distinct_1 == 0.5


def test_what_parts_passed_over_is_counted_by_reason_and_is_empty_where_nothing_is_declared():
    found = {"duplicate": (2, 20), "near_duplicate": (1, 9), "contaminated": (0, 0)}
    removed = {
        reason: {"documents": count, "tokens": tokens} for reason, (count, tokens) in found.items()
    }
    clean = {**MIXED, "parts": [{**entry, "removed": removed} for entry in MIXED["parts"]]}
    table, rows = rows_of(NOTES, clean)
    counts = [(row.removed_duplicate, row.removed_near_duplicate, row.removed_contaminated,
               row.removed_tokens) for row in rows.values() if row.corpus == "mixed"]  # fmt: skip
    assert counts == [(2, 1, 0, 29), (2, 1, 0, 29), (4, 2, 0, 58)]
    assert pd.isna(rows["original", "all"].removed_tokens)
    assert "removed_tokens" in corpus_layout(table, models_table([], [])).header


def test_every_source_has_a_row_with_its_account():
    table, _ = rows_of(NOTES)
    row = table[table["kind"] == "source"].iloc[0]
    assert (row["source"], row["rows_in"], row["kept"], row["rejected"]) == ("ward", 9, 5, 4)
    assert (row["rejected_filtered"], row["rejected_unclosed_quote"], row["notes"]) == (3, 1, 5)
    assert pd.isna(row["passages_asked"]) and pd.isna(row["corpus"])


def test_every_reason_has_a_column_and_rejects_stand_before_failures():
    table, rows = rows_of(MIXED, NOTES)
    reasons = [name for name in table.columns if name.startswith(("rejected_", "failed_"))]
    assert reasons == [
        "rejected_copy", "rejected_filtered", "rejected_truncated", "rejected_unclosed_quote",
        "failed_too_long",
    ]  # fmt: skip
    row = rows["mixed", "2"]
    assert (row.passages_asked, row.rejected, row.failed) == (10, 3, 1)
    assert row.passages_asked == row.kept + row.rejected + row.failed
    assert pd.isna(rows["original", "all"].passages_asked) and pd.isna(row.rows_in)


def test_yield_cost_and_overshoot_are_those_of_a_part():
    short = part("rephrases", 200, ACCOUNT) | {"tokens": 190}
    table, rows = rows_of({**MIXED, "parts": [short]})
    row = rows["mixed", "all"]
    assert row.overshoot == -0.05
    assert (row.tokens_in_per_kept, row.tokens_out_per_kept) == (8.0, 2.0)
    assert set(table["yield"].dropna()) == {0.6}


def counts(model, corpus, dropped=3):
    counted = {"tokens": 97, "documents": 6, "context": 10, "sequences": 10, "epochs": 1.6}
    counted |= {"dropped_tokens": dropped, "dropped_share": 0.03}
    return {"wildcards": {"model": model, "corpus": corpus}, **counted}


def test_models_stand_in_the_order_of_the_corpora_and_are_told_below_the_table():
    given = [counts("bert", "mixed"), counts("llama", "original"), counts("bert", "original")]
    models = models_table(["original", "mixed"], given)
    assert models[["corpus", "model"]].to_numpy().tolist() == [
        ["original", "llama"], ["original", "bert"], ["mixed", "bert"],
    ]  # fmt: skip
    table, _ = rows_of(NOTES, MIXED)
    few = counts("bert", "mixed", 97) | {"sequences": 0, "epochs": None, "dropped_share": 1.0}
    said = corpus_layout(table, models_table(["mixed"], [few])).below[-1]
    assert said.endswith("100.0% dropped at the end of packing, too few for one sequence.")
    below = corpus_layout(table, models).below
    assert (
        "bert on mixed: 97 tokens by its tokenizer, 3.0% dropped at the end of packing, 1.6 epochs."
    ) in below
    metrics = corpus_metrics(table, models)
    tokens = metrics[metrics["metric"] == "model_tokens"]
    assert tokens[["corpus", "model", "value"]].to_numpy().tolist()[0] == ["original", "llama", 97]


def test_a_part_that_is_not_near_its_budget_is_told_below_the_table():
    far = {**NOTES, "parts": [part("notes", 100) | {"tokens": 103}]}
    table, _ = rows_of(far, MIXED)
    told = [line for line in corpus_layout(table, models_table([], [])).below if "budget" in line]
    assert told == [
        "original, part all: +3.0% of its budget. No sentence of its last document ends nearer."
    ]


def test_people_read_shares_and_thousands():
    large = part("rephrases", 2000, ACCOUNT) | {"tokens": 1998, "bytes": 7}
    table, _ = rows_of({**MIXED, "parts": [large]})
    layout = corpus_layout(table, models_table([], []))
    (row,) = [row for row in layout.rows if row[0].text == "mixed"]
    shown = dict(zip(layout.header, (cell.text for cell in row), strict=True))
    assert (shown["yield"], shown["overshoot"]) == ("60.0%", "-0.1%")
    assert (shown["budget"], shown["tokens"]) == ("2,000", "1,998")
    assert "rejected_copy" not in shown


def test_counts_are_written_as_whole_numbers():
    text = rows_of(NOTES, MIXED)[0].to_csv(index=False)
    assert ",10,6,3,1,2,,1,,1,0.6,8.0,2.0,21,0.0," in text
    assert "10.0" not in text


def test_a_table_without_any_llm_has_the_reasons_of_its_sources_only():
    table, rows = rows_of(NOTES)
    assert [name for name in table.columns if name.startswith(("rejected_", "failed_"))] == [
        "rejected_filtered", "rejected_unclosed_quote",
    ]  # fmt: skip
    assert pd.isna(rows["original", "all"].kept)


def test_an_account_that_does_not_balance_is_an_error_that_names_the_corpus():
    broken = {**MIXED, "parts": [part("rephrases", 9, ACCOUNT | {"in": 11})]}
    with pytest.raises(AccountingError, match="'mixed', part all: 11 records went in.* = 10"):
        corpus_table({}, [broken])
    with pytest.raises(AccountingError, match="source 'ward': 8 records went in.* = 9"):
        corpus_table({"ward": {"account": SOURCE | {"in": 8}}}, [NOTES])


def test_the_tidy_rows_of_a_corpus_table_are_its_sums():
    metrics = corpus_metrics(rows_of(NOTES, MIXED)[0], models_table([], []))
    tokens = metrics[metrics["metric"] == "tokens"]
    assert dict(zip(tokens["corpus"], tokens["value"], strict=True)) == {
        "original": 40,
        "mixed": 41,
    }


def test_tidy_rows_have_fixed_columns_and_leave_empty_what_is_missing():
    text = long_rows([{"corpus": "mixed", "metric": "tokens", "value": 41}, {"value": 1 / 3}])
    assert text.splitlines() == [
        ",".join(COLUMNS),
        ",,mixed,,,,,,,tokens,41,,",
        ",,,,,,,,,,0.333333,,",
    ]
