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

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "configuration.md"
FILES = {
    "Study file": Study,
    "Corpora of a matrix": Matrix,
    "LLM file": Llm,
    "Prompt file": Prompt,
    "Category prompt file": CategoryPrompt,
    "Taxonomy file": Taxonomy,
    "Dataset of a task file": OfTask,
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
[a taxonomy](../config/taxonomies/alzheimers.yaml), [a decoder](../config/models/llama-130k.yaml)
and [an encoder](../config/models/minilm-l6.yaml).
A [task file](tasks.md#task-files) declares a dataset that several studies share.
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
Schema = dict[str, Any]  # JSON schema, as pydantic writes it
Choice = tuple[tuple[str, str], ...]  # keys and the values of them that choose a form


class File:
    """One kind of file: the objects in it, each with the heading of its section."""

    def __init__(self, name: str, schema: Schema) -> None:
        self.name, self.objects = name, schema.get("$defs", {})
        self.headings: dict[str, str] = {}  # by an object's name, in the order of the file's keys
        if "properties" in schema:
            self.objects = {**self.objects, name: schema}
            schema = {"$ref": name}
        self._collect("", schema)

    def _collect(self, path: str, schema: Schema) -> None:
        """Find the objects below a dotted key; one that stands in two places is described once."""
        for name, chosen_by in forms_of(schema):
            if name not in self.headings:
                chosen = " and ".join(f"{key} {value}" for key, value in chosen_by)
                title = f"{self.name}: {path}" if path else self.name
                heading = f"{title} with {chosen}" if chosen else title
                if heading in self.headings.values():  # another form, known by the keys it has
                    heading += f" with {self.objects[name]['required'][0]}"
                self.headings[name] = heading
                for key, value in self.objects[name]["properties"].items():
                    self._collect(f"{path}.{key}" if path else key, value)


def forms_of(schema: Schema, chosen_by: Choice = ()) -> Iterator[tuple[str, Choice]]:
    """The names of the objects that may stand at a key, and what chooses each."""
    if union := schema.get("discriminator"):
        for value, form in union["mapping"].items():
            form = {"$ref": form} if isinstance(form, str) else form
            yield from forms_of(form, (*chosen_by, (union["propertyName"], value)))
    elif "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2], chosen_by
    else:
        inner_forms = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
        for inner in filter(None, [schema.get("items"), *inner_forms]):
            yield from forms_of(inner)


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def type_of(schema: Schema, file: File) -> str:
    """A key's type in words; objects are links to their sections."""
    if "discriminator" in schema or "$ref" in schema:
        return " or ".join(
            f"[{' by '.join(value for _, value in chosen_by) or 'object'}]"
            f"(#{anchor(file.headings[name])})"
            for name, chosen_by in forms_of(schema)
        )
    if "anyOf" in schema or "oneOf" in schema:
        forms = schema.get("anyOf", schema.get("oneOf"))
        inner = [form for form in forms if form != {"type": "null"}]
        return " or ".join(type_of(form, file) for form in inner)
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema["type"] == "array":
        entry = schema.get("items") or schema["prefixItems"][0]
        return f"list of {type_of(entry, file)}"
    if schema["type"] == "object":
        values = schema.get("additionalProperties")
        return f"map to {type_of(values, file)}" if isinstance(values, dict) else "map"
    return PLAIN[schema["type"]]


def default_of(key: str, section: Schema, value: Schema) -> str:
    """What holds when the key is absent."""
    if key in section.get("required", []):
        return "required"
    default = value.get("default", {"array": [], "object": {}}.get(value.get("type", "")))
    if default is None:
        return "none"
    return "its defaults" if "$ref" in value else f"`{json.dumps(default)}`"


def limits_of(schema: Schema) -> str:
    """The constraints on a key's value; those of a list's entries are told as such."""
    told = [text.format(schema[limit]) for limit, text in LIMITS.items() if limit in schema]
    told += [limits_of(inner) for inner in schema.get("anyOf", [])]
    if "items" in schema and (entry := limits_of(schema["items"])):
        told.append(f"each {entry}")
    return ", ".join(filter(None, told))


def table_of(name: str, file: File) -> Iterator[str]:
    """The rows of an object's table. Raises ValueError for a key without a description."""
    yield "| key | type | default | constraints | description |"
    yield "|---|---|---|---|---|"
    section = file.objects[name]
    for key, value in section["properties"].items():
        # pydantic leaves out what an object's own description says already.
        objects = forms_of(value) if "$ref" in value else ()
        described = [value, *(file.objects[form] for form, _ in objects)]
        descriptions = [schema["description"] for schema in described if "description" in schema]
        if not descriptions:
            raise ValueError(f"{file.headings[name]}: key '{key}' has no description")
        limits, default = limits_of(value), default_of(key, section, value)
        cells = [f"`{key}`", type_of(value, file), default, limits, descriptions[0]]
        yield "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def reference() -> str:
    """The whole page. Raises ValueError for a key without a description."""
    lines = [HEADER]
    for title, kind in FILES.items():
        schema = TypeAdapter(kind).json_schema()
        file = File(title, schema)
        if "discriminator" in schema:
            lines.append(f"## {title}\n")
        for name, heading in file.headings.items():
            lines.append(f"{'##' if heading == title else '###'} {heading}\n")
            lines.append(" ".join(file.objects[name]["description"].split()) + "\n")
            lines += [*table_of(name, file), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say whether it is current")
    text = reference()
    if parser.parse_args().check:
        current = REFERENCE.read_text(encoding="utf-8") if REFERENCE.exists() else ""
        if current != text:
            shown = REFERENCE.relative_to(ROOT)
            sys.exit(f"error: {shown} is not current: run {Path(__file__).name}")
        return
    REFERENCE.parent.mkdir(exist_ok=True)
    REFERENCE.write_text(text, encoding="utf-8", newline="\n")
    print(REFERENCE.relative_to(ROOT))


if __name__ == "__main__":
    main()
