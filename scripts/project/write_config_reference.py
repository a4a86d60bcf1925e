"""Write docs/configuration.md from the schemas of the study and of the files that it names.

    python scripts/project/write_config_reference.py [--check]

With --check nothing is written; the exit status is 1 when the file is not current.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from palimpsest.completions.config import Llm
from palimpsest.pretraining.config import Model
from palimpsest.requests.config import CategoryPrompt, Prompt
from palimpsest.runtime.taxonomy import Taxonomy
from palimpsest.study.schema import Study

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "configuration.md"
FILES = {
    "Study file": Study,
    "LLM file": Llm,
    "Prompt file": Prompt,
    "Category prompt file": CategoryPrompt,
    "Taxonomy file": Taxonomy,
    "Model file": Model,
}
HEADER = """\
# Configuration

<!-- Written by scripts/project/write_config_reference.py: do not edit. -->

A study is one YAML file, and it names LLM, prompt, taxonomy and model files by their names without
`.yaml`. The demo's are [config/config.yaml](../config/config.yaml),
[an LLM](../config/llms/smollm2-135m-instruct.yaml),
[a prompt that rephrases](../config/prompts/wikipedia.yaml), prompts
[to label](../config/prompts/label-sentence.yaml),
[to check](../config/prompts/check-label.yaml) and
[to write](../config/prompts/write-sentence.yaml) a sentence,
[a taxonomy](../config/taxonomies/alzheimers.yaml), [a decoder](../config/models/llama-1m.yaml) and
[an encoder](../config/models/minilm-l6.yaml).
An unknown key, a missing key or a value of the wrong type stops Snakemake before the first job,
with the file, the key, what was found and what was expected.
"""
LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "greater than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} entry",
    "pattern": "matches `{}`",
}
PLAIN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}


Choice = tuple[tuple[str, list[str]], ...]  # keys and their values that choose a form


@dataclass
class Section:
    """One object of a file: where it stands, what it is, its keys."""

    path: str  # dotted keys from the top of the file, empty for the file itself
    chosen_by: Choice  # nothing where there is one form
    schema: dict[str, Any]

    def heading(self, file: str) -> str:
        """The section's heading: unique in the page."""
        if not self.path and not self.chosen_by:
            return file
        words = [f"{file}:", self.path] if self.path else [file]
        chosen = [
            f"{key} {values[0]}" if len(values) == 1 else f"one of {len(values)} {key}s"
            for key, values in self.chosen_by
        ]
        return " ".join([*words, f"with {' and '.join(chosen)}"] if chosen else words)


@dataclass
class File:
    """The sections of one kind of file, in the order of its keys."""

    name: str
    schema: dict[str, Any]
    sections: dict[str, Section] = field(default_factory=dict)  # by the object's schema name

    def __post_init__(self) -> None:
        self._collect("", self.schema)

    def _collect(self, path: str, schema: dict[str, Any]) -> None:
        """Find the objects below a schema; one that stands in two places is described once."""
        forms = list(_forms(schema, self.schema.get("$defs", {})))
        if "properties" in schema:
            forms.append(("", (), schema))
        for name, chosen_by, found in forms:
            if name in self.sections:
                continue
            self.sections[name] = Section(path, chosen_by, found)
            for key, value in found["properties"].items():
                self._collect(f"{path}.{key}" if path else key, value)


