"""Say where a document or a labelled sentence comes from: ids and offsets, no text."""

import argparse
from pathlib import Path
from typing import Any

import yaml

from palimpsest.cli.arguments import add_results, add_study
from palimpsest.runtime.errors import UserError
from palimpsest.tracing.trace import EXPECTED, trace


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", help=EXPECTED.removeprefix("expected "))
    add_study(parser)
    add_results(parser)


def run(arguments: argparse.Namespace) -> None:
    """Print what is known of a record, as YAML."""
    said = trace(arguments.record, arguments.results)
    said |= _declared(arguments.study, said)
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": 100}
    print(yaml.safe_dump(said, **options), end="")


def _declared(study: Path, said: dict[str, Any]) -> dict[str, Any]:
    """The screens and weights as the study declares them now; nothing where it is not there."""
    if not said["requests"] or not study.exists():
        return {}
    declared = _yaml(study)
    screens = {"rephrases": "screens", "synthetic_notes": "synthesis_screens"}
    kind = said.get("document", {}).get("kind", "")
    found: dict[str, Any] = {"study": str(study)}
    if kind in screens:
        found["screens"] = declared.get(screens[kind], [])
    llms = Path("config/llms")
    for name in {request["llm"]["name"] for request in said["requests"]}:
        if (path := llms / f"{name}.yaml").exists():
            found.setdefault("weights", {})[name] = _yaml(path).get("weights")
    return {"declared": found}


def _yaml(path: Path) -> dict[str, Any]:
    """A declaration as it stands: `palimpsest check` says what is wrong with one."""
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path}: cannot be read; run `palimpsest check {path}`") from error
    return value if isinstance(value, dict) else {}
