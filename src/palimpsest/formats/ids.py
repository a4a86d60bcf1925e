"""Ids: one spelling for each, whatever type or program wrote it.

The law. An id is text and stays as it stands, so `007` and `7` are two patients, and `1e5` is a
code. Six things are no part of an id:

- white space, byte order marks and other signs without a form around it, such as a zero-width
  space;
- which of its spellings a letter or digit beyond ASCII has (NFKC): two code points or one for `ü`,
  and wide digits;
- what spreadsheets write around a number so that it stays text: `="10006"`;
- the `.0`, or a last point, of a whole number without leading zeros, which pandas writes where a
  column of whole numbers has gaps, and databases where it is a decimal: `10006.0` and `10006.00`
  are `10006`;
- an exponent with its sign, where all digits are shown: `1.234567890123e+12` is `1234567890123`;
- a word that programs write for nothing (`MISSING`): there is no id then. `NA` may be one.

A number that has lost its last digits is no id, since several patients would be one: an exponent
with fewer digits than it needs, as spreadsheets write (`1.23E+12`), or a float of 2**53 or more.
"""

import re
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.runtime.errors import UserError

BOM = "\ufeff"
MISSING = frozenset({"", "nan", "none", "nat", "<na>", "null", r"\n"})  # in lower case
EXACT = 2**53  # floats of at least this size do not tell neighbouring whole numbers apart
WHOLE = re.compile(r"(-?(?:0|[1-9][0-9]*))\.0*")
GUARDED = re.compile(r'="([^"]*)"')
INFINITE = frozenset({"inf", "-inf", "Infinity", "-Infinity"})  # of a float that was too large
EXPONENT = re.compile(r"(-?[0-9])(?:\.([0-9]+))?[eE]\+([0-9]{1,3})")
# What may have another spelling, for Arrow: nearly all ids have not.
SUSPECT = (
    r"^\s|\s$|[^\x00-\x7F]|^=|^-?[0-9]+\.0*$|^-?[0-9](\.[0-9]+)?[eE]\+[0-9]{1,3}$"
    r"|^(?i:nan|none|nat|<na>|null|\\n|-?inf(inity)?)$|^$"
)
LOST = (
    "is a number whose last digits are lost, as in 1.23E+12 of a spreadsheet or in a float, so "
    "that several patients could be one; write ids as whole numbers or as text"
)


class LostDigits(ValueError):
    """An id that is a number without its last digits. row: which of several ids, from 0."""

    def __init__(self, row: int = 0) -> None:
        super().__init__(LOST)
        self.row = row


def canonical_id(text: str | None) -> str:
    """The one spelling of an id, empty where there is none. Raises LostDigits."""
    text = _plain(text or "")
    if guarded := GUARDED.fullmatch(text):
        text = _plain(guarded[1])
    if text.lower() in MISSING:
        return ""
    if text in INFINITE:
        raise LostDigits
    if found := WHOLE.fullmatch(text):
        return _whole(int(found[1])) if len(found[1]) < 20 else _whole(EXACT)
    if found := EXPONENT.fullmatch(text):
        digits, exponent = found[2] or "", int(found[3])
        if exponent > len(digits):
            raise LostDigits
        if not digits[exponent:].strip("0"):
            return _whole(int(found[1] + digits[:exponent])) if exponent < 20 else _whole(EXACT)
    return text


def _plain(text: str) -> str:
    """A text in one spelling, without what has no form at its ends."""
    if text.isascii():
        return text.strip()
    text = unicodedata.normalize("NFKC", text).strip()
    while text and any(unicodedata.category(text[end]) == "Cf" for end in (0, -1)):
        formless = [unicodedata.category(text[end]) == "Cf" for end in (0, -1)]
        text = text[formless[0] : len(text) - formless[1]].strip()
    return text


def canonical_ids(values: pa.Array) -> pa.Array:
    """The one spelling of each of some ids, empty where there is none. Raises LostDigits."""
    values = pc.fill_null(values, "")
    suspects = np.flatnonzero(np.asarray(pc.match_substring_regex(values, SUSPECT)))
    if not len(suspects):
        return values
    mended = []
    texts = values.take(pa.array(suspects)).to_pylist()
    for row, text in zip(suspects.tolist(), texts, strict=True):
        try:
            mended.append(canonical_id(text))
        except LostDigits:
            raise LostDigits(row) from None
    chosen = np.zeros(len(values), bool)
    chosen[suspects] = True
    return pc.replace_with_mask(values, pa.array(chosen), pa.array(mended, pa.string()))


def read_id(text: str | None, place: str) -> str:
    """The one spelling of an id. Raises UserError naming its place where it has lost digits."""
    try:
        return canonical_id(text)
    except LostDigits as lost:
        raise UserError(f"{place}: an id {lost}") from lost


def _whole(number: int) -> str:
    if abs(number) >= EXACT:
        raise LostDigits
    return str(number)
