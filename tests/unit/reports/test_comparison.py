"""Comparisons say what the scores say, paired with a baseline."""

import numpy as np
import pandas as pd
import pytest
from scored_systems import name_of, row_of, system

from palimpsest.reports.comparison import compare, metrics_of
from palimpsest.reports.config import Baseline, ComparisonSpec
from palimpsest.reports.systems import read_systems, tidy_rows
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table
from palimpsest.scoring.score import SCHEMA

DIFFERENCE = ["difference", "difference_low", "difference_high"]


def spec(baseline=None, by=None, metrics=()):
    named = baseline if baseline is not None else {"mixture": "gold"}
    return ComparisonSpec(baseline=Baseline(**named), by=by, metrics=list(metrics), systems=[])


def compared(systems, **changes):
    return pd.DataFrame(compare(systems, spec(**changes)))


def test_rows_are_means_over_runs_with_the_numbers_behind_them():
    two = system("silver", [0.4, 0.6], trained_on={"gold": 20, "silver": 93})
    table = compared([system("gold", [0.5, 0.5]), two])
    assert list(table["mixture"]) == ["gold", "silver"]
    row = table.iloc[1]
    assert (row["experiment"], row["encoder"], row["corpus"]) == ("signs", "bert", "none")
    assert (row["n"], row["units"], row["unit"]) == (30, 10, "patient")
    assert (row["pretraining_seeds"], row["runs"], row["role"]) == (0, 2, "system")
    assert row["mean"] == pytest.approx(0.5)
    assert row["sd"] == pytest.approx(np.std([0.4, 0.6], ddof=1))
    assert row["mean_low"] < row["mean"] < row["mean_high"]
    assert row["trained_on"] == "gold:20 silver:93"


def test_the_baseline_has_no_difference_and_others_have_that_of_the_means():
    table = compared([system("gold", [0.5, 0.5]), system("silver", [0.6, 0.8])])
    assert table.loc[0, [*DIFFERENCE, "p", "p_holm", "detectable"]].isna().all()
    assert (table.loc[0, "role"], table.loc[0, "verdict"]) == ("baseline", "")
    low, high = table.loc[1, ["difference_low", "difference_high"]]
    assert table.loc[1, "difference"] == pytest.approx(0.2)
    # Of the runs alone, as both were drawn alike: t of one degree of freedom.
    assert (low, high) == pytest.approx((0.2 - 12.706 * 0.1, 0.2 + 12.706 * 0.1), abs=0.001)
    assert table.loc[1, "verdict"] == "not told apart"


def test_one_seed_gives_no_interval_and_says_so():
    table = compared([system("gold", [0.5, 0.6]), system("silver", [0.7])])
    assert table.loc[1, "difference"] == pytest.approx(0.15)
    empty = ["mean_low", "mean_high", "sd", *DIFFERENCE[1:], "p", "p_holm"]
    assert table.loc[1, empty].isna().all()
    assert table.loc[1, "verdict"] == "no interval"
    assert table.loc[1, "notes"].startswith("1 seed: no interval")


@pytest.mark.parametrize(("seeds", "known"), [((0, 0, 0), False), ((0, 1, 2), True)])
def test_runs_from_one_checkpoint_say_nothing_of_another(seeds, known):
    scores = [
        row_of(run, value, seed=seed)
        for run, value, seed in zip((7, 8, 9), (0.4, 0.6, 0.5), seeds, strict=True)
    ]
    adapted = system("gold", [], scores=scores, corpus="notes")
    table = compared([system("gold", [0.5, 0.6]), adapted], baseline={"corpus": "none"})
    row = table.iloc[1]
    assert (row["pretraining_seeds"], row["runs"]) == (len(set(seeds)), 3)
    assert (not np.isnan(row["difference_low"])) == known
    assert ("1 pretraining seed: no interval" in row["notes"]) == (not known)


def test_few_units_are_a_warning():
    assert "10 test units: fewer than 20" in compared([system("gold", [0.5])]).loc[0, "notes"]
    assert compared([system("gold", [0.5, 0.6], units=20)]).loc[0, "notes"] == ""


def test_what_is_trivial_has_an_interval_without_seeds_and_is_no_member_of_the_family():
    trivial = system("gold", [0.3], model="majority", trivial=True)
    systems = [system("gold", [0.5, 0.52]), system("silver", [0.9, 0.91]), trivial]
    table = compared(systems, baseline={"mixture": "gold"})
    row = table.iloc[2]
    assert (row["role"], row["runs"], row["verdict"]) == ("trivial", 0, "")
    assert row["difference"] == pytest.approx(-0.21) and row["p"] < 0.05
    assert row["mean_low"] < 0.3 < row["mean_high"] and np.isnan(row["p_holm"])
    assert table.loc[1, "p_holm"] == pytest.approx(table.loc[1, "p"])  # a family of one
    assert table.loc[1, "verdict"] == "higher"


