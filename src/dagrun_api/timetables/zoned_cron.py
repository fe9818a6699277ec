"""A cron in a time zone: how Airflow steps from tick to tick, across clock changes too.

Airflow searches for the next tick on the local time that the clock shows, and then converts it back to an instant in
one of two ways. A cron that covers every hour adds the difference of the two local times, whatever the clock does
between them. Every other cron takes the instant at which the clock shows the tick. The next search starts from that
instant, not from the local time, so a tick that a clock change has shifted shifts the search with it. (Seen in Airflow
2.11.2, 3.1.8, 3.3.2 and 3.4.0b2, `airflow.timetables._cron`.)
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
def find_zoned_cron(expression: str, zone: str | int, always_earlier: bool = False) -> ZonedCron:
    """Return a cron expression in a zone, from a cache; raises InvalidTimetable."""
    return ZonedCron(parse_cron(expression), find_zone(zone), always_earlier)


class ZonedCron:
    """A cron in a zone; its ticks are instants in seconds since 1970.

    `always_earlier`: the tick before an instant is always earlier than it, as in Airflow 3.4. In older releases, a
    local time that the clock skips may be shown at that instant, or after it.
    """

    __slots__ = ("always_earlier", "cron", "zone")

    def __init__(self, cron: Cron, zone: Zone, always_earlier: bool = False) -> None:
        self.cron = cron
        self.zone = zone
        self.always_earlier = always_earlier

    def __str__(self) -> str:
        return f'"{self.cron.expression}" in {self.zone.name}'

    def next(self, at: int) -> int:
        """Return the tick after an instant; raises NoTick."""
        offset = self.zone.span(at).offset
        tick = self.cron.next(at + offset)
        after = tick - offset if self.cron.every_hour else self.zone.instant(tick)
        if after <= at:  # no zone has two changes so close together, but an endless loop must be impossible
            raise NoTick(f"{self} does not lead on from {moment(at)}: the clock changes twice there.")
        return after

    def prev(self, at: int, *, fraction: bool = False) -> int:
        """Return the tick before an instant, or before a fraction of a second after it; raises NoTick."""
        offset = self.zone.span(at).offset
        tick = self.cron.prev(at + offset + fraction)
        if self.cron.every_hour:
            return tick - offset
        before = self.zone.instant(tick)
        while self.always_earlier and before >= at + fraction:
            tick = self.cron.prev(tick)
            before = self.zone.instant(tick)
        return before

    def align_prev(self, at: int, *, fraction: bool = False) -> int:
        """Return the instant if it is a tick, else the tick before; Airflow tests it by stepping back and forth."""
        before = self.prev(at, fraction=fraction)
        return at if self.next(before) == at and not fraction else before

    def first(self, start: datetime) -> int:
        """Return the first tick of a window: its start if that is a tick, by the same test, else the tick after it.

        The test compares datetimes, as Airflow's does. In Python, a start within the hour that its own zone repeats
        equals no datetime of another zone.
        """
        at = instant(start)[0]
        after = self.next(at)
        return at if moment(self.prev(after)) == start else after

    def within(self, start: datetime, end: datetime) -> Iterator[list[datetime]]:
        """Yield the ticks of a window in order, a few at a time."""
        at, last = self.first(start), instant(end)[0]
        while at <= last:
            ticks = [moment(at)]
            yield ticks
            for ticks in self.steady(at, last):
                yield ticks
            at = self.next(instant(ticks[-1])[0])

    def steady(self, at: int, last: int) -> Iterator[list[datetime]]:
        """Yield the ticks after `at` and up to `last`, a few at a time, until a clock change displaces one.

        This skips Airflow's steps that change nothing: while the clock shows each tick where it is, stepping to the
        next tick and aligning back gives the same tick.
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
        """Yield the ticks after `at`, up to `last` and a few more, or to the first local time that the clock skips."""
        spans = self.zone.spans(at)
        span = next(spans)
        # The walk uses the offset of the first span; the ticks of later spans are shifted to theirs.
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
        """Return whether the clock shows a tick of the expression at an instant."""
        return at + self.zone.span(at).offset in self.cron
