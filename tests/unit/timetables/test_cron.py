"""A cron on a clock without zone: croniter's own steps, both ways."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain
from random import Random
from typing import Any

import pytest
from croniter import CroniterBadDateError, croniter

from dagrun_api.timetables.cron import parse_cron
from dagrun_api.timetables.runs import EPOCH, NoTick

from . import expressions

RARE = ("0 0 29 2 *", "0 0 29 2 1#5", "59 23 31 12 *", "0 0 30 2 *", "0 0 31 2 1", "0 0 15W 6 1", "0 0 1W 1 6")
YEARS = ("0 0 1 1 * 0 2080", "59 23 31 12 * 59 2000,2051", "0 0 31 12 * 0 2000,2051", "0 0 * * * 0 2024/7")


def wall(reading: datetime) -> int:
    return int((reading - EPOCH.replace(tzinfo=None)).total_seconds())


def croniters(expression: str, reading: datetime, *, back: bool) -> int | None:
    steps: Any = croniter(expression, reading)
    try:
        return wall(steps.get_prev(datetime) if back else steps.get_next(datetime))
    except CroniterBadDateError:
        return None


def ours(expression: str, reading: datetime, *, back: bool) -> int | None:
    cron = parse_cron(expression)
    try:
        return cron.prev(wall(reading)) if back else cron.next(wall(reading))
    except NoTick:
        return None


@pytest.mark.parametrize("expression", RARE + YEARS)
@pytest.mark.parametrize("back", [False, True])
def test_rare_ticks_are_croniters(expression: str, back: bool) -> None:
    for year in (1896, 1950, 1999, 2000, 2001, 2024, 2051, 2090):
        for month, day, hour in ((1, 1, 0), (2, 28, 23), (2, 29 if year % 4 == 0 else 28, 0)):
            reading = datetime(year, month, day, hour)  # noqa: DTZ001
            assert ours(expression, reading, back=back) == croniters(expression, reading, back=back), reading
        reading = datetime(year, 12, 31, 23, 59, 59)  # noqa: DTZ001
        assert ours(expression, reading, back=back) == croniters(expression, reading, back=back), reading


@pytest.mark.parametrize("seed", range(8))
def test_random_steps_are_croniters(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    for _ in range(100):
        expression = expressions.expression(random)
        reading = datetime(1970, 1, 1) + timedelta(seconds=random.randrange(4_000_000_000))  # noqa: DTZ001
        if random.random() < 0.5:
            reading = reading.replace(day=random.choice((1, 28)), hour=0, minute=0, second=0)
        for back in (False, True):
            expected = croniters(expression, reading, back=back)
            assert ours(expression, reading, back=back) == expected, (expression, reading, back)


@pytest.mark.parametrize(
    "expression",
    ["* * * * * *", "*/7 1-3 * * *", "0 0 * * *", "59 23 1,31 * *", "0 0 1 1 *", "0 0 15 * 1#3", "5,50 9,17 L * *"],
)
def test_a_walk_is_step_upon_step(expression: str) -> None:
    cron, start = parse_cron(expression), wall(datetime(2024, 2, 27, 1, 30))  # noqa: DTZ001
    expected: list[int] = []
    tick = start
    for _ in range(300):
        tick = cron.next(tick)
        expected.append(tick)
    for last in (start, expected[0], expected[0] + 1, expected[77], expected[-1]):
        walked = chain.from_iterable(cron.walk(start, last, timedelta()))
        ticks = [wall(tick.replace(tzinfo=None)) for tick in walked if tick <= EPOCH + timedelta(seconds=last)]
        assert ticks == [tick for tick in expected if tick <= last]


def test_a_walk_looks_no_further_than_it_is_asked_to() -> None:
    cron, start = parse_cron("0 0 29 2 1"), wall(datetime(2024, 1, 1))  # noqa: DTZ001
    assert sum(map(len, cron.walk(start, start + 86_400, timedelta()))) < 10
    assert sum(map(len, parse_cron("* * * * * *").walk(start, start + 86_400, timedelta()))) < 100_000
    years = parse_cron("0 0 1 1 * 0 2023-2024")
    assert list(years.walk(start - 1, start + 10**10, timedelta())) == [[EPOCH + timedelta(seconds=start)]]
