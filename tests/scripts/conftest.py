"""One process runs the scripts of all test files here, and their inputs are written once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from forking import Runner, copied, make_inputs


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    made = Runner()
    yield made
    made.close()


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_inputs(tmp_path_factory.mktemp("inputs"))


@pytest.fixture
def folder(inputs: Path, tmp_path: Path) -> Path:
    return copied(inputs, tmp_path / "work")
