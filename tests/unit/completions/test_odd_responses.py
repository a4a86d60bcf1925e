"""Whatever a server says, each request ends as a completion that a table holds, or has a reason.

`python benchmarks/fuzz/server_responses.py` does the same with 20,000 responses.
"""

import pytest
from odd_responses import outcomes

from palimpsest.completions.engines import http, openai_server


@pytest.mark.timeout(120)
def test_no_response_stops_a_job_or_leaves_a_request_without_an_outcome(monkeypatch):
    # What the asking changes is afterwards as it was.
    monkeypatch.setattr(http, "LONGEST_RETRY_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(openai_server, "FIRST_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(openai_server, "TIMEOUT_TRIES", 1)
    counted, _ = outcomes(200, seed=1)
    assert counted.total() == 200
    assert counted["stop"] > 20 and len(counted) > 12
