"""What every timetable answers with, and the shape of a timetable."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from dagrun_api.errors import UnlistableTimetable

__all__ = ["EPOCH", "DataInterval", "NoTick", "RunInfo", "Runs", "Ticks", "Timetable", "instant", "moment", "new_run"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RunInfo(NamedTuple):
    """One run of a schedule; all four are aware, in UTC."""

    logical_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_after: datetime


new_run: Callable[[tuple[datetime, datetime, datetime, datetime]], RunInfo] = partial(
    tuple[datetime, ...].__new__, RunInfo
)
"""A run of a tuple of its four moments; in loops, as it takes half the time of `RunInfo(...)`."""


class DataInterval(NamedTuple):
    """The stretch of data that a run is about; both are aware, in UTC."""

    start: datetime
    end: datetime


Runs = Generator[RunInfo, None, list[str]]
"""How a kind of timetable lists: it yields the runs and returns the warnings."""


class NoTick(Exception):
    """The schedule leads no further; the text says why, and what Airflow's own list does here."""


def instant(at: datetime) -> tuple[int, int]:
    """The whole seconds since 1970 of an aware datetime, and its microseconds."""
    since = at - EPOCH
    return since.days * 86_400 + since.seconds, since.microseconds


def moment(second: int) -> datetime:
    """The UTC datetime of an instant; raises OverflowError outside of the years 1 to 9999."""
    return EPOCH + timedelta(seconds=second)


class Ticks(Iterator[RunInfo]):
    """The runs of a window, computed one by one as they are asked for.

    `warnings` is filled when the iteration has finished: what the reader should know about this list.
    """

    __slots__ = ("_runs", "warnings")

    def __init__(self, runs: Runs, notes: Sequence[str] = ()) -> None:
        self.warnings: list[str] = []
        self._runs = self._follow(runs, notes)

    def __iter__(self) -> Iterator[RunInfo]:
        return self._runs  # a loop then runs on the generator itself

    def __next__(self) -> RunInfo:
        return next(self._runs)

    def _follow(self, runs: Runs, notes: Sequence[str]) -> Iterator[RunInfo]:
        try:
            self.warnings += yield from runs
        except NoTick as reason:
            self.warnings.append(str(reason))
        except OverflowError:
            self.warnings.append("The list ends where the calendar does, at the years 1 and 9999.")
        self.warnings += notes


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
        return Ticks(self._runs(_aware(start), _aware(end)), self._notes())

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
    def _runs(self, start: datetime, end: datetime) -> Runs:
        """Yield the runs of the window, return the warnings."""

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
