"""Feeding a batch: the limits hold, the schedule goes first, and every date gets one run, for all values."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagrun_api.client import Client, Created, DagDetail, PlannedRun, Progress
from dagrun_api.client.feeding import PATIENCE, Feeder, is_tick_due, most_active, places
from dagrun_api.client.wanted import Wanted
from dagrun_api.client.watching import Watch
from dagrun_api.client.window import Window

NOW = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
START = datetime(2010, 1, 1, tzinfo=UTC)

COUNTS = st.integers(0, 40)
SECONDS = st.integers(-1000, 1000).map(lambda seconds: timedelta(seconds=seconds))


def dag(**changes: Any) -> DagDetail:
    detail = DagDetail(
        dag_id="a",
        is_active=True,
        is_draining=False,
        full_path=None,
        last_execution=None,
        schedule="@daily",
        max_active_runs=16,
        active_runs=0,
        next_execution=None,
        next_run_after=None,
        catchup=False,
        timezone="UTC",
        start_date=None,
        end_date=None,
        owners=None,
        description=None,
        has_import_errors=False,
        unlistable=None,
    )
    return replace(detail, **changes)


def progress(waiting: int, ended: int = 0) -> Progress:
    return Progress("etl", waiting + ended, {"queued": waiting, "success": ended}, 0.0, None, None, ())


DAGS = st.builds(
    dag,
    is_active=st.booleans(),
    max_active_runs=st.none() | COUNTS,
    active_runs=COUNTS,
    next_run_after=st.none() | SECONDS.map(NOW.__add__),
)
PROGRESS = st.none() | st.builds(progress, COUNTS, COUNTS)


@given(PROGRESS, DAGS, st.integers(1, 40), st.booleans())
def test_neither_limit_is_passed(before: Progress | None, dag: DagDetail, wanted: int, may_hold_back: bool) -> None:
    number = places(before, dag, wanted, NOW, has_waited=PATIENCE, may_hold_back=may_hold_back)
    assert number >= 0
    if number:
        assert (before.waiting if before else 0) + number <= wanted
        limit = 16 if dag.max_active_runs is None else dag.max_active_runs
        assert dag.active_runs + number < limit or (may_hold_back and limit <= 1 and dag.active_runs + number == 1)


@given(PROGRESS, DAGS, st.integers(1, 40))
def test_every_free_place_but_the_last_is_used(before: Progress | None, dag: DagDetail, wanted: int) -> None:
    number = places(before, dag, wanted, NOW, has_waited=PATIENCE)
    is_full = dag.active_runs + number >= most_active(dag, may_hold_back=False)
    assert is_full or (before.waiting if before else 0) + number >= wanted


@given(DAGS, st.integers(1, 40))
def test_a_tick_that_is_due_goes_first_but_not_for_ever(dag: DagDetail, wanted: int) -> None:
    free = places(None, dag, wanted, NOW, has_waited=PATIENCE)
    assert places(None, dag, wanted, NOW) == (0 if is_tick_due(dag, NOW) else free)
    assert places(None, dag, wanted, NOW + PATIENCE + timedelta(seconds=1000)) == free


@given(SECONDS, st.booleans())
def test_only_a_tick_of_an_active_dag_that_is_just_due_counts(since: timedelta, is_active: bool) -> None:
    is_due = is_tick_due(dag(next_run_after=NOW - since, is_active=is_active), NOW)
    assert is_due == (is_active and timedelta(0) <= since < PATIENCE)
    assert not is_tick_due(dag(next_run_after=None), NOW)


# --- feeders at once ---


class Model:
    """A service, its schedule and its scheduler in one, in which every call takes a random time."""

    def __init__(self, seed: int, days: int, existing: set[int], max_active_runs: int) -> None:
        self.random = Random(seed)  # noqa: S311  # it is no secret
        self.days = days
        self.existing = existing
        self.max_active_runs = max_active_runs
        self.created: list[int] = []
        self.active: set[int] = set()
        self.most_active = 0
        self.listed = 0

    async def pause(self) -> None:
        for _ in range(self.random.randrange(8)):
            await asyncio.sleep(0)

    async def dry_run(self, wanted: Wanted) -> Created:
        self.listed += 1
        await self.pause()
        return self._planned(wanted)

    async def create(self, wanted: Wanted) -> Created:
        await self.pause()
        planned = self._planned(wanted)
        days = [(run.execution_date - START).days for run in planned.runs]
        self.created += days
        self.existing |= set(days)
        self.active |= set(days)
        self.most_active = max(self.most_active, len(self.active))
        await self.pause()
        return planned

    async def progress(self, *_: object) -> Progress:
        await self.pause()
        answer = progress(len(self.active), len(self.created) - len(self.active))
        await self.pause()
        return answer

    async def dag(self, _: object) -> DagDetail:
        await self.pause()
        answer = dag(max_active_runs=self.max_active_runs, active_runs=len(self.active))
        await self.pause()
        return answer

    async def work(self) -> None:
        """End runs at random, for as long as others are at work."""
        while True:
            await self.pause()
            if self.active and self.random.random() < 0.7:
                self.active.remove(self.random.choice(sorted(self.active)))

    def _planned(self, wanted: Wanted) -> Created:
        dates = [cast("datetime", run.execution_date) for run in wanted.get("runs") or ()]
        if not dates:
            start, end = cast("datetime", wanted.get("start_date")), cast("datetime", wanted.get("end_date"))
            dates = [date for day in range(self.days) if start <= (date := START + day * DAY) <= end]
        free = [date for date in dates if (date - START).days not in self.existing]
        first = free[: wanted.get("limit")]
        runs = tuple(PlannedRun(f"etl_{date}", date, date, date + DAY, date + DAY) for date in first)
        ids = tuple(run.run_id for run in runs)
        return Created(ids, len(dates) - len(free), (), len(free) > len(first), (), runs)


async def feed(model: Model, wanted: int, *, newest_first: bool) -> None:
    """Feed the whole window."""
    client = cast("Client", model)
    window = Window(START, START + model.days * DAY, {}, model.dry_run)
    watch = Watch(client, "etl", "a", None, None)
    feeder = Feeder(client, "a", window, model.create, watch, wanted=wanted, newest_first=newest_first, poll=0)
    async for _ in feeder.feed():
        pass


async def feed_with_deaths(model: Model, wanted: int, *, newest_first: bool) -> None:
    """Feed the whole window, although the feeder dies now and then in the middle of it."""
    for _ in range(model.random.randrange(3)):
        feeding = asyncio.create_task(feed(model, wanted, newest_first=newest_first))
        await asyncio.wait([feeding], timeout=0.001 * model.random.random())
        feeding.cancel()
        await asyncio.wait([feeding])
    await feed(model, wanted, newest_first=newest_first)


async def at_once(model: Model, *feeders: Coroutine[None, None, None]) -> None:
    """Let feeders feed at once, while a scheduler works."""
    working = asyncio.create_task(model.work())
    await asyncio.gather(*feeders)
    working.cancel()


@given(
    seed=st.integers(0, 2**32),
    days=st.integers(0, 60),
    existing=st.sets(st.integers(0, 59)),
    max_active_runs=st.integers(2, 8),
    feeders=st.integers(1, 3),
    wanted=st.integers(1, 8),
    newest_first=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_feeders_keep_the_limit_and_complete_the_window(
    seed: int,
    days: int,
    existing: set[int],
    max_active_runs: int,
    feeders: int,
    wanted: int,
    newest_first: bool,
) -> None:
    before = {day for day in existing if day < days}
    model = Model(seed, days, set(before), max_active_runs)
    feeding = [feed_with_deaths(model, wanted, newest_first=newest_first) for _ in range(feeders)]
    asyncio.run(at_once(model, *feeding))
    assert Counter(model.created) == Counter(set(range(days)) - before)
    assert model.most_active <= min(wanted, max_active_runs - 1)


@pytest.mark.parametrize(("newest_first", "listed"), [(False, 10), (True, 22)])
def test_a_long_window_is_listed_a_page_at_a_time(newest_first: bool, listed: int) -> None:
    model = Model(1, 20_000, set(range(18_000)), 16)
    asyncio.run(at_once(model, feed(model, 1, newest_first=newest_first)))
    assert model.created == sorted(range(18_000, 20_000), reverse=newest_first)
    assert model.listed == listed
