"""One spelling for each id: what is text stays text, what is a number is one number."""

from decimal import Decimal
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.formats.ids import LostDigits, canonical_id, canonical_ids
from palimpsest.formats.numbers import as_text, number_as_text

KEPT = [
    "10006", "007", "007.0", "1e5", "1E5", "12.5", "1.2.0", "A.0", "-7", "1.25e+01", "p1", "0",
    "Nancy", "1,0", "1e+", "Na", "NA", "٣.0", "INF", "a\u200bb", "=1", "p.",
]  # fmt: skip
MENDED = {
    "10006.0": "10006", "10006.00": "10006", "-7.0": "-7", "0.0": "0", "-0.0": "0", " 7\t": "7",
    "\ufeff7": "7", "\u00a07": "7", "1.234567890123e+12": "1234567890123", "1.0e+00": "1",
    "9007199254740991.0": "9007199254740991", "10006.": "10006", '="10006"': "10006",
    "\uff11\uff10": "10", "\u200b7\u202c ": "7", "Mu\u0308ller": "M\u00fcller", '="7.0"': "7",
}  # fmt: skip
MISSING = ["", " ", "nan", "NaN", "None", "NaT", "<NA>", "NULL", "\\N", "\u200b", '=""', None]
LOST = [
    "inf",
    "-inf",
    "1.23E+12",
    "1e+05",
    "9007199254740992.0",
    "1.2345678901234567e+18",
    "9" * 5000 + ".0",
]


@pytest.mark.parametrize("text", KEPT)
def test_text_stays_as_it_stands(text):
    assert canonical_id(text) == text


@pytest.mark.parametrize("text", MENDED)
def test_what_is_no_part_of_an_id_is_left_out(text):
    assert canonical_id(text) == MENDED[text] == canonical_id(MENDED[text])


@pytest.mark.parametrize("text", MISSING)
def test_words_for_nothing_are_no_id(text):
    assert canonical_id(text) == ""


@pytest.mark.parametrize("text", LOST)
def test_a_number_without_its_last_digits_is_an_error(text):
    with pytest.raises(LostDigits):
        canonical_id(text)
    with pytest.raises(LostDigits) as lost:
        canonical_ids(pa.array(["1", text]))
    assert lost.value.row == 1


@given(st.lists(st.sampled_from([*KEPT, *MENDED, *MISSING]) | st.text(max_size=9), max_size=9))
def test_columns_are_spelled_as_single_ids_are(texts):
    texts = [text for text in texts if text is None or text.isprintable()]
    wanted = []
    for text in texts:
        try:
            wanted.append(canonical_id(text))
        except LostDigits:
            return
    assert canonical_ids(pa.array(texts, pa.string())).to_pylist() == wanted


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_a_whole_number_has_one_spelling_whatever_its_type(number):
    columns = [
        pa.array([number], pa.int64()),
        pa.array([float(number)], pa.float64()),
        pa.array([Decimal(number)], pa.decimal128(38, 4)),
        pa.array([str(number)]).dictionary_encode(),
        pa.array([float(number)]).dictionary_encode(),
        pa.array([str(number)], pa.large_string()),
        pa.array([f"{float(number):.0f}.0"]),
        pa.array([number_as_text(repr(float(number)))]),
        pa.array([number_as_text(f"{number}e0")]),
    ]
    for column in columns:
        assert canonical_ids(as_text(column)).to_pylist() == [str(number)]


@given(st.integers(2**53, 2**70))
def test_a_float_that_lost_digits_is_an_error(number):
    for column in (pa.array([float(number)]), pa.array([number_as_text(f"{number}e0")])):
        with pytest.raises(LostDigits):
            canonical_ids(as_text(column))
    assert canonical_ids(pa.array([str(number)])).to_pylist() == [str(number)]


@pytest.mark.parametrize(("kind", "limit"), [(np.float32, 2**24), (np.float16, 2**11)])
def test_small_floats_lose_digits_earlier(kind, limit):
    assert as_text(pa.array([kind(limit - 1)])).to_pylist() == [str(limit - 1)]
    with pytest.raises(LostDigits):
        canonical_ids(as_text(pa.array([kind(limit)])))


def test_a_uuid_is_spelled_as_text_has_it():
    one = "5f0e3c1a-0000-4000-8000-abcdefabcdef"
    column = pa.array([UUID(one).bytes, None], pa.uuid())
    assert as_text(column).to_pylist() == [one, None]


def test_no_number_is_no_value():
    assert as_text(pa.array([1.5, float("nan"), None, 2.0])).to_pylist() == ["1.5", None, None, "2"]
