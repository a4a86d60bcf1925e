"""Reading declared files, with errors that name file, line or key, what was found and expected."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_text


def read_recipe(path: Path, schema: TypeAdapter[Any]) -> Any:
    """An LLM, prompt or model file, validated. Raises UserError naming file and key."""
    return validated(schema, read_yaml(path), str(path))


def read_yaml(path: Path) -> Any:
    """Parse a YAML file. Raises UserError naming file, line and what is wrong."""
    text = read_text(path)
    try:
        _refuse_repeated_keys(path, yaml.compose(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise UserError(f"{path}:{line}: not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML") from error


def _refuse_repeated_keys(path: Path, node: yaml.Node | None) -> None:
    """YAML parsers keep the last of two equal keys silently; here that is a mistake."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # not a key that a study can have: loading refuses it
            if key.value in seen:
                line = key.start_mark.line + 1
                raise UserError(f"{path}:{line}: key '{key.value}' stands twice, expected once")
            seen.add(key.value)
            _refuse_repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_repeated_keys(path, value)


def validated(schema: TypeAdapter[Any], value: Any, file: str) -> Any:
    """The value as declared objects. Raises UserError with a line for each mistake."""
    try:
        return schema.validate_python(value)
    except ValidationError as error:
        raise UserError(
            "\n".join(_explained(file, detail, value) for detail in error.errors())
        ) from None


def _explained(file: str, detail: Any, value: Any) -> str:
    """One line for one mistake: file, key, what was found, what was expected."""
    key = ".".join(str(part) for part in detail["loc"] if not str(part)[:1].isupper())
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        return f"{file}: {key}: unknown key"
    if detail["type"] == "missing":
        return f"{file}: {key}: missing"
    found = detail["input"]
    if isinstance(found, dict | list | BaseModel):
        return f"{file}: {key or 'the file'}: {message}"
    return f"{file}: {key or 'the file'}: {message}; found {found!r}"
