"""Read the package's data files: YAML that a clinician can edit, as typed, frozen objects."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from importlib.resources import files
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import yaml

T = TypeVar("T")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Refuses a key that stands twice, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) < len(node.value):
            raise yaml.constructor.ConstructorError(
                None, None, "a key stands twice in the mapping that begins here", node.start_mark
            )
        return mapping


def load(path: str, kind: type[T], named: Mapping[str, Any] | None = None) -> T:
    """A data file of this package, such as "imaging.yaml", as what it declares.

    kind: str, int, float, a dataclass, or tuples, dicts and optional values of these.
    named: what a word stands for where an object of a dataclass is expected.
    Raises ValueError that names the file, and the line or the key, of an entry that is wrong.
    """
    text = (files("synthetic_notes") / path).read_text(encoding="utf-8")
    try:
        data = _Loader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ValueError(f"{path}:{line}: not valid YAML: {error.problem}") from error
    return _typed(data, kind, f"{path}: ", named or {})


def _typed(value: Any, kind: Any, where: str, named: Mapping[str, Any]) -> Any:
    """A parsed value as `kind`; where: the file and the keys that lead to it."""
    outer, parts = get_origin(kind) or kind, get_args(kind)
    if outer is UnionType:
        return None if value is None else _typed(value, parts[0], where, named)
    if is_dataclass(outer) and isinstance(value, str) and value in named:
        return named[value]
    if is_dataclass(outer) and isinstance(value, dict):
        return outer(**_entries(value, outer, where, named))
    if outer is dict and isinstance(value, dict):
        return {
            _typed(key, parts[0], where, named): _typed(entry, parts[1], f"{where}{key}.", named)
            for key, entry in value.items()
        }
    kinds = parts[:1] * len(value) if isinstance(value, list) and parts[1:] == (...,) else parts
    if outer is tuple and isinstance(value, list) and len(kinds) == len(value):
        # an object is called by the first of its values, anything else by its number
        names = [
            next(iter(e.values()), "") if isinstance(e, dict) else n for n, e in enumerate(value)
        ]
        return tuple(
            _typed(entry, part, f"{where}{name}.", named)
            for entry, part, name in zip(value, kinds, names, strict=True)
        )
    if type(value) is outer or (outer is float and type(value) is int):
        return value
    expected = kind if parts else kind.__name__
    raise ValueError(f"{where.rstrip('. :')}: {value!r} found, expected {expected}")


def _entries(value: dict, kind: Any, where: str, named: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a dataclass."""
    declared = {field.name: field for field in fields(kind)}
    for key in value:
        if key not in declared:
            raise ValueError(f"{where}{key}: unknown key, expected one of {', '.join(declared)}")
    for key, field in declared.items():
        if key not in value and field.default is field.default_factory is MISSING:
            raise ValueError(f"{where}{key}: missing")
    return {
        key: _typed(entry, declared[key].type, f"{where}{key}.", named)
        for key, entry in value.items()
    }
