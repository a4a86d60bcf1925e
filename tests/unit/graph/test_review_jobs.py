"""What the page of a review reads: what rules found in what it shows, and a judge where one is."""

from pathlib import Path

import pytest

from palimpsest.graph import job_of
from palimpsest.runtime.errors import UserError
from palimpsest.study.files import read_yaml
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
LLM = "smollm2-135m-instruct"
JUDGE = {"name": "second", "source": "hospital", "llm": LLM, "prompt": "judge-rephrase"}


def reads(judges=(), **review):
    study = read_yaml(CONFIG / "config.yaml")
    study |= {"judges": list(judges), "reviews": [{"name": "shown", **review}]}
    catalogue = load_catalogue(study, "config.yaml", CONFIG)
    return job_of("review_page", catalogue, {"review": "shown"}.items()).reads()


def test_rephrases_are_read_with_what_rules_found_in_them():
    read = reads(corpus="mixed")
    sets = [f"{LLM}/hospital.{prompt}" for prompt in ("wikipedia", "medical")]
    assert read["findings"] == [f"<results>/fidelity/{name}/000-of-001.json" for name in sets]
    assert read["judgements"] == []


def test_rules_do_not_look_at_synthetic_notes_nor_at_sentences():
    read = reads(corpus="synthesis")
    assert read["findings"] == [] and read["requests"]
    assert reads(dataset="silver")["findings"] == []


def test_a_judge_is_read_where_the_review_names_it():
    assert reads([JUDGE], corpus="mixed")["judgements"] == []
    read = reads([JUDGE], corpus="mixed", judge="second")
    assert read["judgements"] == "<results>/judgements/second.parquet"


@pytest.mark.parametrize("review", [{"corpus": "synthesis"}, {"dataset": "silver"}])
def test_a_judge_of_something_else_is_an_error(review):
    with pytest.raises(UserError, match="judge"):
        reads([JUDGE], **review, judge="second")
