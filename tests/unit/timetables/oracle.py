"""The definition, taken literally: croniter on plain readings, one instant after the other, with stdlib zones.

It shares nothing with the engine but croniter's parser and the zone data; and it is some hundred times slower.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from croniter import CroniterBadDateError, croniter

__all__ = ["CroniterBadDateError", "Oracle", "intervals", "several", "ticks"]

Interval = tuple[datetime, datetime]


@cache
def zone_of(name: str) -> ZoneInfo:
    with (importlib.resources.files("tzdata") / "zoneinfo" / name).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


class Oracle:
    """A cron in a zone."""

    def __init__(self, expression: str, zone: str, *, always_earlier: bool = False) -> None:
        self.expression = expression
        self.zone = zone_of(zone)
        self.always_earlier = always_earlier

    def next(self, at: datetime) -> datetime:
        return self._step(at, lambda cron: cron.get_next(datetime))

    def prev(self, at: datetime) -> datetime:
        steps = 1
        while (before := self._step(at, partial(_back, steps=steps))) >= at and self.always_earlier:
            steps += 1
        return before

    def _step(self, at: datetime, step: Callable[[Any], datetime]) -> datetime:
        reading = at.astimezone(self.zone).replace(tzinfo=None)
        cron: Any = croniter(self.expression, reading)
        tick = step(cron)
        if cron.expanded[1] == ["*"]:
            return at + (tick - reading)
        return max(tick.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))

    def align_next(self, at: datetime) -> datetime:
        following = self.next(at)
        return at if self.prev(following) == at else following

    def align_prev(self, at: datetime) -> datetime:
        before = self.prev(at)
        return at if self.next(before) == at else before


def _back(cron: Any, *, steps: int) -> datetime:
    ticks: list[datetime] = [cron.get_prev(datetime) for _ in range(steps)]
    return ticks[-1]


def ticks(oracle: Oracle, start: datetime, end: datetime) -> Iterator[datetime]:
    """What a CronTriggerTimetable runs at."""
    try:
        at = oracle.align_next(start)
        while at <= end:
            yield at
            at = oracle.next(at)
    except CroniterBadDateError:
        return


def intervals(oracle: Oracle, start: datetime, end: datetime, *, retry_stalled: bool = False) -> Iterator[Interval]:
    """The intervals of a CronDataIntervalTimetable, up to the first one that comes again."""
    try:
        first = begin = oracle.align_next(start)
        given: set[datetime] = set()
        while begin <= end and begin not in given:
            given.add(begin)
            closing = oracle.next(begin)
            yield begin, closing
            following = max(oracle.align_prev(closing), first)
            if following <= begin and retry_stalled:
                following = oracle.next(following)
                if following <= begin:
                    return
            begin = following
    except CroniterBadDateError:
        return


def several(
    oracles: list[Oracle], start: datetime, end: datetime, *, interval: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """Logical date and tick of each run of a MultipleCronTriggerTimetable."""
    try:
        proposals = [oracle.align_next(start) for oracle in oracles]
        while timely := [at for at in proposals if at <= end]:
            at = min(timely)
            yield at - interval, at
            proposals = [oracle.next(at) for oracle in oracles]
    except CroniterBadDateError:
        return
