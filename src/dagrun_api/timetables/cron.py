"""A cron expression on a clock without zone: its ticks, in "wall" seconds since 1970-01-01 00:00 of that clock.

croniter parses, so that every oddity of its syntax is Airflow's as well; the stepping is ours.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterator, Sequence
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
FEW = 4
"""Up to so many ticks a day a list of a month's ticks is worth its memory."""
CHUNK = 64
"""About how many ticks are computed at once: never many more than are asked for."""
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


NO_BLOCKS = _Blocks([], [])


class Cron:
    """The ticks of one expression.

    A month's ticks are kept as blocks, all of which hold the same ticks, counted from the block's start. A block is
    a day that has ticks; an hour of it, if there are more than 1,440 in a day; a single tick, if there are few.
    Which blocks a month has depends on its length and first weekday only, so there are 28 lists at most.
    """

    def __init__(self, expression: str, expanded: Sequence[list[int | str]], days: Days) -> None:
        minutes, hours, _, months, _, *rest = expanded
        self.expression = expression
        self.every_hour = hours == ["*"]
        """Whether the hour field covers all 24 hours; Airflow steps such a cron in another way."""
        self._months = _values(months, range(1, 13))
        self._years = None if len(rest) < 2 or "*" in rest[1] else frozenset(_values(rest[1], ()))
        self._days = days
        seconds = _values(rest[0], range(60)) if rest else [0]
        self._grain = 1 if rest else MINUTE
        in_hour = [MINUTE * minute + second for minute in _values(minutes, range(60)) for second in seconds]
        on_hours = [HOUR * hour for hour in _values(hours, range(24))]
        if len(on_hours) * len(in_hour) > DAY // MINUTE:
            self._in_day, self._ticks = on_hours, in_hour
        else:
            in_day = [hour + tick for hour in on_hours for tick in in_hour]
            self._in_day, self._ticks = (in_day, [0]) if len(in_day) <= FEW else ([0], in_day)
        self._deltas = [timedelta(seconds=tick) for tick in self._ticks]
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

    def walk(self, wall: int, limit: int, epoch: datetime) -> Generator[list[datetime], None, int]:
        """Yield the ticks after `wall` and before `limit` as times since `epoch`, a few at once; return the last.

        The same as `next` again and again, but within a month it costs an addition or two for each tick.
        """
        stop = epoch + timedelta(seconds=limit)
        while (tick := self.next(wall)) < limit:
            if self._days.both_needed:
                yield [epoch + timedelta(seconds=tick)]
                wall = tick
                continue
            for chunk in self._chunks(tick, epoch):
                if chunk[-1] >= stop:
                    yield chunk[: bisect_left(chunk, stop)]
                    return self.prev(limit)
                yield chunk
        return wall

    def _chunks(self, tick: int, epoch: datetime) -> Iterator[list[datetime]]:
        """`tick` and all ticks after it, in lists of about CHUNK."""
        today = _date(tick)
        month, (starts, deltas) = self._month(today.year, today.month, 0)
        block = bisect_right(starts, tick - month) - 1
        first = bisect_left(self._ticks, tick - month - starts[block])
        skip, at_once = first % CHUNK, 1 + CHUNK // len(self._ticks)
        later = self._months_after(month + starts[-1] + self._ticks[-1], 0)
        while True:
            base = epoch + timedelta(seconds=month)
            for index in range(block, len(deltas), at_once):
                bases = [base + delta for delta in deltas[index : index + at_once]]
                if self._ticks == [0]:
                    yield bases
                    continue
                for group in range(first - skip, len(self._ticks), CHUNK):
                    ticks = self._deltas[group : group + CHUNK]
                    yield [start + within for start in bases for within in ticks][skip:]
                    skip = 0
                first = 0
            month, (starts, deltas) = next(later)
            block = 0

    def _forward(self, wall: int, which: int) -> int:
        today = _date(wall)
        month, (starts, _) = self._month(today.year, today.month, which)
        block = bisect_right(starts, wall - month) - 1
        if block >= 0:
            tick = bisect_right(self._ticks, wall - month - starts[block])
            if tick < len(self._ticks):
                return month + starts[block] + self._ticks[tick]
        if block + 1 < len(starts):
            return month + starts[block + 1] + self._ticks[0]
        month, (starts, _) = next(self._months_after(wall, which))
        return month + starts[0] + self._ticks[0]

    def _backward(self, wall: int, which: int) -> int:
        today = _date(wall - 1)
        month, (starts, _) = self._month(today.year, today.month, which)
        block = bisect_left(starts, wall - month) - 1
        if block >= 0:
            tick = bisect_left(self._ticks, wall - month - starts[block]) - 1
            if tick >= 0:
                return month + starts[block] + self._ticks[tick]
        if block > 0:
            return month + starts[block - 1] + self._ticks[-1]
        for year in range(today.year, max(today.year - SEARCH_YEARS, date.min.year) - 1, -1):
            for number in reversed(self._months):
                if year < today.year or number < today.month:
                    month, (starts, _) = self._month(year, number, which)
                    if starts:
                        return month + starts[-1] + self._ticks[-1]
        raise NoTick(self._end("before", today))

    def _months_after(self, wall: int, which: int) -> Iterator[tuple[int, _Blocks]]:
        """The months after that of `wall` which have ticks; raises NoTick after 50 years without one."""
        day, since = _date(wall), wall + self._grain
        for year in range(day.year, date.max.year + 1):
            if year - _date(since).year > SEARCH_YEARS:
                break
            for number in self._months:
                if year > day.year or number > day.month:
                    month, blocks = self._month(year, number, which)
                    if blocks.starts:
                        yield month, blocks
                        since = month + blocks.starts[-1] + self._ticks[-1] + self._grain
        raise NoTick(self._end("after", _date(since - self._grain)))

    def _end(self, where: str, day: date) -> str:
        return (
            f'"{self.expression}" has no tick in the {SEARCH_YEARS} years {where} {day}; '
            "Airflow logs an error there and its list ends."
        )

    def _month(self, year: int, number: int, which: int) -> tuple[int, _Blocks]:
        """When a month starts, and its blocks: all of them (0), or those of days that both searches find (1)."""
        start, first_weekday, length = _shape(year, number)
        if number not in self._months or (self._years is not None and year not in self._years):
            return start, NO_BLOCKS
        blocks = self._blocks.get((first_weekday, length))
        if blocks is None:
            listed, needed = self._days.of_month(first_weekday, length)
            blocks = self._blocks[first_weekday, length] = self._on(listed), self._on(needed)
        return start, blocks[which]

    def _on(self, days: set[int]) -> _Blocks:
        starts = [DAY * (day - 1) + start for day, start in product(sorted(days), self._in_day)]
        return _Blocks(starts, [timedelta(seconds=start) for start in starts])


def _values(field: Sequence[int | str], every: Sequence[int]) -> Sequence[int]:
    """The numbers of an expanded field; `every` stands for the wildcard."""
    return every if "*" in field else sorted(int(value) for value in field)


def _date(wall: int) -> date:
    try:
        return date.fromordinal(wall // DAY + EPOCH_DAY)
    except ValueError:
        raise OverflowError(wall) from None


@lru_cache(maxsize=4096)
def _shape(year: int, number: int) -> tuple[int, int, int]:
    """When a month starts, on which weekday (from Sunday), and its length."""
    first = date(year, number, 1)
    return (first.toordinal() - EPOCH_DAY) * DAY, first.isoweekday() % 7, calendar.monthrange(year, number)[1]
