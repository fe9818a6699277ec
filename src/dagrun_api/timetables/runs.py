"""What a timetable is, and the runs that it lists."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import NamedTuple, cast

from dagrun_api.errors import UnlistableTimetable

__all__ = [
    "EARLIEST",
    "EPOCH",
    "LATEST",
    "DataInterval",
    "NoTick",
    "RunInfo",
    "Stretch",
    "Timetable",
    "instant",
    "moment",
    "stretch",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RunInfo(NamedTuple):
    """One run of a schedule; all four fields are aware, in UTC."""

    logical_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_after: datetime

    @property
    def is_manual(self) -> bool:
        """Whether the run is for a date that somebody asked for, and not for a tick of the schedule."""
        return False


class ManualRunInfo(RunInfo):
    """A run for a date that somebody asked for."""

    __slots__ = ()

    @property
    def is_manual(self) -> bool:
        """True."""
        return True


class DataInterval(NamedTuple):
    """The time span of the data that a run processes; both ends are aware, in UTC."""

    start: datetime
    end: datetime


class Stretch(NamedTuple):
    """Consecutive runs of a list, and notes for its reader."""

    runs: Iterable[RunInfo]
    notes: tuple[str, ...] = ()


def stretch(starts: Sequence[datetime], ends: Sequence[datetime], *notes: str) -> Stretch:
    """Return the runs of some data intervals: each is dated at the start of its interval and may run at the end."""
    fields = zip(starts, starts, ends, ends, strict=True)
    # The same as RunInfo(...), in half the time.
    return Stretch(cast("Iterable[RunInfo]", map(tuple[datetime, ...].__new__, repeat(RunInfo), fields)), notes)


class NoTick(Exception):
    """The schedule has no further tick; the text says why, and what Airflow's own list does here."""


def instant(at: datetime) -> tuple[int, int]:
    """Return the whole seconds since 1970 of an aware datetime, and its microseconds."""
    since = at - EPOCH
    return since.days * 86_400 + since.seconds, since.microseconds


def moment(second: int) -> datetime:
    """Return the UTC datetime of an instant; raises OverflowError outside of the years 1 to 9999."""
    return EPOCH + timedelta(seconds=second)


EARLIEST = instant(datetime.min.replace(tzinfo=UTC))[0]
LATEST = instant(datetime.max.replace(tzinfo=UTC))[0]
"""The first and the last instant that a datetime can hold."""


class Timetable(ABC):
    """A schedule that was read from an Airflow database."""

    __slots__ = ()

    @property
    @abstractmethod
    def summary(self) -> str:
        """A short text for people: the kind, the expression and the zone."""

    @property
    def unlistable(self) -> str | None:
        """Why a window of this schedule holds no ticks to list, as a sentence; None when it can be listed."""
        return None

    def between(self, start: datetime, end: datetime) -> Iterator[RunInfo]:
        """List the runs from `start` to `end`, both inclusive; none when start is later.

        Kinds with data intervals compare the logical date with the window, triggers compare run_after (seen in
        Airflow 2.11.2, 3.1.8 and 3.3.2). The DAG's own start_date and end_date play no part.
        Raises UnlistableTimetable at the call, and ValueError for a datetime without zone.
        """
        return chain.from_iterable(each.runs for each in self.stretches(start, end))

    def stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """List the same runs a few at a time, with notes on them; the last note says why a list ends early."""
        return self._noted(self._stretches(_aware(start), _aware(end)))

    def infer_manual(self, at: datetime) -> DataInterval:
        """Return the data interval of a manual run at `at`; raises UnlistableTimetable if there is none."""
        try:
            return self._manual(_aware(at).astimezone(UTC))
        except (NoTick, OverflowError) as error:
            msg = (
                f"{self.summary} gives no data interval for a run at {at}: the ticks that would bound it do not exist."
            )
            raise UnlistableTimetable(msg) from error

    def _noted(self, stretches: Iterator[Stretch]) -> Iterator[Stretch]:
        yield Stretch((), self._notes())
        try:
            yield from stretches
        except NoTick as reason:
            yield Stretch((), (str(reason),))
        except OverflowError:
            yield Stretch((), ("The list ends where the calendar does, at the years 1 and 9999.",))

    def manual_run(self, at: datetime, now: datetime) -> RunInfo:
        """Return a manual run with the logical date `at`, which may run from `now` on; raises as `infer_manual`."""
        interval = self.infer_manual(at)
        return ManualRunInfo(at, interval.start, interval.end, now)

    def following(self, at: datetime) -> datetime | None:
        """Return the date that follows a run at a date in a schedule that counts from run to run; None in others."""
        return None

    @abstractmethod
    def _stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """List the runs of the window, a few at a time; raise NoTick where Airflow's own list ends early."""

    def _notes(self) -> tuple[str, ...]:
        """Return the notes that hold for every list of this timetable."""
        return ()

    def _manual(self, at: datetime) -> DataInterval:
        return DataInterval(at, at)


def _aware(at: datetime) -> datetime:
    if at.utcoffset() is None:
        msg = f"{at!r} has no time zone"
        raise ValueError(msg)
    return at
