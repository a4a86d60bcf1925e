"""The tables of combinations say what the classified test sentences say."""

import numpy as np
import pandas as pd
import pytest

from palimpsest.reports.categories import category_metrics, category_rows, category_scores
from palimpsest.reports.combinations import (
    METRICS,
    compare_combinations,
    read_run,
    resampled_weights,
    run_metrics,
    run_paths,
)
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table
from palimpsest.scoring.sentences import scored_sentences

LABELS = ["memory", "care", "gait"]
GOLD = [["memory"], ["care"], [], ["memory", "care"], [], ["care"]] * 5
TEST = [
    {"sentence_id": f"s{at}", "group": f"p{at // 3}", "categories": categories}
    for at, categories in enumerate(GOLD)
]
RIGHT = np.array([[name in held for name in LABELS] + [bool(held)] for held in GOLD], float)


def scores(noise, seed=0):
    """Probabilities of the right answers, from perfect (0) to random (1)."""
    random = np.random.default_rng(seed).uniform(size=RIGHT.shape)
    return ((1 - noise) * RIGHT + noise * random).astype(np.float32)


@pytest.fixture
def written(tmp_path):
    """Writes a run's table and reads it back."""

    def write(name, given, test=TEST, **used):
        path = tmp_path / f"{name}.parquet"
        table, metrics = scored_sentences(test, given, np.full(4, 0.5), LABELS)
        sentences = used or {"gold": 20}
        write_table(
            path,
            table,
            metrics=metrics,
            sentences=sentences,
            gold_sentences=sentences.get("gold", 0),
        )
        return read_run(path, LABELS)

    return write


def test_a_run_is_read_back_as_it_was_decided(written):
    given = scores(0.9)
    run = written("run", given)
    assert np.array_equal(run.scores, given)
    assert np.array_equal(run.predicted, given >= 0.5)
    assert np.array_equal(run.gold, RIGHT.astype(bool))
    assert run.sentence_id[3] == "s3" and run.group[3] == "p1"


def compared(runs, baseline="base"):
    table = pd.DataFrame(compare_combinations(runs, baseline, seed=0))
    return table.set_index(["combination", "metric"])


def test_means_are_those_of_the_manifests_and_rows_name_what_was_trained_on(written):
    base = {at: written(f"b{at}", scores(0.8, at), silver=93, gold=20) for at in (1, 2)}
    other = {at: written(f"o{at}", scores(0.6, at), bronze=7) for at in (1, 2)}
    table = compared({"base": base, "other": other})
    assert list(table.index) == [(name, one) for name in ("base", "other") for one in METRICS]
    for name, runs in (("base", base), ("other", other)):
        for metric in METRICS:
            values = [
                row["value"]
                for run in runs.values()
                for row in run.manifest["metrics"]
                if row["metric"] == metric
            ]
            assert table.loc[(name, metric), "mean"] == pytest.approx(np.mean(values))
            assert table.loc[(name, metric), "sd"] == pytest.approx(np.std(values, ddof=1))
    assert set(table["seeds"]) == {2}
    assert table.loc[("base", "auprc"), "sentences"] == "gold:20 silver:93"
    assert table.loc[("other", "auprc"), "sentences"] == "bronze:7"


def test_the_baseline_has_no_difference_and_others_have_that_of_the_means(written):
    base = {1: written("b", scores(0.9))}
    better = {1: written("g1", scores(0.0)), 2: written("g2", scores(0.9))}
    table = compared({"better": better, "base": base})
    assert table.loc["base", ["difference", "difference_low", "difference_high"]].isna().all().all()
    rows = table.loc["better"]
    means = rows["mean"] - table.loc["base", "mean"]
    assert rows["difference"].to_numpy() == pytest.approx(means.to_numpy())
    assert (rows["difference"] > 0).all()
    assert (rows["difference_low"] <= rows["difference"]).all()
    assert (rows["difference"] <= rows["difference_high"]).all()
    assert np.isnan(table.loc[("base", "micro_f1"), "sd"])


def test_equal_decisions_do_not_differ_in_any_resample(written):
    same = {1: written("a", scores(0.9))}
    row = compared({"base": same, "same": same}).loc["same"]
    assert (row[["difference", "difference_low", "difference_high"]] == 0).all().all()


