"""Whatever a server says, each request ends as a completion that a table holds, or has a reason.

`python benchmarks/fuzz/server_responses.py` does the same with 20,000 responses.
"""

import pytest
from odd_responses import outcomes

from palimpsest.completions.engines import http, openai_server


@pytest.mark.timeout(120)
def test_no_response_stops_a_job_or_leaves_a_request_without_an_outcome(monkeypatch):
    for module, name in (
        (http, "LONGEST_RETRY_AFTER_SECONDS"),
        (openai_server, "FIRST_PAUSE_SECONDS"),
    ):
        monkeypatch.setattr(module, name, 0.0)  # and as they were afterwards
    counted, _ = outcomes(300, seed=1)
    assert counted.total() == 300
    assert counted["stop"] > 30 and len(counted) > 12
