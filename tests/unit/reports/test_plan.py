"""What a plan says that asking an LLM will cost."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.reports.plan import COLUMNS, Work, planned, too_many_shards

counts = st.integers(1, 10**7)


def work(**changes: float) -> Work:
    usual = {"requests": 100, "completed": 0, "tokens_in": 20_000, "rooms": 30_000}
    return Work(**usual | {"seen_in": 0, "seen_out": 0, "completions": 0} | changes)


def test_without_completions_the_room_is_the_bound() -> None:
    row = planned(work(), 0, None, gpus=0, cores=2)
    assert row["tokens_out"] == 30_000 and row["tokens_out_from"] == "room for answers"
    assert row["hours"] is None and row["rate_from"] == "not measured yet"


def test_seen_completions_give_the_ratio_and_the_measured_rate_the_hours() -> None:
    asked = work(seen_in=1000, seen_out=360, completions=5)
    row = planned(asked, 0, (2.0, "measured: 2 cores of X"), gpus=0, cores=2)
    assert row["tokens_out"] == 7200 and row["tokens_out_from"] == "5 answers"
    assert row["hours"] == pytest.approx(1.0)
    assert row["core_hours"] == pytest.approx(2.0) and row["gpu_hours"] is None


def test_a_declared_rate_goes_before_a_measured_one() -> None:
    row = planned(work(seen_in=10, seen_out=9, completions=1), 5.0, (2.0, "measured: X"), 4, 8)
    assert row["rate_from"] == "declared" and row["tokens_out_per_second"] == 5.0
    assert row["gpu_hours"] == pytest.approx(18_000 / 5 / 3600 * 4) and row["core_hours"] is None


def test_nothing_is_left_when_the_ledger_holds_everything() -> None:
    row = planned(work(completed=100, seen_in=1, seen_out=1, completions=1), 0, (2.0, "m"), 0, 2)
    assert (row["to_ask"], row["tokens_in"], row["tokens_out"], row["hours"]) == (0, 0, 0, 0)


def test_as_many_shards_are_suggested_as_spend_little_on_starting() -> None:
    asked = work(completed=50, seen_in=20_000, seen_out=7600, completions=50)
    row = planned(asked, 1.0, None, gpus=1, cores=1, loading=100.0)
    assert row["shards_at_most"] == 4  # 7,600 s of work in jobs of 1,900 s, whatever is held
    assert 100 / (100 + 7600 / row["shards_at_most"]) <= 0.05
    assert planned(asked, 1.0, None, 1, 1, loading=1000.0)["shards_at_most"] == 1
    assert planned(asked, 1.0, None, 1, 1)["shards_at_most"] is None


def test_a_source_with_more_shards_than_its_engines_starts_are_worth_is_told() -> None:
    def row(source: str, llm: str, shards: int, loading: float | None) -> dict[str, object]:
        asked = work(seen_in=20_000, seen_out=7600, completions=1, shards=shards)
        names = {"llm": llm, "source": source, "prompt": "plain"}
        return names | planned(asked, 1.0, None, 1, 1, loading)

    rows = [row("clinic", "small", 64, 10.0), row("clinic", "large", 64, 100.0)]
    rows += [row("ward", "small", 4, 100.0), row("new", "large", 900, None)]
    (line,) = too_many_shards(pd.DataFrame(rows, columns=COLUMNS))
    assert line.startswith("clinic: its 64 shards are too many for large: to start takes 100 s")
    assert line.endswith("over 5% of a job of 'plain'; declare at most 4")


def test_an_empty_set_costs_nothing() -> None:
    row = planned(work(requests=0, tokens_in=0, rooms=0), 3.0, None, 0, 2)
    assert row["to_ask"] == 0 and row["hours"] == 0


@given(counts, st.floats(0, 1), counts, counts, counts, counts)
def test_completions_never_exceed_their_room_and_those_in_a_ledger_cost_nothing(
    requests: int, share: float, tokens_in: int, rooms: int, seen_in: int, seen_out: int
) -> None:
    completed = int(requests * share)
    asked = Work(requests, completed, tokens_in, rooms, seen_in, seen_out, 1)
    row = planned(asked, 1.0, None, 0, 1)
    assert row["held"] + row["to_ask"] == requests
    assert 0 <= row["tokens_out"] <= rooms
    assert set(row) == set(COLUMNS) - {"llm", "source", "prompt", "context"}
