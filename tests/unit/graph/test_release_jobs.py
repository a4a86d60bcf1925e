"""What the jobs of a release read: each check all that is given away, the verdict each check."""

from pathlib import Path

import pytest

from palimpsest.graph import job_of
from palimpsest.release.config import CHECKS
from palimpsest.runtime.errors import UserError
from palimpsest.study.files import read_yaml
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
RELEASE = {
    "name": "shared",
    "source": "hospital",
    "corpora": ["medical", "mixed"],
    "datasets": ["bronze"],
    "checkpoints": [
        {"model": "llama-130k", "corpus": "medical", "seed": 1, "reference": "synthesis"}
    ],
    "roster": {"by": "gold"},
    "attributes": [{"name": "alcohol", "words": ["alcohol"]}],
    "repair": "drop_documents",
    "demanded": True,
}
LOSSES = [
    f"<results>/release/shared/losses/llama-130k/{corpus}/seed1.json"
    for corpus in ("medical", "synthesis")
]


@pytest.fixture(scope="module")
def catalogue():
    study = read_yaml(CONFIG / "config.yaml") | {"releases": [RELEASE]}
    study["sources"][0]["canaries"] = 12
    return load_catalogue(study, "config.yaml", CONFIG)


def reads(catalogue, rule, **wildcards):
    """The paths that a job reads."""
    if rule != "export_corpus":
        wildcards["release"] = "shared"
    found = job_of(rule, catalogue, wildcards.items()).reads()
    return [
        path for value in found.values() for path in ([value] if isinstance(value, str) else value)
    ]


@pytest.mark.parametrize("check", CHECKS)
def test_each_check_reads_the_notes_and_all_that_is_given_away(catalogue, check):
    read = reads(catalogue, "check_release", stage="given", check=check)
    assert {
        "<results>/notes/hospital.json",
        "<results>/corpora/medical.json",
        "<results>/corpora/mixed.json",
        "<results>/datasets/bronze.json",
        "<results>/checkpoints/llama-130k/medical/seed1.json",
    } <= {*read}
    assert ({*LOSSES} <= {*read}) == (check in ("membership", "canaries"))


@pytest.mark.parametrize("check", CHECKS)
def test_the_verdict_reads_each_check_of_each_stage_and_what_these_must_be_of(catalogue, check):
    read = reads(catalogue, "judge_release")
    for stage in ("given", "repaired"):
        assert f"<results>/release/shared/{stage}/{check}.json" in read
    assert {
        "<results>/notes/hospital.json",
        "<results>/corpora/medical.json",
        "<results>/release/shared/corpora/mixed.json",
        "<results>/datasets/bronze.json",
        "<results>/checkpoints/llama-130k/medical/seed1.json",
    } <= {*read}


def test_after_the_repair_the_repaired_corpora_are_read(catalogue):
    read = reads(catalogue, "check_release", stage="repaired", check="canaries")
    assert "<results>/release/shared/corpora/medical.json" in read
    assert "<results>/corpora/medical.json" not in read


def test_a_check_that_is_left_out_is_no_job():
    study = read_yaml(CONFIG / "config.yaml")
    left_out = {"canaries": "none could be planted"}
    study["releases"] = [{**RELEASE, "repair": None, "without": left_out}]
    catalogue = load_catalogue(study, "config.yaml", CONFIG)
    with pytest.raises(UserError, match="leaves out the check 'canaries'"):
        reads(catalogue, "check_release", stage="given", check="canaries")
    assert not [path for path in reads(catalogue, "judge_release") if "canaries" in path]


def test_a_corpus_is_exported_only_with_the_verdict_that_is_demanded(catalogue):
    read = reads(catalogue, "export_corpus", corpus="medical")
    assert "<results>/release/shared.json" in read
    assert not [
        path for path in reads(catalogue, "export_corpus", corpus="original") if "release/" in path
    ]
