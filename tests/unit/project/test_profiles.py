"""The profiles for clusters: short jobs of which a study has one a shard go in groups."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
RULE = re.compile(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", re.M | re.S)
OUTPUT = re.compile(r"^    output:\n(.*?)(?=^    \S)", re.M | re.S)
FEW = {"pilot_requests"}  # of a sample


def sharded() -> set[str]:
    """The rules that have a job for each shard."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "rules").glob("*.smk")]
    rules = [found for text in texts for found in RULE.findall(text)]
    outputs = {name: OUTPUT.search(body) for name, body in rules}
    return {name for name, found in outputs.items() if found and "{shard}" in found[1]} - FEW


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_jobs_of_shards_are_grouped(name: str) -> None:
    profile = yaml.safe_load((ROOT / "profiles" / name / "config.yaml").read_text(encoding="utf-8"))
    assert len(sharded()) > 5
    assert sharded() - profile["groups"].keys() == set()
    spans = profile["group-components"]
    assert {profile["groups"][rule] for rule in sharded()} <= spans.keys()
    assert all(number > 1 for number in spans.values())