def test_rows_of_one_metric_are_corrected_together():
    values = {"gold": [0.5, 0.51, 0.52], "silver": [0.60, 0.62, 0.61], "bronze": [0.4, 0.42, 0.41]}
    table = compared([system(name, runs) for name, runs in values.items()])
    smaller, larger = sorted(table["p"].dropna())
    assert sorted(table["p_holm"].dropna()) == pytest.approx(
        [2 * smaller, max(2 * smaller, larger)]
    )
    assert list(table["verdict"]) == ["", "higher", "lower"]
    assert (table["detectable"].dropna() > 0).all()


def test_a_table_by_label_has_a_row_for_each_label_and_metric():
    scores = [
        row_of(0, value, metric, label, positives=positives)
        for label, value, positives in (("care", 0.5, 3), ("gait", None, 0), ("any", 0.7, 3))
        for metric in ("precision", "f1")
    ]
    systems = [system(name, [], scores=scores) for name in ("gold", "silver")]
    table = compared(systems, by="label", metrics=["f1"])
    assert list(table["label"]) == ["care", "gait", "any"] * 2
    assert list(table["positives"]) == [3, 0, 3] * 2
    assert table.loc[1, ["mean", "sd", *DIFFERENCE]].isna().all()
    assert table.loc[3, "difference"] == 0
    assert list(compared(systems, by="label")["metric"][:2]) == ["precision", "f1"]


def test_each_experiment_is_compared_with_its_own_baseline():
    systems = [
        system(name, [value], experiment=experiment)
        for experiment, values in (("one", (0.5, 0.6)), ("two", (0.1, 0.4)))
        for name, value in zip(("gold", "silver"), values, strict=True)
    ]
    found = compared(systems)["difference"].to_numpy()
    assert found == pytest.approx([np.nan, 0.1, np.nan, 0.3], nan_ok=True)


@pytest.mark.parametrize(
    ("baseline", "found"), [({"mixture": "bronze"}, 0), ({}, 2), ({"encoder": "bert"}, 2)]
)
def test_a_baseline_must_be_one_system(baseline, found):
    with pytest.raises(UserError, match=f"'signs': {found} systems fit the baseline"):
        compared([system("gold", [0.5]), system("silver", [0.6])], baseline=baseline)


def test_systems_on_different_examples_are_an_error():
    other = system("silver", [0.5], dataset_sha256="b" * 64)
    with pytest.raises(UserError, match="experiment 'signs' are of different examples"):
        compared([system("gold", [0.5]), other])


def test_a_metric_that_the_scores_lack_is_an_error():
    with pytest.raises(UserError, match=r"no metrics \['auc'\]; expected of \['micro_f1'\]"):
        metrics_of(system("gold", [0.5]), spec(metrics=["auc"]))


def test_scores_are_read_by_what_their_manifests_say_in_the_order_asked_for(tmp_path):
    import pyarrow as pa

    names = [name_of("gold"), name_of("silver")]
    paths = []
    for number, name in enumerate(names):
        rows = [row_of(1, 0.5), row_of(1, 0.7, label="care"), row_of(1, 0.4, split="valid")]
        path = tmp_path / f"x{number}.parquet"
        fields = {"dataset": "gold", "dataset_sha256": "a", "n": 3, "units": 2}
        fields |= {"unit": "note", "trivial": False, "overlapping": 0}
        fields |= {"wildcards": name.identity()}
        fields |= {"metrics": ["micro_f1"], "trained_on": {"gold": number}, "validated_on": 4}
        write_table(path, pa.Table.from_pylist(rows, schema=SCHEMA), **fields)
        paths.append(path)
    second, first = read_systems(paths, names[::-1], by_label=False)
    assert (first.name, second.name) == (names[0], names[1])
    assert second.trained_on == {"gold": 1} and len(first.scores) == 2
    (row,) = read_systems(paths, names[:1], by_label=True)[0].scores
    assert (row["label"], row["value"]) == ("care", 0.7)
    with pytest.raises(UserError, match="'mixture': 'bronze'.* are not among"):
        read_systems(paths, [name_of("bronze")], by_label=False)


def test_tidy_rows_name_the_system_the_run_and_the_split():
    scores = [row_of(4, 0.5), row_of(4, 0.6, split="valid"), row_of(4, 0.2, "other")]
    rows = tidy_rows(system("gold", [], scores=scores), ["micro_f1"])
    assert [(row["metric"], row["value"]) for row in rows] == [
        ("micro_f1", 0.5), ("valid_micro_f1", 0.6),
    ]  # fmt: skip
    named = {"experiment": "signs", "model": "bert", "corpus": "none", "mixture": "gold"}
    named |= {"size": "all", "seed": 0, "run": 4, "dataset": "gold", "label": None}
    assert {key: rows[0][key] for key in named} == named
