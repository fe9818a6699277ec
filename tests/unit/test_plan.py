"""The plan of a batch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagrun_api.batches.plan import Plan, plan_batch
from dagrun_api.errors import InvalidRequest
from dagrun_api.model import Prefix
from dagrun_api.timetables import RunInfo, Stretch

START = datetime(2017, 9, 1, tzinfo=UTC)
LATER = datetime(2500, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def minute(number: int, run_after: datetime = START) -> RunInfo:
    return RunInfo(START + number * MINUTE, START, START, run_after)


def number_of(date: datetime) -> int:
    return round((date - START) / MINUTE)


class Database:
    """Knows which minutes have a run, and counts what it is asked."""

    def __init__(self, has_run: Callable[[int], bool]) -> None:
        self._has_run = has_run
        self.asked: list[int] = []

    async def taken(self, dates: Sequence[datetime]) -> Mapping[datetime, str]:
        self.asked.append(len(dates))
        return {date: f"run{number_of(date)}" for date in dates if self._has_run(number_of(date))}


def planned(
    ticks: Iterable[RunInfo],
    taken: Iterable[int] = (),
    *,
    limit: int = 500,
    now: datetime = LATER,
    left_out: Callable[[RunInfo], str | None] | None = None,
) -> Plan:
    database = Database(set(taken).__contains__)
    stretches = iter([Stretch(ticks)])
    return asyncio.run(plan_batch(stretches, database.taken, limit=limit, now=now, left_out=left_out))


@given(st.integers(0, 60), st.sets(st.integers(0, 60)), st.integers(1, 20))
def test_it_holds_the_earliest_free_ticks_up_to_the_limit(ticks: int, taken: set[int], limit: int) -> None:
    plan = planned(map(minute, range(ticks)), taken, limit=limit)
    free = [number for number in range(ticks) if number not in taken]
    assert [number_of(tick.logical_date) for tick in plan.ticks] == free[:limit]
    assert plan.truncated == (len(free) > limit)
    seen = range(free[limit] if plan.truncated else ticks)
    assert plan.skipped_run_ids == [f"run{number}" for number in seen if number in taken]
    assert plan.skipped == len(plan.skipped_run_ids)


def test_an_endless_window_costs_one_tick_more_than_the_limit() -> None:
    database = Database(lambda _: False)
    stretches = iter([Stretch(map(minute, count()))])
    plan = asyncio.run(plan_batch(stretches, database.taken, limit=500, now=LATER))
    assert database.asked == [501]
    assert plan.truncated


def test_long_rows_of_runs_are_passed_in_growing_strides() -> None:
    database = Database(lambda number: number < 100_000)
    stretches = iter([Stretch(map(minute, count()))])
    plan = asyncio.run(plan_batch(stretches, database.taken, limit=500, now=LATER))
    assert len(database.asked) < 20
    assert (plan.skipped, len(plan.skipped_run_ids), len(plan.ticks)) == (100_000, 500, 500)


def test_it_ends_before_the_first_tick_that_is_not_due() -> None:
    ticks = [minute(number, START + number * MINUTE) for number in range(9)]
    plan = planned(ticks, now=START + 4 * MINUTE)
    assert plan.ticks == tuple(ticks[:5])
    assert plan.not_due == ticks[5]


def test_it_ends_before_the_first_free_tick_that_is_left_out() -> None:
    def left_out(tick: RunInfo) -> str | None:
        return "not this one" if tick.logical_date >= START + 3 * MINUTE else None

    for limit, taken, number in ((9, {1}, 2), (9, {3, 4}, 3), (3, set[int](), 3), (2, set[int](), 2)):
        plan = planned(map(minute, range(9)), taken, limit=limit, left_out=left_out)
        assert len(plan.ticks) == number
        assert plan.truncated == (limit == 2), "a tick that is left out does not count as left for the next call"
        assert plan.left_out == (None if limit == 2 else "not this one")
        assert plan.skipped == len(taken), "a tick with a run is skipped, left out or not"


def test_ticks_with_one_logical_date_make_one_run() -> None:
    plan = planned(map(minute, [1, 1, 2, 1]))
    assert (len(plan.ticks), plan.collided) == (2, 2)


def test_notes_of_the_stretches_that_were_read_are_kept() -> None:
    stretches = [
        Stretch((), ("first",)),
        Stretch([minute(0), minute(1)], ("second",)),
        Stretch([minute(2)], ("third",)),
        Stretch([minute(3)], ("unread",)),
    ]
    database = Database(lambda _: False)
    plan = asyncio.run(plan_batch(iter(stretches), database.taken, limit=2, now=LATER))
    assert plan.notes == ["first", "second", "third"]
    plan = asyncio.run(plan_batch(iter([Stretch((), ("only",))]), database.taken, limit=2, now=LATER))
    assert (plan.ticks, plan.notes) == ((), ["only"])


def test_numbers_continue_and_grow_beyond_seven_digits() -> None:
    plan = planned(map(minute, range(2)))
    assert [run.run_id for run in plan.runs(Prefix("p"), 9_999_998)] == [
        "p_9999999_2017-09-01T00:00:00",
        "p_10000000_2017-09-01T00:01:00",
    ]


def test_a_prefix_whose_numbers_are_used_up_is_refused() -> None:
    plan = planned(map(minute, range(2)))
    assert plan.runs(Prefix("p"), 10**18 - 3)[-1].run_id.startswith("p_999999999999999999_")
    with pytest.raises(InvalidRequest, match="send another prefix"):
        plan.runs(Prefix("p"), 10**18 - 2)
