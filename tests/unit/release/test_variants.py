"""Each way of writing an identifier that is held out here is among those that are looked for."""

from datetime import date

import pytest

from palimpsest.release.identifiers import variants
from palimpsest.release.identifiers.variants import plain_words, read_date


def written(texts: list[str]) -> set[str]:
    return {" ".join(plain_words(text)) for text in texts}


def sought(texts: list[str]) -> set[str]:
    return {" ".join(text.split()) for text in texts}


@pytest.mark.parametrize(
    "text",
    [
        "ZOË O'BRIEN-SMITH", "zoe o'brien smith", "O’Brien-Smith, Zoë", "Zoë  O'Brien–Smith",
        "OBrienSmith Zoe",
    ],
)  # fmt: skip
def test_a_name_is_found_whatever_its_case_accents_order_and_punctuation(text):
    assert written([text]) <= sought(variants.full_names(["Zoë", "O'Brien-Smith"]))


def test_a_middle_name_may_be_there_or_a_letter_or_not():
    found = sought(variants.full_names(["John", "Fitzgerald", "Kovacs"]))
    texts = ["John Kovacs", "John F. Kovacs", "Kovacs, John Fitzgerald", "JOHN FITZGERALD KOVACS"]
    assert written(texts) <= found


def test_initials_stand_before_or_behind_the_surname():
    found = sought(variants.initials(["John", "Fitzgerald", "Kovacs"]))
    assert written(["J. Kovacs", "Kovacs, J.", "J. F. Kovacs", "J.F. Kovacs", "JF Kovacs"]) <= found


@pytest.mark.parametrize(
    "text",
    [
        "(415) 555-0134", "415.555.0134", "4155550134", "+1 415 555 0134", "41 55 55 01 34",
        "four one five five five five zero one three four",
        "four-one-five, five-five-five, oh-one-three-four",
    ],
)  # fmt: skip
def test_a_telephone_number_is_found_in_groups_and_spelled(text):
    words = " ".join(plain_words(text))
    assert any(f" {one} " in f" {words} " for one in sought(variants.phones("415-555-0134")))


@pytest.mark.parametrize("text", ["MRN: 00471234", "471234", "0047-1234", "4 7 1 2 3 4"])
def test_a_record_number_is_found_with_and_without_zeros_and_in_groups(text):
    found = sought(variants.numbers("00471234")) | sought(variants.numbers("471234"))
    words = " ".join(plain_words(text))
    assert any(f" {one} " in f" {words} " for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "2023-03-05", "03/05/2023", "3/5/23", "5.3.2023", "March 5, 2023", "Mar 5th 2023",
        "5 March 2023", "05-MAR-2023", "the 5th of March 2023", "20230305", "05Mar2023",
    ],
)  # fmt: skip
def test_a_day_is_found_in_each_format(text):
    words = " ".join(plain_words(text))
    assert any(f" {one} " in f" {words} " for one in sought(variants.dates(date(2023, 3, 5))))


@pytest.mark.parametrize(
    "text", ["91-year-old", "91 y.o.", "91yo", "ninety-one year old", "age 91", "91F", "aged 91"]
)
def test_an_age_over_89_is_found_in_figures_and_words(text):
    words = " ".join(plain_words(text))
    assert any(f" {one} " in f" {words} " for one in sought(variants.ages(91)))


def test_an_address_is_found_with_its_street_short_or_long():
    found = sought(variants.streets("12 Long Lake Avenue, Toledo, OH 43604"))
    assert written(["12 Long Lake Ave.", "12 LONG LAKE AVENUE", "12 Long Lake"]) <= found


@pytest.mark.parametrize(
    "text", ["2023-03-05", "03/05/2023", "3/5/23", "March 5, 2023", "05-Mar-2023", "5 March 2023"]
)
def test_a_day_is_read_in_each_format(text):
    assert read_date(text) == date(2023, 3, 5)


@pytest.mark.parametrize("text", ["2023-02-30", "5/6", "soon", "2023", ""])
def test_what_is_no_day_is_read_as_none(text):
    assert read_date(text) is None
