"""The plan of a batch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagrun_api.batches.plan import Plan, Planning
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
    return filled(Planning(iter([Stretch(ticks)]), limit=limit, now=now, left_out=left_out), database)


def filled(planning: Planning, database: Database) -> Plan:
    assert asyncio.run(planning.fill(database.taken))
    return planning.plan()


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
    plan = filled(Planning(iter([Stretch(map(minute, count()))]), limit=500, now=LATER), database)
    assert database.asked == [501]
    assert plan.truncated


def test_long_rows_of_runs_are_passed_in_growing_strides() -> None:
    database = Database(lambda number: number < 100_000)
    plan = filled(Planning(iter([Stretch(map(minute, count()))]), limit=500, now=LATER), database)
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
    plan = filled(Planning(iter(stretches), limit=2, now=LATER), database)
    assert plan.notes == ["first", "second", "third"]
    plan = filled(Planning(iter([Stretch((), ("only",))]), limit=2, now=LATER), database)
    assert (plan.ticks, plan.notes) == ((), ["only"])


@given(st.integers(0, 60), st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)), st.integers(1, 20))
def test_dates_taken_meanwhile_are_left_out_as_if_known_before(
    ticks: int, before: set[int], meanwhile: set[int], limit: int
) -> None:
    planning = Planning(iter([Stretch(map(minute, range(ticks)))]), limit=limit, now=LATER)
    filled(planning, Database(before.__contains__))
    now = Database((before | meanwhile).__contains__)
    lost = asyncio.run(now.taken(planning.dates))
    planning.leave_out(lost)
    plan, wanted = filled(planning, now), planned(map(minute, range(ticks)), before | meanwhile, limit=limit)
    assert plan.ticks == wanted.ticks
    # A plan that lost nothing is not looked at beyond its end.
    assert plan == wanted or not lost


def test_it_looks_no_further_than_it_is_allowed_to() -> None:
    database = Database(lambda number: number < 1_000)
    planning = Planning(iter([Stretch(map(minute, count()))]), limit=5, now=LATER)
    assert not asyncio.run(planning.fill(database.taken, at_most=100))
    assert sum(database.asked) == 100
    plan = filled(planning, database)
    assert (plan.skipped, [number_of(tick.logical_date) for tick in plan.ticks]) == (1_000, [*range(1_000, 1_005)])


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
