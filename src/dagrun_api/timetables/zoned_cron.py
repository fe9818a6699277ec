"""A cron in a time zone: Airflow's way from tick to tick, over the changes of the clock too.

Airflow searches the next tick on the clock's plain reading and then goes back to an instant in one of two ways.
A cron of every hour moves by the time that lies between the two readings, whatever the clock does meanwhile;
every other cron moves to the instant that shows the tick. What is carried on is the instant, not the reading: after
a tick that the clock has shifted the search goes on from where it really lies. (Seen in Airflow 2.11.2, 3.1.8 and
3.3.2, `airflow.timetables._cron`.)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from dagrun_api.timetables.cron import Cron, parse_cron
from dagrun_api.timetables.runs import LATEST, NoTick, instant, moment
from dagrun_api.timetables.zone import DAY, Zone, find_zone

__all__ = ["ZonedCron", "find_zoned_cron"]


@lru_cache(maxsize=512)
def find_zoned_cron(expression: str, zone: str | int) -> ZonedCron:
    """The schedule of an expression in a zone; raises InvalidTimetable."""
    return ZonedCron(parse_cron(expression), find_zone(zone))


class ZonedCron:
    """The ticks of a cron in a zone, as instants."""

    __slots__ = ("cron", "zone")

    def __init__(self, cron: Cron, zone: Zone) -> None:
        self.cron = cron
        self.zone = zone

    def __str__(self) -> str:
        return f'"{self.cron.expression}" in {self.zone.name}'

    def next(self, at: int) -> int:
        """The tick after an instant; raises NoTick."""
        offset = self.zone.span(at).offset
        tick = self.cron.next(at + offset)
        after = tick - offset if self.cron.every_hour else self.zone.instant(tick)
        if after <= at:  # no zone has two changes so close together; but a loop without end must be impossible
            raise NoTick(f"{self} does not lead on from {moment(at)}: the clock changes twice there.")
        return after

    def prev(self, at: int, *, fraction: bool = False) -> int:
        """The tick before an instant, or before a fraction of a second after it; raises NoTick."""
        offset = self.zone.span(at).offset
        tick = self.cron.prev(at + offset + fraction)
        return tick - offset if self.cron.every_hour else self.zone.instant(tick)

    def align_prev(self, at: int, *, fraction: bool = False) -> int:
        """The instant itself if it is a tick, else the tick before: Airflow's test is the way there and back."""
        before = self.prev(at, fraction=fraction)
        return at if self.next(before) == at and not fraction else before

    def first(self, start: datetime) -> int:
        """The first tick of a window: its start if that is a tick, by the same test, else the tick after it.

        The test compares datetimes, as Airflow's does: to Python a start in the hour that its own zone repeats is
        equal to no datetime of another zone.
        """
        at = instant(start)[0]
        after = self.next(at)
        return at if moment(self.prev(after)) == start else after

    def within(self, start: datetime, end: datetime) -> Iterator[list[datetime]]:
        """The first tick of a window, the tick after it, the tick after that one, and so on; a few at once."""
        at, last = self.first(start), instant(end)[0]
        while at <= last:
            ticks = [moment(at)]
            yield ticks
            for ticks in self.steady(at, last):
                yield ticks
            at = self.next(instant(ticks[-1])[0])

    def steady(self, at: int, last: int) -> Iterator[list[datetime]]:
        """The ticks after `at` and up to `last`, a few at once, until a change of the clock displaces one.

        What is left out are steps that would change nothing: from tick to tick, and back to align, while both are
        where the clock shows them.
        """
        if self.cron.every_hour:
            span = self.zone.span(at)
            last = min(last, span.end - 1)
            lists = self.cron.walk(at + span.offset, last + span.offset, span.ahead)
        else:
            lists = self._shown(at, last)
        latest = moment(min(last, LATEST))
        for ticks in lists:
            if ticks[-1] > latest:
                if timely := ticks[: bisect_right(ticks, latest)]:
                    yield timely
                return
            yield ticks

    def _shown(self, at: int, last: int) -> Iterator[list[datetime]]:
        """The ticks after `at`, up to `last` and a few more, or to the first reading that the clock skips."""
        spans = self.zone.spans(at)
        span = next(spans)
        # The walk counts by the offset of the first span; ticks of others are moved to where they belong.
        first, shift = span.ahead, timedelta()
        for ticks in self.cron.walk(at + span.offset, last + DAY, first):
            done = 0
            while ticks[-1] >= (change := span.closes - first):
                index = bisect_left(ticks, change, done)
                if shift:
                    ticks[done:index] = [tick + shift for tick in ticks[done:index]]
                span = next(spans)
                if ticks[index] < span.opens - first:
                    if index:
                        yield ticks[:index]
                    return
                done, shift = index, first - span.ahead
            if shift:
                ticks[done:] = [tick + shift for tick in ticks[done:]]
            yield ticks

    def on_tick(self, at: int) -> bool:
        """Whether the clock shows a tick of the expression at an instant."""
        return at + self.zone.span(at).offset in self.cron
