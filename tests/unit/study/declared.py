"""Studies as tests declare them: loaded, or refused with a message."""

from pathlib import Path

import pytest

from palimpsest.runtime.errors import UserError
from palimpsest.study.load import load_catalogue

CONFIG = Path(__file__).parents[3] / "config"


def load(study, library=CONFIG, file="study.yaml"):
    return load_catalogue(study, file, library)


def refused(study, *wanted, library=CONFIG):
    """The message, which has each of the wanted texts."""
    with pytest.raises(UserError) as raised:
        load(study, library)
    message = str(raised.value)
    for text in wanted:
        assert text in message
    return message
