"""A cron expression on a clock without zone: its ticks, in "wall" seconds since 1970-01-01 00:00 of that clock.

croniter parses, so that every oddity of its syntax is Airflow's as well; the stepping is ours.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left, bisect_right
from collections.abc import Generator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import croniter

from dagrun_api.errors import InvalidTimetable

from .days import Days
from .runs import NoTick

__all__ = ["Cron", "parse_cron"]

DAY, HOUR, MINUTE = 86_400, 3_600, 60
EPOCH_DAY = date(1970, 1, 1).toordinal()
LONGEST = 1_000
"""The longest expression that is looked at; one that names every value of every field has some 800 characters."""
SEARCH_YEARS = 50
"""How far croniter looks for a tick before it gives up."""
PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}
"""Airflow's own presets; croniter has more (`@midnight`, `@annually`), and takes any case of letters."""


@lru_cache(maxsize=256)
def parse_cron(expression: str) -> Cron:
    """Read an expression or preset; raises InvalidTimetable for what Airflow refuses when it loads a DAG."""
    if len(expression) > LONGEST:
        raise InvalidTimetable(f"The cron expression is longer than {LONGEST} characters.")
    text = PRESETS.get(expression, expression)
    # Airflow would parse a random field anew, and so draw again, at every step; a hashed one it cannot read.
    if any(field[0] in "rRhH" for field in text.split()):
        raise InvalidTimetable(f"The cron expression {expression[:99]!r} has a random or a hashed field.")
    try:
        parsed: Any = croniter.croniter(text)
    except Exception as error:  # croniter lets other errors than its own out of odd input
        raise InvalidTimetable(f"{expression[:99]!r} is not a cron expression that Airflow can read.") from error
    days = Days(parsed.expanded[2], parsed.expanded[4], parsed.nth_weekday_of_month, parsed.nearest_weekday)
    return Cron(expression, parsed.expanded, days)


class _Blocks(NamedTuple):
    """Where the blocks of a month start, counted from the month's start."""

    starts: list[int]
    deltas: list[timedelta]


_NO_BLOCKS = _Blocks([], [])


