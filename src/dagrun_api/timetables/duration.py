"""Durations in timetables: a `timedelta`, or a `relativedelta` of the dateutil package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from dateutil.relativedelta import relativedelta, weekday

from dagrun_api.errors import InvalidTimetable

__all__ = ["ZERO", "Duration", "add", "forward", "lost_fields", "read_duration", "read_timedelta"]

Duration = timedelta | relativedelta
T = TypeVar("T")

ZERO = timedelta()
PERIODS = ("years", "months", "days", "hours", "minutes", "seconds", "microseconds")
CLOCK_FIELDS = ("hour", "minute", "second", "microsecond")
DATE_FIELDS = ("year", "month", "day")


def add(at: datetime, duration: Duration, *, minus: bool = False) -> datetime:
    """Return `at` plus or minus a duration, in UTC; raises OverflowError outside of the years 1 to 9999.

    A timedelta is elapsed time. A relativedelta moves and sets the calendar fields of `at` in its zone, which is UTC
    except for the start of a window. Its days, hours and smaller units are elapsed time even there (seen in Airflow
    2.11.2, 3.1.8 and 3.3.2, whose datetimes are those of pendulum).
    """
    if isinstance(duration, timedelta):
        return at.astimezone(UTC) + (-duration if minus else duration)
    moved = -duration if minus else duration
    try:
        return at + moved if at.tzinfo is UTC else _add_in_zone(at, moved)
    except ValueError as error:  # dateutil raises it for a year out of range
        raise OverflowError(*error.args) from error


def read_duration(value: object) -> Duration:
    """Read seconds, or the fields of a relativedelta, as Airflow serializes them; raises InvalidTimetable."""
    if isinstance(value, Mapping):
        return _read(lambda: _relative(cast("Mapping[object, object]", value)))
    return _read(lambda: timedelta(seconds=_number(value)))


def read_timedelta(attrs: Mapping[str, object]) -> timedelta:
    """Read the parts of a timedelta as Airflow 1.10 and 2.x keep them in the table `dag`; raises InvalidTimetable."""
    return _read(lambda: timedelta(**{str(name): _number(value) for name, value in attrs.items()}))


def forward(step: Duration) -> Duration:
    """Return the duration if it leads forward from tick to tick; raises InvalidTimetable if not.

    Airflow tests it once, when it loads the DAG. A duration that only sets fields (`day=31`) passes that test on some
    days and fails on others, and makes a list stand still (seen in 2.11.2 and 3.1.8), so it is refused.
    """
    moves = isinstance(step, timedelta) or any(getattr(step, name) for name in PERIODS)
    dates = (datetime(2024, month, day, 12, 34, 56, 789, UTC) for month in range(1, 13) for day in (1, 28))
    if not (moves and any(_leads_on(date, step) for date in dates)):
        raise InvalidTimetable(f"The timetable's step of {step} does not lead forward.")
    return step


def lost_fields(duration: Duration) -> tuple[str, ...]:
    """Return a note if fields are set to 0: the serialized form of a relativedelta drops them."""
    if isinstance(duration, relativedelta) and any(getattr(duration, name) == 0 for name in CLOCK_FIELDS):
        return (f"Airflow drops the fields of {duration} that are 0 when it serializes the DAG; see its own dates.",)
    return ()


def _leads_on(at: datetime, step: Duration) -> bool:
    try:
        return add(at, step) > at
    except (OverflowError, TypeError):
        return False


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, TypeError, OverflowError, AssertionError, IndexError) as error:
        raise InvalidTimetable("The timetable has a length of time that cannot be read.") from error


def _relative(value: Mapping[object, object]) -> relativedelta:
    fields = {str(name): field for name, field in value.items() if field is not None}
    day = fields.pop("weekday", None)
    if unknown := fields.keys() - {*PERIODS, *DATE_FIELDS, *CLOCK_FIELDS, "weeks", "leapdays"}:
        raise ValueError(unknown)
    numbers: dict[str, Any] = {name: _number(field) for name, field in fields.items()}
    if any(isinstance(numbers.get(name), float) for name in (*DATE_FIELDS, *CLOCK_FIELDS)):
        raise TypeError(numbers)
    delta = relativedelta(**numbers, weekday=_weekday(day))
    _ = datetime(2024, 3, 31, tzinfo=UTC) + delta  # what cannot be added at all fails here
    return delta


def _weekday(value: object) -> weekday | None:
    if value is None:
        return None
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    number, *nth = (int(_number(item)) for item in items)
    if not 0 <= number <= 6:
        raise ValueError(number)
    return weekday(number, *nth)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return value


def _add_in_zone(at: datetime, duration: relativedelta) -> datetime:
    settings = {name: getattr(duration, name) for name in (*DATE_FIELDS, *CLOCK_FIELDS)}
    wall = at.replace(tzinfo=None) + relativedelta(years=duration.years, months=duration.months, **settings)
    elapsed = relativedelta(
        days=duration.days,
        leapdays=duration.leapdays,
        hours=duration.hours,
        minutes=duration.minutes,
        seconds=duration.seconds,
        microseconds=duration.microseconds,
    )
    moved = _localize(wall, at) + (wall + elapsed - wall)
    if duration.weekday is not None:
        local = moved.astimezone(at.tzinfo).replace(tzinfo=None)
        moved += local + relativedelta(weekday=duration.weekday) - local
    return moved


def _localize(wall: datetime, like: datetime) -> datetime:
    """Return when the clock of `like` shows a local time; pendulum and stdlib read a skipped one differently."""
    early, late = (wall.replace(tzinfo=like.tzinfo, fold=fold) for fold in (0, 1))
    skipped = cast("timedelta", late.utcoffset()) > cast("timedelta", early.utcoffset())
    return (late if skipped != bool(like.fold) else early).astimezone(UTC)
