"""What the job of an evidence pack is given of a study."""

from pathlib import Path

import pytest

from palimpsest.graph import job_of
from palimpsest.study.files import read_yaml
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"
LLM = "smollm2-135m-instruct"
JUDGE = {"name": "critic", "source": "hospital", "llm": LLM, "prompt": "judge-rephrase"}


@pytest.mark.parametrize(
    ("prompt", "changes"),
    [
        ("medical", {}),
        ("brief-discharge-summary", {}),
        ("check-label", {}),
        ("judge-rephrase", {"judges": [JUDGE]}),
    ],
)
def test_a_pack_has_the_prompts_of_every_kind(prompt, changes):
    study = read_yaml(CONFIG / "config.yaml") | changes
    catalogue = load_catalogue(study, "config.yaml", CONFIG)
    spec = job_of("evidence_pack", catalogue, [("evidence", "demo")]).spec()
    assert spec.prompts[prompt] == catalogue.every_prompt[prompt].identity()