def _forms(
    schema: dict[str, Any], objects: dict[str, Any], chosen_by: Choice = ()
) -> Iterator[tuple[str, Choice, dict[str, Any]]]:
    """The objects that may stand at a key: (schema name, what chooses this form, schema)."""
    union = schema.get("discriminator")
    if union:
        forms: dict[str, list[str]] = {}  # schemas as JSON, with the values that choose them
        for value, form in union["mapping"].items():
            form = {"$ref": form} if isinstance(form, str) else form
            forms.setdefault(json.dumps(form), []).append(value)
        for form, values in forms.items():
            choice = (*chosen_by, (union["propertyName"], values))
            yield from _forms(json.loads(form), objects, choice)
    elif "$ref" in schema:
        name = _name(schema["$ref"])
        yield name, chosen_by, objects[name]
    else:
        for inner in [schema.get("items"), *schema.get("anyOf", [])]:
            if inner:
                yield from _forms(inner, objects)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def type_of(schema: dict[str, Any], file: File) -> str:
    """A key's type in words; objects are links to their sections."""
    if "discriminator" in schema or "$ref" in schema:
        forms = _forms(schema, file.schema.get("$defs", {}))
        links = []
        for name, chosen_by, _ in forms:
            shown = " by ".join(" or ".join(values) for _, values in chosen_by) or "object"
            links.append(f"[{shown}](#{anchor(file.sections[name].heading(file.name))})")
        return " or ".join(links)
    if "anyOf" in schema:
        return " or ".join(type_of(one, file) for one in schema["anyOf"] if one != {"type": "null"})
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema["type"] == "array":
        return f"list of {type_of(schema['items'], file)}"
    if schema["type"] == "object":
        values = schema.get("additionalProperties")
        return f"map to {type_of(values, file)}" if isinstance(values, dict) else "map"
    return PLAIN[schema["type"]]


def default_of(key: str, section: dict[str, Any], value: dict[str, Any]) -> str:
    """What holds when the key is absent."""
    if key in section.get("required", []):
        return "required"
    empty = {"array": [], "object": {}}.get(value.get("type", ""))
    default = value.get("default", empty)
    if default is None:
        return "none"
    if "$ref" in value:
        return "its defaults"
    return f"`{json.dumps(default)}`"


def limits_of(schema: dict[str, Any]) -> str:
    """The constraints on a key's value; those of a list's entries are told as such."""
    told = [text.format(schema[limit]) for limit, text in LIMITS.items() if limit in schema]
    for inner in schema.get("anyOf", []):
        told += [limits_of(inner)]
    if entry := limits_of(schema["items"]) if "items" in schema else "":
        told.append(f"each {entry}")
    return ", ".join(filter(None, told))


def table_of(section: Section, file: File) -> Iterator[str]:
    """The rows of a section's table. Raises ValueError for a key without a description."""
    yield "| key | type | default | constraints | description |"
    yield "|---|---|---|---|---|"
    for key, value in section.schema["properties"].items():
        # pydantic leaves out what an object's own description says already.
        described = file.sections[_name(value["$ref"])].schema if "$ref" in value else {}
        description = value.get("description") or described.get("description")
        if not description:
            raise ValueError(f"{section.heading(file.name)}: key '{key}' has no description")
        cells = [
            f"`{key}`",
            type_of(value, file),
            default_of(key, section.schema, value),
            limits_of(value),
            description,
        ]
        yield "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def reference() -> str:
    """The whole page. Raises ValueError for a key without a description."""
    lines = [HEADER]
    for name, schema in FILES.items():
        file = File(name, TypeAdapter(schema).json_schema())
        if file.schema.get("discriminator"):
            lines.append(f"## {name}\n")
        for section in file.sections.values():
            heading = section.heading(name)
            lines.append(f"{'##' if heading == name else '###'} {heading}\n")
            lines.append(re.sub(r"\s*\n\s*", " ", section.schema["description"].strip()) + "\n")
            lines += [*table_of(section, file), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only say whether it is current")
    text = reference()
    if parser.parse_args().check:
        current = REFERENCE.read_text(encoding="utf-8") if REFERENCE.exists() else ""
        if current != text:
            sys.exit(
                f"error: {REFERENCE.relative_to(ROOT)} is not current: run {Path(__file__).name}"
            )
        return
    REFERENCE.parent.mkdir(exist_ok=True)
    REFERENCE.write_text(text, encoding="utf-8", newline="\n")
    print(REFERENCE.relative_to(ROOT))


if __name__ == "__main__":
    main()
