"""CronDataIntervalTimetable: a data interval reaches from tick to tick, and its run starts at the second one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from dagrun_api.timetables.runs import DataInterval, NoTick, Stretch, Timetable, instant, moment, stretch
from dagrun_api.timetables.zoned_cron import ZonedCron

__all__ = ["CronDataInterval"]

_STALL = "because the clock change there makes its schedule step back; later ticks are not listed."


@dataclass(frozen=True, slots=True)
class CronDataInterval(Timetable):
    """Data intervals between the ticks of a cron; what a cron string means up to Airflow 2.11."""

    schedule: ZonedCron
    retry_stalled: bool = False
    """Whether a list that does not advance tries one tick further, as since Airflow 3.3, and does not end there."""

    @property
    def summary(self) -> str:
        return f"CronDataIntervalTimetable {self.schedule}"

    def _stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """Yield the runs by Airflow's rule: the next interval begins at the end of this one, aligned *back* to a tick.

        While the clock keeps its offset, the alignment changes nothing. At a clock change it may leave a gap between
        two intervals, step back before this interval, or return to it.
        """
        schedule, last = self.schedule, instant(end)[0]
        first = begin = furthest = schedule.first(start)
        given: deque[tuple[int, int]] = deque(maxlen=64)  # the latest dates, as ranges: to notice a repetition
        while begin <= last:
            since = begin
            if schedule.on_tick(begin):  # between ticks in one span there is nothing to align
                opening = moment(begin)
                for closings in schedule.steady(begin, last):
                    yield stretch([opening, *closings[:-1]], closings)
                    opening = closings[-1]
                begin = instant(opening)[0]
            given.append((since, begin))
            furthest = max(furthest, begin)
            finish = schedule.next(begin)
            yield stretch([moment(begin)], [moment(finish)])
            following = max(schedule.align_prev(finish), first)
            if following <= begin and self.retry_stalled:
                following = schedule.next(following)
                if following <= begin:
                    raise NoTick(f"Airflow since 3.3 ends this list after {moment(begin)}, {_STALL}")
            elif following <= furthest and self._was_given(following, given):
                raise NoTick(f"Airflow before 3.3 repeats the run of {moment(following)} for ever, {_STALL}")
            begin = following

    def _manual(self, at: datetime) -> DataInterval:
        """Return the last interval that is complete at `at`."""
        second, microsecond = instant(at)
        end = self.schedule.align_prev(second, fraction=microsecond > 0)
        return DataInterval(moment(self.schedule.prev(end)), moment(end))

    def _was_given(self, begin: int, stretches: Iterable[tuple[int, int]]) -> bool:
        return any(begin in ends or (ends[0] < begin < ends[1] and self.schedule.on_tick(begin)) for ends in stretches)
