"""The key of costly work changes with what decides its numbers, and with nothing else."""

from importlib.metadata import PackageNotFoundError
from typing import ClassVar

import pytest

from palimpsest.runtime import cache
from palimpsest.runtime.cache import work_key
from palimpsest.runtime.schema import Declared


class Tuned(Declared):
    outside_identity: ClassVar[frozenset[str]] = frozenset({"batch"})

    steps: int
    batch: int = 1


VERSIONS = {"torch": "2.13.1", "transformers": "5.16.1"}
INPUTS = {"corpus": "c" * 64, "start": "s" * 64}


@pytest.fixture
def versions(monkeypatch):
    """The versions of the installed libraries, which a test may change."""
    known = dict(VERSIONS)

    def version(name):
        if name not in known:
            raise PackageNotFoundError(name)
        return known[name]

    monkeypatch.setattr(cache, "version", version)
    return known


def key(recipe=1, spec=None, inputs=None):
    return work_key(recipe, spec or Tuned(steps=2), inputs or INPUTS)


def test_recipe_specification_and_inputs_each_change_the_key(versions):
    keys = [
        key(),
        key(recipe=2),
        key(spec=Tuned(steps=3)),
        key(inputs={**INPUTS, "corpus": "d" * 64}),
        key(inputs={"corpus": INPUTS["start"], "start": INPUTS["corpus"]}),
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("library", VERSIONS)
@pytest.mark.parametrize("version", ["2.99.0", "9.13.1"])
def test_a_library_of_another_minor_or_major_version_changes_the_key(versions, library, version):
    before = key()
    versions[library] = version
    assert key() != before


def test_two_libraries_are_told_apart(versions):
    before = key()
    versions.update(torch=VERSIONS["transformers"], transformers=VERSIONS["torch"])
    assert key() != before


@pytest.mark.parametrize("version", ["2.13.9", "2.13.1+cu130", "2.13.0rc1"])
def test_a_patch_or_a_build_of_a_library_changes_nothing(versions, version):
    before = key()
    versions["torch"] = version
    assert key() == before


def test_tuning_and_the_order_of_keys_change_nothing(versions):
    assert key(spec=Tuned(steps=2, batch=8)) == key()
    assert key(inputs=dict(reversed(INPUTS.items()))) == key()


def test_a_library_that_is_not_installed_is_part_of_the_key_too(versions):
    before = key()
    del versions["torch"]
    assert key() != before


def test_a_key_stays_what_it_was(versions):
    # With another, every checkpoint and every run that is kept would be made again.
    assert key() == "5bd5887035cef7a982e5366681c0306741153a5c24186ce1a958925f6f895799"
