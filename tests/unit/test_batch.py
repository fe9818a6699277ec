"""The plan of a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from dagrun_api.batches.plan import BatchPlan
from dagrun_api.model import Prefix

START = datetime(2017, 9, 1, tzinfo=UTC)
LATER = datetime(2500, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Minute:
    logical_date: datetime
    data_interval_start: datetime = START
    data_interval_end: datetime = START
    run_after: datetime = START


def minutes(numbers: Iterator[int] | range) -> Iterator[Minute]:
    return (Minute(START + number * MINUTE) for number in numbers)


def settled(plan: BatchPlan, taken: set[int]) -> int:
    """Carry a plan out against these taken minutes; return how many dates it asked about."""
    asked = 0
    while dates := plan.next_dates():
        asked += len(dates)
        numbers = [round((date - START) / MINUTE) for date in dates]
        plan.settle({date: f"run{number}" for date, number in zip(dates, numbers, strict=True) if number in taken})
    return asked


@given(st.integers(0, 60), st.sets(st.integers(0, 60)), st.integers(1, 20))
def test_it_is_the_earliest_free_ticks_up_to_the_limit(ticks: int, taken: set[int], limit: int) -> None:
    plan = BatchPlan(minutes(range(ticks)), limit=limit, now=LATER)
    settled(plan, taken)
    free = [number for number in range(ticks) if number not in taken]
    planned = [round((tick.logical_date - START) / MINUTE) for tick in plan.ticks]
    assert planned == free[:limit]
    assert plan.truncated == (len(free) > limit)
    seen = range(free[limit] if plan.truncated else ticks)
    assert plan.skipped_run_ids == [f"run{number}" for number in seen if number in taken]
    assert plan.skipped == len(plan.skipped_run_ids)


def test_an_endless_window_costs_one_tick_more_than_the_limit() -> None:
    plan = BatchPlan(minutes(count()), limit=500, now=LATER)
    assert settled(plan, set()) == 501
    assert plan.truncated


def test_long_rows_of_runs_are_passed_in_growing_strides() -> None:
    plan = BatchPlan(minutes(count()), limit=500, now=LATER)
    strides = 0
    while dates := plan.next_dates():
        strides += 1
        plan.settle({date: "run" for date in dates if date < START + 100_000 * MINUTE})
    assert strides < 20
    assert (plan.skipped, len(plan.skipped_run_ids), len(plan.ticks)) == (100_000, 500, 500)


def test_it_ends_before_the_first_tick_that_is_not_due() -> None:
    ticks = [Minute(START + number * MINUTE, run_after=START + number * MINUTE) for number in range(9)]
    plan = BatchPlan(iter(ticks), limit=500, now=START + 4 * MINUTE)
    settled(plan, set())
    assert plan.ticks == ticks[:5]
    assert plan.not_due == ticks[5]


def test_it_ends_before_the_first_free_tick_that_is_forbidden() -> None:
    def forbids(tick: object) -> str | None:
        assert isinstance(tick, Minute)
        return "not this one" if tick.logical_date >= START + 3 * MINUTE else None

    for limit, taken, planned in ((9, {1}, 2), (9, {3, 4}, 3), (3, set[int](), 3), (2, set[int](), 2)):
        plan = BatchPlan(minutes(range(9)), limit=limit, now=LATER, forbids=forbids)
        settled(plan, taken)
        assert len(plan.ticks) == planned
        assert plan.truncated == (limit == 2), "a tick that may not be taken does not count as left for the next call"
        assert plan.left_out == (None if limit == 2 else "not this one")
        assert plan.skipped == len(taken), "one that has a run already is skipped, forbidden or not"


def test_ticks_with_one_logical_date_make_one_run() -> None:
    plan = BatchPlan(minutes(iter([1, 1, 2, 1])), limit=500, now=LATER)
    settled(plan, set())
    assert (len(plan.ticks), plan.collided) == (2, 2)


def test_numbers_go_on_from_the_last_and_grow_beyond_seven_digits() -> None:
    plan = BatchPlan(minutes(range(2)), limit=500, now=LATER)
    settled(plan, set())
    assert [run.run_id for run in plan.runs(Prefix("p"), 9_999_998)] == [
        "p_9999999_2017-09-01T00:00:00",
        "p_10000000_2017-09-01T00:01:00",
    ]
