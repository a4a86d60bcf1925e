"""What the jobs of corpora and of their table read."""

from pathlib import Path

import pytest
import yaml

from palimpsest.graph import job_of
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def demo():
    study = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
    return load_catalogue(study, "config.yaml", CONFIG)


def job(catalogue, rule, **wildcards):
    return job_of(rule, catalogue, wildcards.items())


def test_matched_notes_read_the_requests_of_every_round():
    study = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))
    study["rephrasings"][0]["retry"] = {"times": 1, "reasons": ["truncated"]}
    part = {"source": "hospital", "llm": "{llm}", "prompt": "medical", "tokens": 9}
    matrix = {"llm": {"small": "smollm2-135m-instruct"}}
    study["corpora"].append(
        {"name": "as-{llm}", "matrix": matrix, "parts": [{"kind": "matched_notes", **part}]}
    )
    catalogue = load_catalogue(study, "study.yaml", CONFIG)
    read = job(catalogue, "mix_corpus", corpus="as-small").reads()
    llm, shard = "smollm2-135m-instruct", "000-of-001.json"
    assert read["parts"] == [
        f"<results>/rephrases/{llm}/hospital.medical/{shard}",
        f"<results>/rephrases/{llm}/hospital.medical.retry1/{shard}",
        f"<results>/requests/hospital.medical/{shard}",
        f"<results>/requests/{llm}/hospital.medical.retry1/{shard}",
    ]
    (declared,) = catalogue.corpus("as-small").parts
    asked = {"source": "hospital", "prompt": "medical", "shard": "000-of-001"}
    given = [
        {"llm": llm, "request_set": "hospital.medical", "shard": "000-of-001"},
        {"llm": llm, "request_set": "hospital.medical.retry1", "shard": "000-of-001"},
        asked,
        {**asked, "llm": llm, "round": "1"},
        {**asked, "llm": "other", "round": "1"},
        {"source": "hospital", "shard": "000-of-001"},
    ]
    assert [declared.is_of(names) for names in given] == [True, True, *[False] * 4]
    assert [declared.holds_passages(names) for names in given] == [
        False, False, True, True, False, False,
    ]  # fmt: skip


def test_a_table_of_corpora_reads_the_counts_of_models_that_are_trained_on_them(demo):
    read = job(demo, "corpus_table", table="table1").reads()
    counted = {tuple(path.removesuffix(".json").split("/")[2:]) for path in read["tokens"]}
    assert counted == {
        ("minilm-l6", "original"), ("minilm-l6", "mixed"), ("llama-130k", "original"),
        ("llama-130k", "wikipedia"), ("llama-130k", "medical"), ("llama-130k", "synthesis"),
        ("llama-130k", "mixed"),
    }  # fmt: skip
    decoder = job(demo, "count_tokens", model="llama-130k", corpus="medical").reads()
    encoder = job(demo, "count_tokens", model="minilm-l6", corpus="mixed").reads()
    assert decoder["tokenizer"] == "<results>/tokenizers/clinical-bpe/tokenizer.json"
    assert encoder["tokenizer"] == "<results>/weights/minilm-l6/tokenizer.json"