def test_patients_are_resampled_and_not_sentences(written):
    alone = [{**one, "group": "p0"} for one in TEST]
    base, better = written("b", scores(0.9), alone), written("g", scores(0.5), alone)
    row = compared({"base": {1: base}, "better": {1: better}}).loc[("better", "micro_f1")]
    assert row["difference_low"] == row["difference"] == row["difference_high"] != 0
    weights = resampled_weights(written("w", scores(0.9)), seed=0)
    assert weights.shape[1] == len(TEST) and (weights[0] == 1).all()
    assert (weights[:, 0::3] == weights[:, 1::3]).all()  # three sentences a patient
    assert (weights.sum(axis=1) == len(TEST)).all() and (weights[1:] == 0).any()


def test_a_comparison_is_the_same_for_the_same_seed_only(written):
    runs = {"base": {1: written("b", scores(0.9))}, "other": {1: written("o", scores(0.7))}}
    first, second = (compare_combinations(runs, "base", 1)[4:] for _ in range(2))
    assert first == second != compare_combinations(runs, "base", 2)[4:]


def test_runs_on_different_test_sentences_are_an_error(written):
    base = {1: written("b", scores(0.5))}
    fewer = {1: written("f", scores(0.5)[1:], TEST[1:])}
    changed = [{**TEST[0], "categories": []}, *TEST[1:]]
    relabelled = {1: written("r", scores(0.5), changed)}
    for other in (fewer, relabelled):
        with pytest.raises(UserError, match=r"\['base', 'other'\] are on different test sentences"):
            compare_combinations({"base": base, "other": other}, "base", 0)


def test_scores_of_a_category_of_known_decisions(written):
    given = RIGHT.astype(np.float32)
    given[0] = [0.1, 0.9, 0.2, 0.9]  # memory is missed and care is wrongly found, once
    rows = category_scores(written("run", given), LABELS)
    assert rows["memory"]["precision"] == 1 and rows["memory"]["recall"] == 0.9
    assert rows["memory"]["f1"] == pytest.approx(2 * 9 / 19)
    assert rows["care"]["precision"] == pytest.approx(15 / 16) and rows["care"]["recall"] == 1
    assert rows["care"]["auprc"] == 1
    assert all(np.isnan(value) for value in rows["gait"].values())
    assert rows["any"] == {"precision": 1, "recall": 1, "f1": 1, "auprc": 1}


def test_a_category_that_is_never_found_has_no_precision(written):
    given = RIGHT.astype(np.float32)
    given[:, 0] *= 0.4
    rows = category_scores(written("run", given), LABELS)
    assert rows["memory"] == {"precision": 0, "recall": 0, "f1": 0, "auprc": 1}


def test_rows_of_categories_are_means_over_runs_and_end_with_any(written):
    runs = {at: written(f"r{at}", scores(0.8, at)) for at in (1, 2)}
    rows = category_rows(runs, LABELS, seed=0)
    assert [row["category"] for row in rows] == [*LABELS, "any"]
    assert [row["positives"] for row in rows] == [10, 15, 0, 20]
    each = [category_scores(run, LABELS)["care"]["f1"] for run in runs.values()]
    assert rows[1]["f1"] == pytest.approx(np.mean(each))
    assert rows[1]["f1_sd"] == pytest.approx(np.std(each, ddof=1))
    assert rows[1]["f1_low"] < rows[1]["f1"] < rows[1]["f1_high"]
    assert np.isnan(rows[2]["f1"]) and np.isnan(rows[2]["f1_low"])


def test_tidy_rows_name_the_training_the_run_and_the_category(written, tmp_path):
    declared = {"classification": "dementia", "seeds": [4, 5]}
    paths = run_paths(tmp_path, declared, "gold-silver", 25)
    assert paths[5] == tmp_path / "dementia" / "gold-silver" / "gold25" / "run5.parquet"
    metrics = category_metrics(written("run", scores(0.0)), LABELS)
    assert {"metric": "recall:any", "value": 1.0} in metrics and len(metrics) == 16
    rows = run_metrics(declared, "gold-silver", {4: metrics[:1]}, 25)
    named = {"corpus": "gold-silver/gold25", "dataset": "dementia", "run": 4}
    assert rows == [named | metrics[0]]
