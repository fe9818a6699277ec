"""A cron expression on a clock without a zone: its ticks, in "wall" seconds since 1970-01-01 00:00 on that clock.

croniter parses the expression, as it does in Airflow, so every oddity of the syntax is the same. The stepping is our
own: it ticks exactly as Airflow does and is about 200 times as fast as croniter's.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import croniter

from dagrun_api.errors import InvalidTimetable
from dagrun_api.timetables.days import Days
from dagrun_api.timetables.runs import NoTick, moment

__all__ = ["Cron", "parse_cron"]

DAY, HOUR, MINUTE = 86_400, 3_600, 60
EPOCH_DAY = date(1970, 1, 1).toordinal()
LONGEST = 1_000
"""The longest expression that is read; one that names every value of every field has about 800 characters."""
CHUNK = 128
"""About how many ticks are computed at once: never many more than are needed."""
SEARCH_YEARS = 50
"""How many years croniter searches for a tick before it gives up."""
PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}
"""Airflow's own presets; croniter has more (`@midnight`, `@annually`), and ignores upper and lower case."""


@lru_cache(maxsize=256)
def parse_cron(expression: str) -> Cron:
    """Read an expression or preset; raises InvalidTimetable for what Airflow refuses when it loads a DAG."""
    if len(expression) > LONGEST:
        raise InvalidTimetable(f"The cron expression is longer than {LONGEST} characters.")
    text = PRESETS.get(expression, expression)
    # Airflow parses it at every step, so a random field would change each time; it cannot read a hashed one.
    if any(field[0] in "rRhH" for field in text.split()):
        raise InvalidTimetable(f"The cron expression {expression[:99]!r} has a random or a hashed field.")
    try:
        parsed: Any = croniter.croniter(text)
    except Exception as error:  # on odd input, croniter raises other errors than its own
        raise InvalidTimetable(f"{expression[:99]!r} is not a cron expression that Airflow can read.") from error
    days = Days(parsed.expanded[2], parsed.expanded[4], parsed.nth_weekday_of_month, parsed.nearest_weekday)
    return Cron(expression, parsed.expanded, days)


class _Blocks(NamedTuple):
    """The first tick of each block of a year, counted from the start of the year."""

    starts: list[int]
    deltas: list[timedelta]


