"""Files of the results are of a study where all that their wildcards name goes together."""

from pathlib import Path

import pytest

from palimpsest.study.files import read_yaml
from palimpsest.study.load import load_catalogue
from palimpsest.study.names import declares

CONFIG = Path(__file__).parents[3] / "config"
RUN = {"experiment": "entities", "model": "minilm-l6", "corpus": "original", "mixture": "entities"}


@pytest.fixture(scope="module")
def demo():
    return load_catalogue(read_yaml(CONFIG / "config.yaml"), "config.yaml", CONFIG)


@pytest.mark.parametrize(
    ("names", "declared"),
    [
        (RUN, True),
        (RUN | {"seed": "7", "run": "9", "size": "all"}, True),
        ({"experiment": "entities", "model": "dictionary"}, True),
        (RUN | {"mixture": "gold"}, False),  # of another experiment
        (RUN | {"corpus": "medical"}, False),  # which this encoder is not adapted to
        (RUN | {"experiment": "old"}, False),
        ({"experiment": "entities", "model": "majority"}, False),
        ({"annotation": "gold"}, False),
        ({"source": "hospital", "shard": "000-of-001"}, True),
        ({"source": "hospital", "shard": "000-of-002"}, False),
    ],
)
def test_what_a_study_declares(demo, names, declared):
    assert declares(demo, names) == declared
