"""What `make demo` leaves out of the report, and the numbers that it ends with."""

import importlib.util
from pathlib import Path

import pytest
import yaml
from reports_of import COMPARED, FIDELITY, FIGURE, SCREENS

from palimpsest.summary import telling

ROOT = Path(__file__).parents[3]


def demo():
    found = importlib.util.spec_from_file_location("demo", ROOT / "scripts/project/demo.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def left_out(study: dict) -> list[str]:
    key, _, value = demo().report_without(demo().LEFT_OUT, study).partition("=")
    assert key == "report"
    return yaml.safe_load(value)["without"]


def test_the_report_of_the_demo_leaves_out_what_is_declared_and_not_built():
    study = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    assert set(left_out(study)) == set(demo().LEFT_OUT)
    study["tables"] = [one for one in study["tables"] if one["name"] != "table3"]
    study["report"] = {"without": ["figure4"]}
    assert set(left_out(study)) == {"figure4", *demo().LEFT_OUT} - {"table3"}


def written(folder: Path, text: str, name: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_yields_count_what_was_asked_again_once(tmp_path: Path):
    said = telling.yields(written(tmp_path, SCREENS, "screens.csv"))
    assert said == (
        "Kept by the screens, by prompt: formal of clinic 19 of 25 (76%); "
        "formal in context patient of clinic 1 of 10 (10%)."
    )


def test_differences_are_of_every_system_by_the_first_metric(tmp_path: Path):
    said = telling.differences(written(tmp_path, COMPARED, "table2.csv"))
    assert said.startswith(
        "table2, 500 test examples: Higher. Further pretraining of tiny on formal changed strict "
        "F1 from 0.520 to 0.580: +0.060 (95% interval +0.020 to +0.100; 9 runs, 40 patients). No "
        "difference shown. Further pretraining of tiny on original changed"
    )
    assert "dictionary" not in said


UNIGRAMS = FIGURE.partition("visits,perplexity,alpha,over")[0] + (
    "visits,perplexity,original,mean,,original,,400,390,410,3,5,\n"
    "reports,perplexity,alpha,mean,formal,formal,,12,11,13,3,4,\n"
    "visits,perplexity,alpha,unigram,formal,formal,,400,390,420,,5,\n"
    "visits,perplexity,alpha,over_unigram,formal,formal,,0.965,0.9,{high},,5,\n"
    "visits,bits_per_byte,alpha,over_unigram,formal,formal,,0.1,0.1,0.1,,5,\n"
)


@pytest.mark.parametrize(
    ("high", "won"), [("0.990", "is below it"), ("1.020", "is not surely below it")]
)
def test_the_best_perplexity_stands_beside_its_unigram(tmp_path: Path, high: str, won: str):
    figure = written(tmp_path, UNIGRAMS.format(high=high), "figure1.csv")
    assert telling.against_unigrams(figure) == (
        "Perplexity on visits, lower is better: the lowest has the model of formal, 386 (301 to "
        "420) over 5 patients and 3 seeds. A unigram of the same corpus has 400 (390 to 420): the "
        f"model has 0.965 (0.900 to {high}) of that, and {won}."
    )


def test_a_rate_of_findings_has_its_n(tmp_path: Path):
    assert telling.errors(written(tmp_path, FIDELITY, "fidelity.csv")) == (
        "Fidelity by rules: 1 of 30 rephrases of 25 patients have a changed, omitted or added "
        "fact: 3.33% (0.2% to 15%) (formal in context patient by alpha)."
    )


def test_time_names_the_longest_rules():
    seconds = {"finetune": [60, 120], "figure": [6], "train_model": [30], "mix_corpus": [12]}
    assert telling.time_said("demo: 2 min 00 s", seconds) == (
        "Time: demo: 2 min 00 s; jobs took 3.8 min together, most of it finetune 3.0 min, "
        "train_model 30 s, mix_corpus 12 s."
    )
