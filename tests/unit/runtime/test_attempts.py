"""A job that is tried again asks for more, whatever its rule says it by."""

import pytest
from snakemake.common.tbdstring import TBDString
from snakemake.resources import Resource

from palimpsest.runtime.attempts import growing

GIVEN = {"input": [], "threads": 2, "rulename": "ask", "async_run": None}


@pytest.mark.parametrize(
    "declared", [1000, lambda wildcards: 1000, lambda wildcards, threads: 500 * threads]
)
def test_memory_grows_with_the_attempt(declared) -> None:
    memory = growing(Resource("mem_mb", declared))
    assert [memory({}, attempt=attempt, **GIVEN) for attempt in (1, 2, 4)] == [1000, 2000, 4000]


def test_what_is_not_known_yet_stays_so() -> None:
    unknown = growing(Resource("mem_mb", TBDString()))
    assert isinstance(unknown({}, attempt=2, **GIVEN), TBDString)
