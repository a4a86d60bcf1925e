"""Numbers as text: whole ones in digits, and floats that lost digits so that it shows."""

from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# By the bytes of a float: up to where it tells whole numbers apart, and the digits that it holds.
FLOATS = {8: (2**53, 15), 4: (2**24, 6), 2: (2**11, 2)}

CASTABLE = (  # to text; nested types are not
    pa.types.is_large_string, pa.types.is_string_view, pa.types.is_primitive,
    pa.types.is_decimal, pa.types.is_null,
)  # fmt: skip


def floats_as_text(array: pa.Array) -> pa.Array:
    """Floats as text, null for NaN; whole ones as integers are spelled.

    One that is too large to be told from its neighbours has an exponent, with the digits that its
    type holds: `1.2345678e+12` would say more than a 32-bit float knows.
    """
    limit, digits = FLOATS[array.type.bit_width // 8]
    values = array.to_numpy(zero_copy_only=False).astype(np.float64)
    known = np.isfinite(values)
    whole = known & (values == np.trunc(values))
    small = whole & (np.abs(values) < limit)
    plain = array.cast(pa.float32()) if array.type == pa.float16() else array
    text = np.asarray(plain.cast(pa.string()).to_numpy(zero_copy_only=False), object)
    text[small] = pa.array(values[small].astype(np.int64)).cast(pa.string()).to_pylist()
    for row in np.flatnonzero(whole & ~small):
        text[row] = f"{values[row]:.{digits}e}"
    return pa.array(text, pa.string(), mask=np.isnan(values))


def number_as_text(spelling: str) -> str:
    """A number of JSON as text: as it is spelled, but a whole one without an exponent."""
    if "e" not in spelling and "E" not in spelling:
        return spelling
    value = float(spelling)
    if not value.is_integer():
        return spelling
    return str(int(value)) if abs(value) < FLOATS[8][0] else f"{value:.15e}"


def as_text(array: pa.Array) -> pa.Array | None:
    """A column of Arrow as strings; None where it holds what has no text, such as lists."""
    if isinstance(array, pa.ExtensionArray):
        if array.type.extension_name == "arrow.uuid":
            said = (value and str(UUID(bytes=value)) for value in array.storage.to_pylist())
            return pa.array(said, pa.string())
        array = array.storage
    if pa.types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if pa.types.is_string(kind):
        return array
    if pa.types.is_binary(kind):
        return array.view(pa.string())  # a cast would fail for the whole batch for one bad value
    if pa.types.is_large_binary(kind):
        array, kind = array.view(pa.large_string()), pa.large_string()
    if pa.types.is_floating(kind):
        return floats_as_text(array)
    if not any(fits(kind) for fits in CASTABLE):
        return None
    try:
        return array.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # such as an unknown time zone
        return None
