"""The JSON schemas for editors are current, and take what the project's own files say."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = ROOT / "config" / "schema"
STUDIES = [ROOT / "config/config.yaml", ROOT / "config/paper.yaml"]
STUDIES += sorted((ROOT / "config/examples").glob("*.yaml"))
OTHERS = {"llms": "llm", "models": "model", "taxonomies": "taxonomy"}


def errors(schema: str, value: object) -> list[str]:
    checked = json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(checked)
    found = Draft202012Validator(checked).iter_errors(value)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]


def test_the_schemas_are_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "scripts" / "project")
    from write_study_schema import schemas

    written = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")}
    assert written == json.loads(json.dumps(schemas())), "run scripts/project/write_study_schema.py"


@pytest.mark.parametrize("study", STUDIES, ids=lambda path: path.stem)
def test_a_study_is_valid_and_names_its_schema(study: Path) -> None:
    text = study.read_text(encoding="utf-8")
    assert errors("study", yaml.safe_load(text)) == []
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named, "its first line names no schema"
    assert (study.parent / named[1]).resolve() == SCHEMAS / "study.json"


@pytest.mark.parametrize(("folder", "schema"), OTHERS.items())
def test_recipes_are_valid(folder: str, schema: str) -> None:
    for path in (ROOT / "config" / folder).glob("*.yaml"):
        assert errors(schema, yaml.safe_load(path.read_text(encoding="utf-8"))) == [], path


def test_a_mistake_is_found() -> None:
    study = yaml.safe_load(STUDIES[0].read_text(encoding="utf-8"))
    study["corpora"][0]["parts"][0]["tokns"] = 3
    assert errors("study", study) != []
    assert errors("study", {"results": "results", "seed": 1, "sead": 1}) != []
