"""Reading declared files, with errors that name file, line or key, what was found and expected."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_text
from palimpsest.study.problems import in_lines, in_one

MOST_VALUES = 100_000  # of a file, with what its aliases stand for
DEEPEST = 50
TEMPLATES = "__use_yte__"  # by which Snakemake takes a configuration for a template of YTE
SHOWN = 100  # characters of a value in a message


class _Loader(yaml.SafeLoader):
    """Values that JSON, paths and tables can hold; every other is an error with its line."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        # Told while it is parsed: PyYAML takes time by the square of the depth of `[[[[`.
        if parent and self.depth > DEEPEST:
            problem = f"nested deeper than {DEEPEST}"
            raise yaml.composer.ComposerError(None, None, problem, parent.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
            problem = _unfit(value)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            problem = str(error)  # of dates, numbers and tags with a text that is none
        if problem:
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return value


def _unfit(value: Any) -> str | None:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return "a whole number of more than 64 bits"
    if isinstance(value, str) and ("\0" in value or not _is_unicode(value)):
        return "text with a character that UTF-8 has not, or NUL"
    return None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_recipe(path: Path, schema: TypeAdapter[Any]) -> Any:
    """An LLM, prompt or model file, validated. Raises UserError naming file and key."""
    return validated(schema, read_yaml(path), str(path))


def read_yaml(path: Path) -> Any:
    """Parse a YAML file. Raises UserError naming file, line and what is wrong."""
    text = read_text(path)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _Shape(path).check(node)
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise UserError(f"{path}:{line}: not valid YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UserError(
            f"{path}:{line}: not valid YAML: character U+{ord(text[error.position]):04X}"
        ) from error
    except RecursionError as error:
        raise UserError(f"{path}: not valid YAML: nested deeper than {DEEPEST}") from error


def read_study(path: Path) -> Any:
    """Parse a study's file. Raises UserError as `read_yaml`, and for one that would run code."""
    study = read_yaml(path)
    if isinstance(study, dict) and TEMPLATES in study:
        raise UserError(
            f"{path}: {TEMPLATES}: Snakemake would run the Python in it; expected plain YAML"
        )
    return study


class _Shape:
    """What YAML allows and a declaration has no use for: found before anything is made of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sizes: dict[int, int] = {}  # values below each node, by its id; 0 while it is open

    def check(self, node: yaml.Node) -> int:
        """The number of values that a node stands for.

        Raises UserError at a key that stands twice, of which parsers keep the last silently; at an
        alias within what it stands for; and at what is too much by its aliases.
        """
        line = node.start_mark.line + 1
        if id(node) in self.sizes:
            if not self.sizes[id(node)]:
                raise UserError(f"{self.path}:{line}: it holds an alias of itself")
            return self.sizes[id(node)]
        self.sizes[id(node)], size = 0, 1
        if isinstance(node, yaml.MappingNode):
            self._check_keys(node)
            size += sum(self.check(part) for pair in node.value for part in pair)
        elif isinstance(node, yaml.SequenceNode):
            size += sum(self.check(part) for part in node.value)
        if size > MOST_VALUES:
            raise UserError(
                f"{self.path}:{line}: it stands for {size} values by its aliases, expected at most "
                f"{MOST_VALUES}"
            )
        self.sizes[id(node)] = size
        return size

    def _check_keys(self, node: yaml.MappingNode) -> None:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):  # others are no keys: loading refuses them
                if key.value in seen:
                    line = key.start_mark.line + 1
                    raise UserError(
                        f"{self.path}:{line}: key {_shown(key.value)} stands twice, expected once"
                    )
                seen.add(key.value)


def validated(schema: TypeAdapter[Any], value: Any, file: str) -> Any:
    """The value as declared objects. Raises UserError with a line for each mistake."""
    try:
        return schema.validate_python(value)
    except ValidationError as error:
        lines = [in_one(_explained(file, detail, value)) for detail in error.errors()]
        raise UserError(in_lines(lines)) from None


def _explained(file: str, detail: Any, value: Any) -> str:
    """One line for one mistake: file, key, what was found, what was expected."""
    key = _key(detail["loc"], value, detail["type"] in ("extra_forbidden", "missing"))
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        return f"{file}: {key}: unknown key"
    if detail["type"] == "missing":
        return f"{file}: {key}: missing"
    found = detail["input"]
    if isinstance(found, dict | list | BaseModel):
        return f"{file}: {key or 'the file'}: {message}"
    return f"{file}: {key or 'the file'}: {message}; found {_shown(found)}"


def _key(location: tuple[Any, ...], value: Any, keys: bool) -> str:
    """Where a mistake is, without the classes that a value was tried as. keys: it is in a key."""
    parts = []
    for index, part in enumerate(location):
        there = isinstance(value, dict) and part in value
        if there or (keys and index + 1 == len(location)) or not str(part)[:1].isupper():
            parts.append(str(part)[:SHOWN])
        if there or (isinstance(value, list) and isinstance(part, int)):
            value = value[part]
    return ".".join(parts)


def _shown(value: Any) -> str:
    """A value in one line of a message."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…{text[-1]}"
