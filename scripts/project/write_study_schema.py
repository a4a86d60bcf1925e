"""Write config/schema/*.json, by which editors complete and check study, LLM and prompt files.

    python scripts/project/write_study_schema.py [--check]

With --check nothing is written; the exit status is 1 when a file is not current.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from palimpsest.completions.config import Llm
from palimpsest.corpora.config import Matrix
from palimpsest.datasets.experts import OfTask
from palimpsest.pretraining.config import Model
from palimpsest.requests.config import CategoryPrompt, Prompt
from palimpsest.runtime.taxonomy import Taxonomy
from palimpsest.study.schema import Study

FOLDER = Path(__file__).resolve().parents[2] / "config" / "schema"
Schema = dict[str, Any]


def study_schema() -> Schema:
    """The study's, with what is replaced before it is validated: matrices, and names of tasks."""
    schema = TypeAdapter(Study).json_schema()
    for key, form in (("corpora", Matrix), ("datasets", OfTask)):
        # What a matrix repeats has places for its keys, so only its own keys are checked.
        found = TypeAdapter(form).json_schema()
        schema["$defs"] |= found.pop("$defs", {})
        found["additionalProperties"] = key == "corpora"
        schema["$defs"][form.__name__] = found
        plain = schema["properties"][key]["items"]
        schema["properties"][key]["items"] = {
            "if": {"required": ["matrix" if key == "corpora" else "task"]},
            "then": {"$ref": f"#/$defs/{form.__name__}"},
            "else": plain,
        }
    return schema


def schemas() -> dict[str, Schema]:
    """Each file's name and what is in it."""
    found = {
        "study": study_schema(),
        "llm": TypeAdapter(Llm).json_schema(),
        "model": TypeAdapter(Model).json_schema(),
        "prompt": TypeAdapter(Prompt).json_schema(),
        "category-prompt": TypeAdapter(CategoryPrompt).json_schema(),
        "taxonomy": TypeAdapter(Taxonomy).json_schema(),
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {f"{name}.json": head | schema for name, schema in found.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    status = 0
    for name, schema in schemas().items():
        text = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        path = FOLDER / name
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                print(f"{path.name}: not current; run scripts/project/write_study_schema.py")
                status = 1
        else:
            FOLDER.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