class Cron:
    """The ticks of one expression.

    A month's ticks are kept as blocks: one starts on each day that has ticks (on each hour, if a day has more
    than 1,440 of them), and all blocks hold the same ticks, counted from the block's start. Which blocks a month
    has depends on its length and first weekday only, so there are 28 lists at most.
    """

    def __init__(self, expression: str, expanded: Sequence[list[int | str]], days: Days) -> None:
        minutes, hours, _, months, _, *rest = expanded
        self.expression = expression
        self.every_hour = hours == ["*"]
        """Whether the hour field covers all 24 hours; Airflow steps such a cron in another way."""
        self._months = _values(months, range(1, 13))
        self._years = None if len(rest) < 2 or "*" in rest[1] else _values(rest[1], ())
        self._days = days
        seconds = _values(rest[0], range(60)) if rest else [0]
        self._grain = 1 if rest else MINUTE
        in_hour = [MINUTE * minute + second for minute in _values(minutes, range(60)) for second in seconds]
        on_hours = [HOUR * hour for hour in _values(hours, range(24))]
        if len(on_hours) * len(in_hour) <= DAY // MINUTE:
            self._in_day, self._ticks = [0], [hour + tick for hour in on_hours for tick in in_hour]
        else:
            self._in_day, self._ticks = on_hours, in_hour
        self._deltas = [timedelta(seconds=tick) for tick in self._ticks]
        self._end = (
            f'"{expression}" has no tick in the {SEARCH_YEARS} years {{where}} {{day}}; Airflow logs an error, and its '
            "list ends there."
        )
        self._blocks: dict[tuple[int, int], tuple[_Blocks, _Blocks]] = {}

    def __contains__(self, wall: int) -> bool:
        try:
            return self.next(wall - 1) == wall
        except NoTick:
            return False

    def next(self, wall: int) -> int:
        """The first tick after `wall`; raises NoTick when there is none within 50 years, croniter's limit."""
        if self._days.both_needed:
            self._forward(wall, 1)
        return self._forward(wall, 0)

    def prev(self, wall: int) -> int:
        """The last tick before `wall`; raises NoTick when there is none within 50 years."""
        if self._days.both_needed:
            self._backward(wall, 1)
        return self._backward(wall, 0)

    def walk(self, wall: int, limit: int, epoch: datetime) -> Generator[datetime, None, int]:
        """Yield the ticks after `wall` and before `limit` as times since `epoch`; return the last one.

        The same as `next` again and again, but within a month it costs an addition for each tick.
        """
        stop = epoch + timedelta(seconds=limit)
        while (tick := self.next(wall)) < limit:
            wall = tick
            if self._days.both_needed:
                yield epoch + timedelta(seconds=tick)
                continue
            today = _date(tick)
            month = _month_start(today)
            starts, deltas = self._month(today.year, today.month)[0]
            index = bisect_right(starts, tick - month) - 1
            within = self._deltas[bisect_left(self._ticks, tick - month - starts[index]) :]
            base = epoch + timedelta(seconds=month)
            for delta in deltas[index:]:
                block = base + delta
                if block + within[-1] >= stop:
                    for delta_within in within[: bisect_left(within, stop - block)]:
                        yield block + delta_within
                    return self.prev(limit)
                for delta_within in within:
                    yield block + delta_within
                within = self._deltas
            wall = month + starts[-1] + self._ticks[-1]
        return wall

    def _forward(self, wall: int, which: int) -> int:
        today = _date(wall)
        month = _month_start(today)
        starts = self._month(today.year, today.month)[which].starts
        index = bisect_right(starts, wall - month) - 1
        if index >= 0:
            tick = bisect_right(self._ticks, wall - month - starts[index])
            if tick < len(self._ticks):
                return month + starts[index] + self._ticks[tick]
        if index + 1 < len(starts):
            return month + starts[index + 1] + self._ticks[0]
        last = min(_date(wall + self._grain).year + SEARCH_YEARS, date.max.year)
        for year in range(today.year, last + 1):
            for number in self._months:
                if (year, number) > (today.year, today.month) and (starts := self._month(year, number)[which].starts):
                    return _month_start(date(year, number, 1)) + starts[0] + self._ticks[0]
        raise NoTick(self._end.format(where="after", day=today))

    def _backward(self, wall: int, which: int) -> int:
        today = _date(wall - 1)
        month = _month_start(today)
        starts = self._month(today.year, today.month)[which].starts
        index = bisect_left(starts, wall - month) - 1
        if index >= 0:
            tick = bisect_left(self._ticks, wall - month - starts[index]) - 1
            if tick >= 0:
                return month + starts[index] + self._ticks[tick]
        if index > 0:
            return month + starts[index - 1] + self._ticks[-1]
        for year in range(today.year, max(today.year - SEARCH_YEARS, date.min.year) - 1, -1):
            for number in reversed(self._months):
                if (year, number) < (today.year, today.month) and (starts := self._month(year, number)[which].starts):
                    return _month_start(date(year, number, 1)) + starts[-1] + self._ticks[-1]
        raise NoTick(self._end.format(where="before", day=today))

    def _month(self, year: int, number: int) -> tuple[_Blocks, _Blocks]:
        """The blocks of a month: all of them, and those of days that both searches find."""
        if number not in self._months or (self._years is not None and year not in self._years):
            return _NO_BLOCKS, _NO_BLOCKS
        first_weekday, length = calendar.monthrange(year, number)
        blocks = self._blocks.get((first_weekday, length))
        if blocks is None:
            listed, needed = self._days.of_month((first_weekday + 1) % 7, length)
            blocks = self._blocks[first_weekday, length] = self._on(listed), self._on(needed)
        return blocks

    def _on(self, days: set[int]) -> _Blocks:
        starts = [DAY * (day - 1) + start for day, start in product(sorted(days), self._in_day)]
        return _Blocks(starts, [timedelta(seconds=start) for start in starts])


def _values(field: Sequence[int | str], every: Sequence[int]) -> Sequence[int]:
    """The numbers of an expanded field; `every` stands for the wildcard."""
    return every if "*" in field else sorted(int(value) for value in field)


def _date(wall: int) -> date:
    try:
        return date.fromordinal(wall // DAY + EPOCH_DAY)
    except (ValueError, OverflowError):
        raise OverflowError(wall) from None


def _month_start(day: date) -> int:
    return (day.toordinal() - day.day + 1 - EPOCH_DAY) * DAY
