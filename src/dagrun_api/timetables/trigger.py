"""The trigger timetables: a tick says when to run, and the data interval lies before the tick."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from dagrun_api.timetables.duration import ZERO, Duration, add, lost_fields
from dagrun_api.timetables.runs import DataInterval, Stretch, Timetable, instant, moment, stretch
from dagrun_api.timetables.zone import FAR
from dagrun_api.timetables.zoned_cron import ZonedCron

__all__ = ["CronTrigger", "MultipleCronTrigger", "Trigger"]


class Trigger(Timetable):
    """What all triggers share: the run of a tick, and the data interval of a manual run, which needs no tick."""

    __slots__ = ()

    interval: Duration

    def _triggered(self, lists: Iterable[list[datetime]], start: datetime) -> Iterator[Stretch]:
        if isinstance(self.interval, timedelta):
            for ticks in lists:
                yield stretch([at - self.interval for at in ticks] if self.interval else ticks, ticks)
            return
        previous, warned = None, False
        for at in chain.from_iterable(lists):
            opening = self._opening(at, start)
            if opening == previous and not warned:
                warned = True
                note = (
                    f"The run of {at} has the logical date of the run before it, and later runs may too: "
                    f"{self.interval} leads back to it from both."
                )
                yield stretch([opening], [at], note)
            else:
                yield stretch([opening], [at])
            previous = opening

    def _opening(self, at: datetime, start: datetime) -> datetime:
        """Return where the interval of a run begins; if the tick is the window's start, counted in the zone of that."""
        # In Python, a datetime in a repeated hour equals no datetime of another zone.
        is_start = instant(at) == instant(start)
        return add(start if is_start else at, self.interval, minus=True)

    def _manual(self, at: datetime) -> DataInterval:
        return DataInterval(add(at, self.interval, minus=True), at)

    def _notes(self) -> tuple[str, ...]:
        return lost_fields(self.interval)


@dataclass(frozen=True, slots=True)
class CronTrigger(Trigger):
    """A run at each tick of a cron; the default of a cron string in Airflow 3."""

    schedule: ZonedCron
    interval: Duration = ZERO

    @property
    def summary(self) -> str:
        return f"CronTriggerTimetable {self.schedule}{interval_text(self.interval)}"

    def _stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        return self._triggered(self.schedule.within(start, end), start)


@dataclass(frozen=True, slots=True)
class MultipleCronTrigger(Trigger):
    """A run at each tick of any of several crons in one zone (Airflow 3)."""

    schedules: tuple[ZonedCron, ...]
    interval: Duration = ZERO

    @property
    def summary(self) -> str:
        *others, last = self.schedules
        crons = "".join(f'"{other.cron.expression}", ' for other in others)
        return f"MultipleCronTriggerTimetable {crons}{last}{interval_text(self.interval)}"

    def _stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        return self._triggered(self._ticks(start, end), start)

    def _ticks(self, start: datetime, end: datetime) -> Iterator[list[datetime]]:
        """Yield the ticks by Airflow's rule: each cron proposes its next tick, and the earliest logical date wins.

        With an interval of months, that need not be the earliest tick; ticks that are passed over are lost. Between
        equal dates the cron that is listed first wins. A cron without a further tick ends the whole list.
        """
        last = instant(end)[0]
        proposals = [schedule.first(start) for schedule in self.schedules]
        asked_at = [-FAR] * len(proposals)
        by_date = None if isinstance(self.interval, timedelta) else partial(self._date, start)
        while in_window := [tick for tick in proposals if tick <= last]:
            at = min(in_window, key=by_date)
            yield [moment(at)]
            span = self.schedules[0].zone.span(at)
            for index, schedule in enumerate(self.schedules):
                # A proposal stays valid while it, the run, and the run before it are in one span: see `steady`.
                if not (span.start <= asked_at[index] and at < proposals[index] < span.end):
                    proposals[index], asked_at[index] = schedule.next(at), at

    def _date(self, start: datetime, tick: int) -> datetime:
        return self._opening(moment(tick), start)


def interval_text(interval: Duration) -> str:
    """Return the part of a summary that names the interval, if there is one."""
    return f", interval {interval}" if interval else ""
