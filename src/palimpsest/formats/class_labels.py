"""Classes as the `datasets` library stores them: numbers in the columns, names in the schema."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

METADATA = b"huggingface"  # the key of Arrow's schema under which the library keeps what it knows


def as_names(array: pa.Array, column: str, metadata: dict[bytes, bytes] | None) -> pa.Array:
    """A column with the names of classes instead of their numbers; others as they are.

    -1 and numbers without a name are null. metadata: of the schema.
    """
    names = _names(column, metadata)
    if names is None:
        return array
    if pa.types.is_integer(array.type):
        return _named(array, names)
    if pa.types.is_list(array.type) and pa.types.is_integer(array.type.value_type):
        known = dict(enumerate(names))
        listed = [value and [known.get(one) for one in value] for value in array.to_pylist()]
        return pa.array(listed, pa.list_(pa.string()))
    return array


def as_json(array: pa.Array) -> pa.Array | None:
    """Lists of texts or numbers as JSON; None for lists of anything else."""
    kind = array.type.value_type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return None
    texts = [
        None if value is None else json.dumps([str(one) for one in value], ensure_ascii=False)
        for value in array.to_pylist()
    ]
    return pa.array(texts, pa.string())


def with_features(table: pa.Table, features: Any) -> pa.Table:
    """A table whose schema knows the features of its data set; some ways of reading lose them."""
    if not features:
        return table
    known = json.dumps({"info": {"features": features.to_dict()}})
    return table.replace_schema_metadata({METADATA: known.encode()})


def _names(column: str, metadata: dict[bytes, bytes] | None) -> list[str] | None:
    """The names of a column's classes, if it has any."""
    try:
        known = json.loads((metadata or {}).get(METADATA, b"{}"))
        feature = known["info"]["features"][column]
    except (ValueError, KeyError, TypeError):
        return None
    while isinstance(feature, (dict, list)):
        if isinstance(feature, list):  # of older versions: a list of one feature
            feature = feature[0] if feature else None
        elif feature.get("_type") == "ClassLabel":
            names = feature.get("names")
            return names if isinstance(names, list) and all(map(_is_text, names)) else None
        else:
            feature = feature.get("feature")
    return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _named(numbers: pa.Array, names: list[str]) -> pa.Array:
    known = pc.and_(pc.greater_equal(numbers, 0), pc.less(numbers, len(names)))
    places = pc.if_else(known, numbers.cast(pa.int64(), safe=False), pa.scalar(None, pa.int64()))
    return pa.array(names, pa.string()).take(places)
