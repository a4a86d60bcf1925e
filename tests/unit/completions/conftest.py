"""A server that misbehaves as a test wants, and an engine that does not wait for it."""

import pytest
from odd_server import OddServer

from palimpsest.completions.engines import openai_server


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(openai_server, "FIRST_PAUSE_SECONDS", 0)
    made = OddServer()
    yield made
    made.close()
