"""kill -9 of the whole tree while an LLM is asked: nothing committed is lost or asked again."""

from pathlib import Path

import pytest
from killing import WINDOW, build_with_kills
from scripted_server import ScriptedServer

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def test_kills_lose_nothing_and_ask_nothing_twice(server: ScriptedServer, tmp_path: Path) -> None:
    found = build_with_kills(tmp_path, server, kills=4, seed=5)
    assert (found.lost, found.asked_twice) == (0, 0)
    assert found.same_bytes and found.left == []
    assert found.requests <= found.asked <= found.requests + found.kills * WINDOW
