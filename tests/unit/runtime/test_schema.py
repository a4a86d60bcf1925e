"""What an object is, for the question whether a job runs again; and an object as its base class."""

from typing import ClassVar

import pytest
from pydantic import ValidationError

from palimpsest.runtime.identity import canonical_json
from palimpsest.runtime.schema import Declared


class Part(Declared):
    outside_identity: ClassVar[frozenset[str]] = frozenset({"place"})

    name: str
    place: str = "here"


class Base(Declared):
    parts: list[Part] = []
    by_name: dict[str, Part] = {}
    pair: tuple[int, Part] | None = None
    seed: int = 0


class Whole(Base):
    outside_identity: ClassVar[frozenset[str]] = frozenset({"engine"})

    engine: str = "fast"
    title: str = "all"


WHOLE = {
    "parts": [{"name": "a"}],
    "by_name": {"b": {"name": "b"}},
    "pair": (1, {"name": "c"}),
    "seed": 3,
    "engine": "slow",
    "title": "some",
}


def test_an_identity_is_every_field_but_those_outside_it_at_every_depth():
    assert Whole(**WHOLE).identity() == {
        "parts": [{"name": "a"}],
        "by_name": {"b": {"name": "b"}},
        "pair": [1, {"name": "c"}],
        "seed": 3,
        "title": "some",
    }


def test_an_identity_is_json_of_what_gives_the_same_object():
    identity = Whole(**WHOLE).identity()
    assert Whole(**identity).identity() == identity
    assert canonical_json(identity)


@pytest.mark.parametrize(
    "change",
    [
        {"engine": "other"},
        {"parts": [{"name": "a", "place": "there"}]},
        {"by_name": {"b": {"name": "b", "place": "there"}}},
    ],
)
def test_what_is_outside_the_identity_changes_nothing(change):
    assert Whole(**WHOLE | change).identity() == Whole(**WHOLE).identity()


@pytest.mark.parametrize(
    "change", [{"seed": 4}, {"title": "x"}, {"parts": []}, {"pair": (2, {"name": "c"})}]
)
def test_every_other_field_changes_it(change):
    assert Whole(**WHOLE | change).identity() != Whole(**WHOLE).identity()


def test_a_default_is_part_of_the_identity():
    assert Whole().identity() == Whole(seed=0).identity() != Whole(seed=1).identity()


def test_a_narrowed_object_is_what_its_base_class_knows():
    narrowed = Whole(**WHOLE).narrowed(Base)
    assert type(narrowed) is Base
    assert narrowed == Base(**{name: WHOLE[name] for name in Base.model_fields})
    assert "engine" not in narrowed.identity() and "title" not in narrowed.identity()
    assert not hasattr(narrowed, "title")


def test_declared_objects_refuse_unknown_keys_changes_and_numbers_without_json():
    with pytest.raises(ValidationError, match="Extra inputs"):
        Part(name="a", nmae="b")
    with pytest.raises(ValidationError, match="frozen"):
        Part(name="a").name = "b"

    class Rate(Declared):
        rate: float

    for rate in (float("nan"), float("inf")):
        with pytest.raises(ValidationError, match="finite"):
            Rate(rate=rate)