class Cron:
    """The ticks of one expression.

    The ticks of a year are kept as blocks. Every block holds the same ticks, counted from its first. A block is a day
    that has ticks or, if a day has more than 1,440 of them, an hour. Which blocks a year has depends only on its first
    weekday and its length, so there are at most 14 lists.
    """

    def __init__(self, expression: str, expanded: Sequence[list[int | str]], days: Days) -> None:
        minutes, hours, _, months, _, *rest = expanded
        self.expression = expression
        self.every_hour = hours == ["*"]
        """Whether the hour field covers all 24 hours; Airflow steps such a cron differently."""
        self._months = _values(months, range(1, 13))
        self._years = None if len(rest) < 2 or "*" in rest[1] else frozenset(_values(rest[1], ()))
        self._days = days
        seconds = _values(rest[0], range(60)) if rest else [0]
        self._grain = 1 if rest else MINUTE
        in_hour = [MINUTE * minute + second for minute in _values(minutes, range(60)) for second in seconds]
        on_hours = [HOUR * hour for hour in _values(hours, range(24))]
        in_day = [hour + tick for hour in on_hours for tick in in_hour]
        ticks, begins = (in_day, [0]) if len(in_day) <= DAY // MINUTE else (in_hour, on_hours)
        self._in_day = [begin + ticks[0] for begin in begins]
        self._ticks = [tick - ticks[0] for tick in ticks]
        self._deltas = [timedelta(seconds=tick) for tick in self._ticks]
        self._blocks: dict[tuple[int, int], tuple[_Blocks, _Blocks]] = {}

    def __contains__(self, wall: int) -> bool:
        try:
            return self.next(wall - 1) == wall
        except NoTick:
            return False

    def next(self, wall: int) -> int:
        """Return the first tick after `wall`; raises NoTick if there is none within 50 years, the limit of croniter."""
        if self._days.both_needed:
            self._forward(wall, 1)
        return self._forward(wall, 0)

    def prev(self, wall: int) -> int:
        """Return the last tick before `wall`; raises NoTick when there is none within 50 years."""
        if self._days.both_needed:
            self._backward(wall, 1)
        return self._backward(wall, 0)

    def walk(self, wall: int, last: int, ahead: timedelta) -> Iterator[list[datetime]]:
        """Yield when a clock that is `ahead` of UTC shows the ticks after `wall`, up to `last` and a few more.

        The result is that of repeated `next`, at the cost of one or two additions for each tick. The first and the last
        year of the calendar are left out, because in UTC a part of them lies outside of it. Raises NoTick if there is
        no tick.
        """
        if self._days.both_needed:
            while wall <= last:
                wall = self.next(wall)
                yield [moment(wall) - ahead]
            return
        tick = self.next(wall)
        present = self._year(_date(tick).year, 0)
        year, blocks = present
        block = bisect_right(blocks.starts, tick - year) - 1
        within = bisect_left(self._ticks, tick - year - blocks.starts[block])
        years = range(WHOLE_YEARS.start, min(WHOLE_YEARS.stop, last + 1))
        ticks: list[datetime] = []
        for year, blocks in chain([present], self._years_after(tick, 0)):
            if year not in years:
                break
            start = _new_year(year) - ahead
            if len(self._ticks) > 1:
                yield from self._in_blocks(start, blocks.deltas[block:], within, timedelta(seconds=last - year))
            else:
                ticks += [start + delta for delta in blocks.deltas[block:]]
                if len(ticks) >= CHUNK:
                    yield ticks
                    ticks = []
            block = within = 0
        if ticks:
            yield ticks

    def _in_blocks(
        self, start: datetime, blocks: list[timedelta], within: int, last: timedelta
    ) -> Iterator[list[datetime]]:
        """Yield the ticks of blocks of a year, from number `within` of the first block on, about CHUNK at a time."""
        if within:
            begin = start + blocks[0]
            for group in range(within, len(self._deltas), CHUNK):
                yield [begin + delta for delta in self._deltas[group : group + CHUNK]]
            blocks = blocks[1:]
        at_once = 1 + CHUNK // len(self._deltas)
        for index in range(0, len(blocks), at_once):
            if blocks[index] > last:
                return
            begins = [start + block for block in blocks[index : index + at_once]]
            for group in range(0, len(self._deltas), CHUNK):
                deltas = self._deltas[group : group + CHUNK]
                yield [begin + delta for begin in begins for delta in deltas]

    def _forward(self, wall: int, which: int) -> int:
        year, (starts, _) = self._year(_date(wall).year, which)
        block = bisect_right(starts, wall - year) - 1
        if block >= 0:
            tick = bisect_right(self._ticks, wall - year - starts[block])
            if tick < len(self._ticks):
                return year + starts[block] + self._ticks[tick]
        if block + 1 < len(starts):
            return year + starts[block + 1]
        for year, (starts, _) in self._years_after(wall, which):
            return year + starts[0]
        raise NoTick(self._end("after", _date(wall)))

    def _backward(self, wall: int, which: int) -> int:
        today = _date(wall - 1)
        year, (starts, _) = self._year(today.year, which)
        block = bisect_left(starts, wall - year) - 1
        if block >= 0:
            tick = bisect_left(self._ticks, wall - year - starts[block]) - 1
            return year + starts[block] + self._ticks[tick]
        for number in range(today.year - 1, max(today.year - SEARCH_YEARS, date.min.year) - 1, -1):
            year, (starts, _) = self._year(number, which)
            if starts:
                return year + starts[-1] + self._ticks[-1]
        raise NoTick(self._end("before", today))

    def _years_after(self, wall: int, which: int) -> Iterator[tuple[int, _Blocks]]:
        """Yield the years after that of `wall` that have ticks, until croniter would give up."""
        last = wall
        for number in range(_date(wall).year + 1, date.max.year + 1):
            year, blocks = self._year(number, which)
            if blocks.starts:
                yield year, blocks
                last = year + blocks.starts[-1] + self._ticks[-1]
            elif number - _date(last + self._grain).year >= SEARCH_YEARS:
                return

    def _end(self, where: str, day: date) -> str:
        return (
            f'"{self.expression}" has no tick in the {SEARCH_YEARS} years {where} {day}; '
            "Airflow logs an error there and its list ends."
        )

    def _year(self, number: int, which: int) -> tuple[int, _Blocks]:
        """Return when a year starts, and its blocks: all (`which` 0), or only days that both searches find (1)."""
        start, first_weekday, length = _shape(number)
        if self._years is not None and number not in self._years:
            return start, _Blocks([], [])
        blocks = self._blocks.get((first_weekday, length))
        if blocks is None:
            listed: list[int] = []
            needed: list[int] = []
            for month in self._months:
                before = date(number, month, 1).toordinal() - EPOCH_DAY - start // DAY
                in_month = self._days.of_month((first_weekday + before) % 7, calendar.monthrange(number, month)[1])
                for year, found in zip((listed, needed), in_month, strict=True):
                    year += [before + day - 1 for day in sorted(found)]
            blocks = self._blocks[first_weekday, length] = self._on(listed), self._on(needed)
        return start, blocks[which]

    def _on(self, days: list[int]) -> _Blocks:
        starts = [DAY * day + begin for day in days for begin in self._in_day]
        return _Blocks(starts, [timedelta(seconds=start) for start in starts])


def _values(field: Sequence[int | str], every: Sequence[int]) -> Sequence[int]:
    """Return the numbers of an expanded field; `every` stands for the wildcard."""
    return every if "*" in field else sorted(int(value) for value in field)


def _date(wall: int) -> date:
    try:
        return date.fromordinal(wall // DAY + EPOCH_DAY)
    except ValueError:
        raise OverflowError(wall) from None


@lru_cache(maxsize=1024)
def _shape(year: int) -> tuple[int, int, int]:
    """Return when a year starts, on which weekday (from Sunday), and its length."""
    first = date(year, 1, 1)
    return (first.toordinal() - EPOCH_DAY) * DAY, first.isoweekday() % 7, 365 + calendar.isleap(year)


_new_year = lru_cache(maxsize=1024)(moment)
WHOLE_YEARS = range(_shape(date.min.year + 1)[0], _shape(date.max.year)[0])
"""The starts of the years whose ticks lie within the calendar in every zone."""
