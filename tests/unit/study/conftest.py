import shutil

import pytest
from declared import CONFIG


@pytest.fixture
def library(tmp_path):
    """A copy of the recipes, for edits."""
    shutil.copytree(CONFIG, tmp_path / "config")
    return tmp_path / "config"
