"""Commands at full size: the kernel takes 128 KiB for one argument, and a command is one."""

import copy
from pathlib import Path

import pytest
import yaml
from rule_files import inputs_named, rules

from palimpsest.graph import job_of
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
PAPER = yaml.safe_load((CONFIG / "paper.yaml").read_text(encoding="utf-8"))
RULES = rules()
LONGEST = 100_000
SHARDS = 1000


@pytest.fixture(scope="module")
def catalogue():
    """The published study with 1,000 shards: 4 LLMs x 3 prompts."""
    study = copy.deepcopy(PAPER)
    pack = {"name": "pack", "title": "All", "creators": ["The lab"], "published": "2026-01-31"}
    study["evidence"] = [{**pack, "licence": "CC-BY-4.0"}]
    rephrased = {entry["source"] for entry in study["rephrasings"]}
    for source in study["sources"]:
        source["shards"] = SHARDS if source["name"] in rephrased else 1
    return load_catalogue(study, "paper.yaml", CONFIG)


def command(catalogue, rule, **wildcards):
    """The inputs and the specification that a job's command spells, joined."""
    job = job_of(rule, catalogue, wildcards.items())
    read = job.reads()
    parts = [job.spec_json()]
    for name in inputs_named(RULES[rule]):
        parts += [read[name]] if isinstance(read[name], str) else read[name]
    return " ".join(part.replace("<results>", catalogue.study.results) for part in parts)


def jobs(catalogue):
    study = catalogue.study
    yield "screens_table", {}
    yield "collect_metrics", {}
    yield "check_splits", {}
    yield "overlap_table", {}
    yield "evidence_pack", {"evidence": "pack"}
    for llm in catalogue.asked_llms():
        yield "plan_llm", {"llm": llm}
    for corpus in study.corpora:
        yield "mix_corpus", {"corpus": corpus.name}
    for tokenizer in study.tokenizers:
        yield "train_tokenizer", {"tokenizer": tokenizer.name}
    for table in study.tables:
        rule = "corpus_table" if table.kind == "corpora" else "comparison_table"
        yield rule, {"table": table.name}
    for figure in study.figures:
        yield "figure", {"figure": figure.name}


def test_no_command_is_longer_than_the_kernel_takes(catalogue):
    sizes = {
        f"{rule} {wildcards}": len(command(catalogue, rule, **wildcards))
        for rule, wildcards in jobs(catalogue)
    }
    assert max(sizes.values()) < LONGEST, max(sizes, key=sizes.get)


def test_every_shard_is_an_input_all_the_same(catalogue):
    read = job_of("screens_table", catalogue, {}).reads()
    sets = len(read["kept"])
    assert sets == 12 * SHARDS / SHARDS
    assert len(read["kept_tables"]) == sets * SHARDS * 2  # with the rejects
