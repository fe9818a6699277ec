"""The timetables that trigger runs: a tick says when to run, and the data interval is what lies before it."""

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
    """What the triggers share: the run of a tick, and the interval of a manual run, which needs no tick."""

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
        """Where a run's interval begins; counted in the window start's own zone, if the tick is that very moment."""
        # To Python no datetime of another zone is equal to one in an hour that comes twice.
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
    """A run at each tick of any of several crons in one zone; in Airflow 3 only."""

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
        """Airflow's rule: after each run every cron proposes its next tick, and the earliest logical date wins.

        With an interval of months that need not be the earliest tick, and ticks that are passed over are lost.
        Between equals the cron listed first wins. One cron without a tick ends the whole list.
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
                # A proposal stands while it, the run, and the run it was made after lie in one span: see `steady`.
                if not (span.start <= asked_at[index] and at < proposals[index] < span.end):
                    proposals[index], asked_at[index] = schedule.next(at), at

    def _date(self, start: datetime, tick: int) -> datetime:
        return self._opening(moment(tick), start)


def interval_text(interval: Duration) -> str:
    """The part of a summary that tells the interval, if there is one."""
    return f", interval {interval}" if interval else ""
