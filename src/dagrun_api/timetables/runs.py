"""What every timetable answers with, and the shape of a timetable."""

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
    "Runs",
    "Ticks",
    "Timetable",
    "instant",
    "moment",
    "runs_of",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RunInfo(NamedTuple):
    """One run of a schedule; all four are aware, in UTC."""

    logical_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_after: datetime


class DataInterval(NamedTuple):
    """The stretch of data that a run is about; both are aware, in UTC."""

    start: datetime
    end: datetime


Runs = Iterable[RunInfo]
"""Some runs that follow one another."""


def runs_of(starts: Sequence[datetime], ends: Sequence[datetime]) -> Runs:
    """The runs of some data intervals: each is dated at its interval's start and runs after its end."""
    fields = zip(starts, starts, ends, ends, strict=True)
    # What RunInfo(...) does, in half the time.
    return cast("Runs", map(tuple[datetime, ...].__new__, repeat(RunInfo), fields))


class NoTick(Exception):
    """The schedule leads no further; the text says why, and what Airflow's own list does here."""


def instant(at: datetime) -> tuple[int, int]:
    """The whole seconds since 1970 of an aware datetime, and its microseconds."""
    since = at - EPOCH
    return since.days * 86_400 + since.seconds, since.microseconds


def moment(second: int) -> datetime:
    """The UTC datetime of an instant; raises OverflowError outside of the years 1 to 9999."""
    return EPOCH + timedelta(seconds=second)


EARLIEST = instant(datetime.min.replace(tzinfo=UTC))[0]
LATEST = instant(datetime.max.replace(tzinfo=UTC))[0]
"""The first and the last instant that a datetime can hold."""


class Ticks(Iterator[RunInfo]):
    """The runs of a window, computed a few at once as they are asked for.

    `warnings` is what the reader should know about this list: from the beginning what holds for all of it, then
    what comes up on the way, and when the iteration has finished, why it did not reach the window's end.
    """

    __slots__ = ("_runs", "warnings")

    def __init__(self, runs: Iterator[Runs], warnings: list[str]) -> None:
        self.warnings = warnings
        self._runs = chain.from_iterable(self._follow(runs))

    def __iter__(self) -> Iterator[RunInfo]:
        return self._runs  # a loop then costs no call of ours for each run

    def __next__(self) -> RunInfo:
        return next(self._runs)

    def _follow(self, runs: Iterator[Runs]) -> Iterator[Runs]:
        try:
            yield from runs
        except NoTick as reason:
            self.warnings.append(str(reason))
        except OverflowError:
            self.warnings.append("The list ends where the calendar does, at the years 1 and 9999.")


class Timetable(ABC):
    """A schedule that was read from an Airflow database."""

    __slots__ = ()

    @property
    @abstractmethod
    def summary(self) -> str:
        """A short text for people: the kind, the expression, the zone."""

    @property
    def unlistable(self) -> str | None:
        """Why a wide window over this schedule makes no sense to a batch; None when it does."""
        return None

    def between(self, start: datetime, end: datetime) -> Ticks:
        """The runs from `start` to `end`, both included; nothing when start is later.

        Kinds with data intervals compare the logical date with the window, triggers compare run_after (seen in
        Airflow 2.11.2, 3.1.8 and 3.3.2). The DAG's own start_date and end_date play no part.
        Raises UnlistableTimetable at the call, and ValueError for a datetime without zone.
        """
        warnings = self._notes()
        return Ticks(self._runs(_aware(start), _aware(end), warnings), warnings)

    def infer_manual(self, at: datetime) -> DataInterval:
        """The data interval of a run triggered by hand for `at`; raises UnlistableTimetable if there is none."""
        try:
            return self._manual(_aware(at).astimezone(UTC))
        except (NoTick, OverflowError) as error:
            msg = (
                f"{self.summary} gives no data interval for a run at {at}: the ticks that would bound it do not exist."
            )
            raise UnlistableTimetable(msg) from error

    @abstractmethod
    def _runs(self, start: datetime, end: datetime, warnings: list[str]) -> Iterator[Runs]:
        """List the runs of the window, a few at once; append what comes up to the warnings."""

    def _notes(self) -> list[str]:
        """What the reader of every list of this timetable should know."""
        return []

    def _manual(self, at: datetime) -> DataInterval:
        return DataInterval(at, at)


def _aware(at: datetime) -> datetime:
    if at.utcoffset() is None:
        msg = f"{at!r} has no time zone"
        raise ValueError(msg)
    return at
