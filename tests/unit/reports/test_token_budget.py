"""Figure 2: what budgets expand to, what is drawn, and what is compared with what."""

import copy
import json
import math
from pathlib import Path

import pytest
import yaml
from scored_models import scored
from scored_systems import system
from test_figures import texts_of

from palimpsest.graph import job_of
from palimpsest.reports.figures.perplexities import rows_of
from palimpsest.reports.figures.task_scores import score_rows
from palimpsest.reports.figures.token_budget import TokenBudgetSpec, draw_token_budget
from palimpsest.runtime.errors import UserError
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
DEMO = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
DEMO["report"] = {}  # which names figures of the demo
FIGURE = {
    "name": "figure8",
    "kind": "token_budget",
    "corpora": [{"corpus": "original"}, {"corpus": "mixed"}],
    "budgets": [300, 600],
    "model": "llama-130k",
    "evaluations": ["discharge-summaries"],
    "experiment": "entities",
    "encoder": "minilm-l6",
    "seeds": [0, 1, 2],
}


def loaded(**changes):
    study = copy.deepcopy(DEMO)
    study["figures"] = [{**FIGURE, **changes}]
    return load_catalogue(study, "config.yaml", CONFIG)


def test_budgets_are_corpora_whose_parts_keep_their_shares():
    study = loaded().study
    found = {corpus.name: corpus for corpus in study.corpora}
    assert {"original-300", "original-600", "mixed-300", "mixed-600"} <= set(found)
    assert found["mixed-300"].budgets() == [100, 100, 100]
    whole = found["mixed"]
    assert [part.kind for part in found["mixed-600"].parts] == [part.kind for part in whole.parts]


def test_a_corpus_may_have_no_more_than_some_budgets():
    catalogue = loaded(corpora=[{"corpus": "original"}, {"corpus": "mixed", "most": 500}])
    names = {corpus.name for corpus in catalogue.study.corpora}
    assert {"original-600", "mixed-300"} <= names and "mixed-600" not in names
    lines = catalogue.figure("figure8").specified(catalogue).lines
    assert [len(line.points) for line in lines] == [2, 1]


def test_the_task_is_an_experiment_of_its_own():
    catalogue = loaded()
    experiment = catalogue.experiment("figure8-entities")
    assert [row.corpus for row in experiment.encoders] == [
        "none", "original-300", "original-600", "mixed-300", "mixed-600",
    ]  # fmt: skip
    assert experiment.finetuning == catalogue.experiment("entities").finetuning
    assert len(catalogue.systems("entities")) == 3  # table 2 has no row more


def test_a_figure_reads_a_score_for_each_budget_and_seed():
    catalogue = loaded()
    job = job_of("figure", catalogue, {"figure": "figure8"}.items())
    read = [path for path in job.reads()["scores"] if "/perplexity/" in path]
    assert len(read) == len(set(read)) == 2 * 2 * 3
    spec = json.loads(job.spec_json())
    assert [point["corpus"] for point in spec["lines"][1]["points"]] == ["mixed-300", "mixed-600"]


def test_what_two_figures_need_alike_is_there_once():
    study = copy.deepcopy(DEMO)
    study["figures"] = [FIGURE, {**FIGURE, "name": "figure9", "budgets": [600, 900]}]
    names = [corpus.name for corpus in load_catalogue(study, "c", CONFIG).study.corpora]
    assert names.count("original-600") == 1 and "original-900" in names


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"budgets": [600, 300]}, "expected rising budgets, found .600, 300."),
        ({"corpora": [{"corpus": "gone"}]}, "figures.figure8.corpora: 'gone' is not declared"),
        ({"corpora": [{"corpus": "original"}] * 2}, "'original' is declared 2 times"),
        ({"corpora": [{"corpus": "mixed", "most": 9}]}, "'mixed' has at 'most' 9, less than any"),
        ({"experiment": "gone"}, "figures.figure8.experiment: 'gone' is not declared"),
        ({"encoder": None}, "expected both 'experiment' and 'encoder', or neither"),
        ({"encoder": "llama-130k"}, "'llama-130k' is a decoder, expected an encoder"),
        ({"seeds": [0, 1]}, "has 2 seeds, expected one, or one for each"),
        ({"evaluations": ["icu"]}, "figures.figure8.evaluations: 'icu' is not declared"),
        (
            {"corpora": [{"corpus": "mixed"}], "budgets": [2]},
            "figures.figure8: .*too few for 3 parts",
        ),
    ],
)
def test_a_mistake_is_named(changes, wanted):
    with pytest.raises(UserError, match=wanted):
        loaded(**changes)


