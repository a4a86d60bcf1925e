"""Random studies load or are refused by name: `benchmarks/fuzz/random_studies.py` has thousands."""

import shutil

import pytest
import yaml
from declared import CONFIG, load, refused
from random_studies import BOMB, MERGED, outcome, trial

from palimpsest.runtime.errors import UserError
from palimpsest.study.files import read_yaml

DEMO = (CONFIG / "config.yaml").read_text(encoding="utf-8")


def test_random_studies_load_or_are_refused_by_name(tmp_path):
    shutil.copytree(CONFIG, tmp_path / "config")
    found = [trial(number, 7, tmp_path) for number in range(150)]
    assert set(found) == {"loads", "refused"}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("seed: 0x" + "f" * 5000, "a whole number of more than 64 bits"),
        ("seed: " + "9" * 5000, "Exceeds the limit"),
        ("x: 2024-02-30", "day is out of range"),
        ("x: !!int ''", "index out of range"),
        ('x: "\\ud800"', "character that UTF-8 has not"),
        ('x: "\\0"', "or NUL"),
        ("x: \x07", r"character U\+0007"),
        ("x: &a [*a]", "it holds an alias of itself"),
        ("x: " + "[" * 60 + "]" * 60, "nested deeper than 50"),
        ("x: " + "[" * 5000 + "]" * 5000, "nested deeper than 50"),
        ("---\nx: 1", "not valid YAML: but found another document"),
    ],
    ids=lambda value: value[:20],
)
def test_what_no_declaration_needs_is_named_with_its_line(tmp_path, line, wanted):
    (tmp_path / "study.yaml").write_text(f"a: 1\n{line}\n", encoding="utf-8")
    with pytest.raises(UserError, match=rf"study\.yaml(:\d)?: .*{wanted}"):
        read_yaml(tmp_path / "study.yaml")


@pytest.mark.parametrize("bomb", [BOMB, MERGED])
def test_aliases_of_aliases_are_counted_and_not_unrolled(tmp_path, bomb):
    (tmp_path / "study.yaml").write_text(bomb + DEMO, encoding="utf-8")
    assert outcome(tmp_path / "study.yaml", CONFIG) == "refused"
    with pytest.raises(UserError, match="by its aliases, expected at most 100000"):
        read_yaml(tmp_path / "study.yaml")


def test_aliases_that_spare_a_line_are_welcome(tmp_path):
    (tmp_path / "study.yaml").write_text("a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: *a\n")
    assert read_yaml(tmp_path / "study.yaml")["b"] == {"x": 1, "y": 2}


@pytest.mark.parametrize("seed", [-1, 2**32, 2**40])
def test_seeds_have_32_bits(seed):
    refused(yaml.safe_load(DEMO) | {"seed": seed}, "study.yaml: seed: ", f"found {seed}")


@pytest.mark.parametrize(
    ("kind", "name", "wanted"),
    [
        ("corpora", "Original", "corpora: 'Original' and 'original' differ in case alone"),
        ("corpora", "None", "the name 'None' is reserved"),
        ("tables", "Metrics", "tables and figures: the name 'Metrics' is reserved"),
        (
            "datasets",
            "Hospital",
            "sources, datasets and judges: 'Hospital' and 'hospital' differ in case",
        ),
        ("evaluations", "x" * 81, "evaluations.3.name: .*pattern"),
    ],
)
def test_names_that_some_disks_take_for_one_are_refused(kind, name, wanted):
    study = yaml.safe_load(DEMO)
    study[kind].append({**study[kind][0], "name": name})
    with pytest.raises(UserError, match=wanted):
        load(study)


def test_a_recipe_outside_the_library_is_not_read():
    study = yaml.safe_load(DEMO)
    study["figures"][0]["model"] = "../llms/smollm2-135m-instruct"
    refused(study, "no such file, but the study names '../llms/smollm2-135m-instruct'")


def test_an_unknown_key_is_named_as_it_is_spelt():
    refused(yaml.safe_load(DEMO) | {"Seed": 1}, "study.yaml: Seed: unknown key")
    refused(yaml.safe_load(DEMO) | {"a\nb": 1}, r"study.yaml: a\nb: unknown key")
    refused(yaml.safe_load(DEMO) | {"results": "x/" * 4000}, "study.yaml: results: ", "…")


def test_a_thousand_mistakes_are_told_in_some_lines():
    message = refused(yaml.safe_load(DEMO) | {f"x{number}": 1 for number in range(1000)})
    assert len(message.splitlines()) == 31 and message.endswith("and 970 more mistakes")
