"""Entries of `corpora` with a `matrix`, each expanded to the corpora that it stands for."""

import re
from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

from pydantic import TypeAdapter

from palimpsest.corpora.config import Corpus, Matrix
from palimpsest.runtime.errors import UserError
from palimpsest.study.files import validated
from palimpsest.study.problems import Problems

MOST = 10_000  # corpora of one entry
_KEY = re.compile(r"\{([^{}]*)\}")
_CORPUS: TypeAdapter[Corpus] = TypeAdapter(Corpus)
_MATRIX: TypeAdapter[Matrix] = TypeAdapter(Matrix)

Entry = dict[str, Any]  # a map of the study's file


def with_matrices(config: Any, file: str) -> Any:
    """The parsed study with plain corpora only: what follows knows of no matrix.

    Raises UserError naming the entry as it stands in the file, and the corpus.
    """
    entries = config.get("corpora") if isinstance(config, dict) else None
    if not isinstance(entries, list) or not any(map(_is_matrix, entries)):
        return config
    problems = Problems(file)
    corpora: list[Any] = []
    for index, entry in enumerate(entries):
        where = f"{file}: corpora.{index}"
        try:
            if _is_matrix(entry):
                corpora += _expanded(entry, where)
            else:  # here, as the places of entries change
                validated(_CORPUS, entry, where)
                corpora.append(entry)
        except UserError as error:
            problems.lines += str(error).splitlines()
    problems.stop()
    return {**config, "corpora": corpora}


def _is_matrix(entry: Any) -> bool:
    return isinstance(entry, dict) and "matrix" in entry


def _expanded(entry: Entry, where: str) -> Iterator[Any]:
    """The corpora of one entry, the values of its last key running fastest."""
    declared = validated(_MATRIX, entry, where)
    if lacking := [key for key in declared.matrix if f"{{{key}}}" not in declared.name]:
        raise UserError(
            f"{where}.name: '{declared.name}' lacks '{{{lacking[0]}}}': expected every key of the "
            "matrix, or several corpora would have one name"
        )
    template = {key: value for key, value in entry.items() if key not in ("name", "matrix")}
    if empty := [key for key, values in declared.matrix.items() if not values]:
        raise UserError(f"{where}.matrix.{empty[0]}: it has no value, expected at least one")
    choices = [
        [(key, str(called), value) for called, value in _called(values)]
        for key, values in declared.matrix.items()
    ]
    if (count := prod(map(len, choices))) > MOST:
        raise UserError(f"{where}: it stands for {count:,} corpora, expected at most {MOST:,}")
    for chosen in product(*choices):
        name = _filled(declared.name, {key: called for key, called, _ in chosen}, where)
        values = {key: value for key, _, value in chosen}
        corpus = {"name": name, **_filled(template, values, where)}
        validated(_CORPUS, corpus, f"{where}, which declares '{name}'")
        yield corpus


def _called(values: list[Any] | Entry) -> list[tuple[Any, Any]]:
    """What stands in names for each value, and the value."""
    return list(values.items()) if isinstance(values, dict) else [(one, one) for one in values]


def _filled(value: Any, values: Entry, where: str) -> Any:
    """A value with what its keys in braces stand for."""
    if isinstance(value, dict):
        return {key: _filled(inner, values, where) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values, where) for inner in value]
    if not isinstance(value, str):
        return value
    if alone := _KEY.fullmatch(value):
        return _value(alone, values, where)  # a number stays one
    return _KEY.sub(lambda found: str(_value(found, values, where)), value)


def _value(found: re.Match[str], values: Entry, where: str) -> Any:
    if found[1] not in values:
        raise UserError(f"{where}: '{found[0]}' is no key of its matrix; there are {[*values]}")
    return values[found[1]]