def test_a_corpus_of_the_same_name_is_a_mistake():
    study = copy.deepcopy(DEMO)
    study["figures"] = [FIGURE]
    study["corpora"].append({**study["corpora"][0], "name": "original-300"})
    with pytest.raises(UserError, match="corpora: 'original-300' is declared 2 times"):
        load_catalogue(study, "config.yaml", CONFIG)


def spec_of(systems=()):
    lines = [
        {"corpus": name, "points": [{"budget": b, "corpus": f"{name}-{b}"} for b in (300, 600)]}
        for name in ("original", "mixed")
    ]
    return TokenBudgetSpec(
        model="llama", metric="perplexity", evaluations=["notes"], lines=lines, systems=systems,
        seed=1,
    )  # fmt: skip


LEVELS = {"original-300": 4.4, "original-600": 4.1, "mixed-300": 4.6, "mixed-600": 4.5}


def perplexities():
    found = {("notes", corpus): scored(level) for corpus, level in LEVELS.items()}
    return spec_of()._perplexities(found, "notes")


def test_a_point_is_compared_with_the_smallest_budget_and_with_the_first_line():
    compared = ("over_smallest", "over_first")
    rows = {(row["role"], row["corpus"]): row for row in perplexities()
            if row["role"] in compared and row["metric"] == "perplexity"}  # fmt: skip
    assert set(rows) == {
        ("over_smallest", "original-600"), ("over_smallest", "mixed-600"),
        ("over_first", "mixed-300"), ("over_first", "mixed-600"),
    }  # fmt: skip
    more = rows["over_smallest", "original-600"]
    assert more["value"] == pytest.approx(math.exp(-0.3)) and more["high"] < 1
    assert rows["over_first", "mixed-600"]["value"] == pytest.approx(math.exp(0.4))


def adapted():
    return [
        system("entities", [0.5, 0.51, 0.52], corpus="none"),
        *(
            system("entities", [level / 10, level / 10 + 0.01], corpus=corpus)
            for corpus, level in LEVELS.items()
        ),
        system("entities", [0.2], model="dictionary", trivial=True),
    ]


def test_a_task_is_compared_by_differences_and_has_its_trivial_rows():
    rows = spec_of()._task(adapted())
    apart = {(row["role"], row["corpus"]): row["value"] for row in rows if "over" in row["role"]}
    assert apart["over_smallest", "original-600"] == pytest.approx(-0.03)
    assert apart["over_first", "mixed-600"] == pytest.approx(0.04)
    lines = [row["series"] for row in rows if row["role"] == "mean" and not row.get("x")]
    assert lines == ["bert as published", "dictionary"]


def test_a_figure_has_a_panel_for_each_and_the_same_bytes(tmp_path):
    rows = [row for row in perplexities() if row["metric"] == "perplexity"]
    rows += spec_of()._task(adapted())
    for name in ("a", "b"):
        draw_token_budget(rows, "What it shows.", tmp_path / f"{name}.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    wanted = {
        "notes",
        "task: gold",
        "original",
        "mixed",
        "300",
        "600",
        "bert as published",
        "unigram",
    }
    assert wanted | {"dictionary", "micro F1"} <= texts_of(tmp_path / "a.svg")


def test_a_caption_says_what_more_tokens_do():
    found = {("notes", corpus): scored(level) for corpus, level in LEVELS.items()}
    caption = spec_of()._caption(found, perplexities(), ["perplexity"])
    assert "smallest: original 600: x 0.741 [" in caption
    assert "30 notes of 20 patients" in caption and "3 seeds" in caption
    assert "of all points the 95% interval of this ratio is below 1. Perplexity on" in caption


def test_rows_of_scores_have_each_run():
    rows = score_rows(system("gold", [0.5, 0.6]), {"panel": "gold"})
    assert [(row["role"], row["value"]) for row in rows[1:]] == [("seed", 0.5), ("seed", 0.6)]
    assert rows_of(scored(4.0), 1, {"panel": "p"})[0]["panel"] == "p"
