"""Reading a timetable from what Airflow stored. The input is untrusted: the only error is InvalidTimetable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from dagrun_api.errors import InvalidTimetable
from dagrun_api.model import TickRules
from dagrun_api.timetables.delta import DeltaDataInterval, DeltaTrigger
from dagrun_api.timetables.duration import ZERO, Duration, forward, read_duration, read_timedelta
from dagrun_api.timetables.events import Events
from dagrun_api.timetables.interval import CronDataInterval
from dagrun_api.timetables.runs import Timetable
from dagrun_api.timetables.simple import Once, Unlistable
from dagrun_api.timetables.trigger import CronTrigger, MultipleCronTrigger
from dagrun_api.timetables.zoned_cron import ZonedCron, find_zoned_cron

__all__ = ["decode"]

Fields = Mapping[str, object]

DEEPEST = 5
"""How deep timetables may be nested; Airflow itself builds two levels."""
MOST_CRONS = 100

NONE = Unlistable("NullTimetable", "The DAG has no schedule: its runs are only ever triggered.")
CONTINUOUS = Unlistable(
    "ContinuousTimetable", "The DAG runs continuously: each run begins when the one before has ended."
)
ASSETS = "The DAG runs when its assets (datasets) are updated, not at dates."
PARTITIONS = "The DAG's runs belong to partitions and have no logical dates."


def decode(
    dag: Mapping[str, object],
    dag_timezone: str | int | None = None,
    *,
    rules: TickRules = TickRules.BEFORE_3_3,
) -> Timetable:
    """Return the timetable of a serialized DAG; raises InvalidTimetable.

    `dag` has a key `timetable` or `schedule_interval` as `data["dag"]` of Airflow's table `serialized_dag` has them
    (seen in 1.10.15 to 3.4.0b2); a `schedule_interval` may also be the JSON of that column in the table `dag` (1.10
    and 2.x). A bare cron or duration means data intervals. `dag_timezone`, a name or an offset in seconds, is used
    where the timetable has no zone; after it the `timezone` of `dag`, and UTC.
    `rules`: list crons as the Airflow releases do that have these rules.
    """
    reader = _Reader(dag_timezone, rules)
    if not isinstance(dag, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidTimetable("The serialized DAG is not an object.")
    if reader.dag_zone is None:
        reader = _Reader(dag.get("timezone"), rules)
    if dag.get("timetable") is not None:
        return reader.timetable(dag["timetable"], 1)
    if "schedule_interval" in dag:
        return reader.bare(dag["schedule_interval"])
    raise InvalidTimetable("The serialized DAG has no schedule.")


@dataclass(frozen=True, slots=True)
class _Reader:
    dag_zone: object
    rules: TickRules

    def bare(self, value: object) -> Timetable:
        """Return the timetable of a bare schedule, as Airflow 1.10 and 2.x keep it."""
        if value is None:
            return NONE
        if isinstance(value, str):
            simple = SIMPLE.get(value)
            return simple or self._intervals(value, None)
        fields = _mapping(value)
        kind = fields.get("__type", fields.get("type"))
        content = fields.get("__var", fields.get("attrs"))
        if kind == "timedelta" and isinstance(content, Mapping):
            return DeltaDataInterval(forward(read_timedelta(cast("Fields", content))))
        if kind in ("timedelta", "relativedelta"):
            return DeltaDataInterval(forward(read_duration(content)))
        raise InvalidTimetable("The schedule interval is neither a cron, a timedelta nor a relativedelta.")

    def timetable(self, value: object, depth: int) -> Timetable:
        """Return a timetable that Airflow 2.2 or later serialized: its class, and the fields of that class."""
        outer = _mapping(value)
        name = outer.get("__type")
        if not isinstance(name, str):
            raise InvalidTimetable("The timetable has no type.")
        if depth > DEEPEST:
            raise InvalidTimetable("The timetable holds other timetables, nested too deep.")
        read = READERS.get(name)
        if read is None:
            reason = f"The DAG has a custom timetable ({name[:200]}), which only its Airflow can list."
            return Unlistable(name[:200].rpartition(".")[2], reason)
        return read(self, _mapping(outer.get("__var")), depth)

    def cron_data_interval(self, fields: Fields, _: int) -> Timetable:
        return self._intervals(fields.get("expression"), fields.get("timezone"))

    def cron_trigger(self, fields: Fields, _: int) -> Timetable:
        schedule = self._schedule(fields.get("expression"), fields.get("timezone"))
        return CronTrigger(schedule, _interval(fields))

    def multiple_cron_trigger(self, fields: Fields, _: int) -> Timetable:
        crons = fields.get("expressions")
        if not isinstance(crons, list) or not 0 < len(cast("list[object]", crons)) <= MOST_CRONS:
            raise InvalidTimetable(f"The timetable has no list of 1 to {MOST_CRONS} cron expressions.")
        schedules = tuple(self._schedule(cron, fields.get("timezone")) for cron in cast("list[object]", crons))
        return MultipleCronTrigger(schedules, _interval(fields))

    def delta_data_interval(self, fields: Fields, _: int) -> Timetable:
        return DeltaDataInterval(forward(read_duration(fields.get("delta"))))

    def delta_trigger(self, fields: Fields, _: int) -> Timetable:
        return DeltaTrigger(forward(read_duration(fields.get("delta"))), _interval(fields))

    def events(self, fields: Fields, _: int) -> Timetable:
        dates = fields.get("event_dates")
        if not isinstance(dates, list):
            raise InvalidTimetable("The timetable has no list of event dates.")
        moments = sorted({_date(text) for text in cast("list[object]", dates)})
        return Events(tuple(moments), fields.get("restrict_to_events") is True)

    def with_time(self, fields: Fields, depth: int) -> Timetable:
        """Return the timetable inside one that also depends on assets: runs for assets alone cannot be listed."""
        return self.timetable(fields.get("timetable"), depth + 1)

    def _intervals(self, expression: object, zone: object) -> Timetable:
        retry_stalled = self.rules is not TickRules.BEFORE_3_3
        return CronDataInterval(self._schedule(expression, zone), retry_stalled)

    def _schedule(self, expression: object, zone: object) -> ZonedCron:
        if not isinstance(expression, str):
            raise InvalidTimetable("The timetable has no cron expression.")
        for choice in (zone, self.dag_zone, "UTC"):
            if isinstance(choice, str) or (isinstance(choice, int) and not isinstance(choice, bool)):
                return find_zoned_cron(expression, choice, self.rules is TickRules.SINCE_3_4)
            if choice is not None:
                break
        raise InvalidTimetable("The time zone is neither a name nor an offset in seconds.")


def _simple(timetable: Timetable) -> Callable[[_Reader, Fields, int], Timetable]:
    return lambda _reader, _fields, _depth: timetable


SIMPLE: dict[str, Timetable] = {
    "@once": Once(),
    "@continuous": CONTINUOUS,
    "Dataset": Unlistable("DatasetTriggeredTimetable", ASSETS),
}
"""Bare schedules that are not a cron; the last one occurs only in the table `dag` of Airflow 2.4 and later."""

READERS: dict[str, Callable[[_Reader, Fields, int], Timetable]] = {
    "airflow.timetables.simple.NullTimetable": _simple(NONE),
    "airflow.timetables.simple.OnceTimetable": _simple(Once()),
    "airflow.timetables.simple.ContinuousTimetable": _simple(CONTINUOUS),
    "airflow.timetables.simple.DatasetTriggeredTimetable": _simple(SIMPLE["Dataset"]),
    "airflow.timetables.simple.AssetTriggeredTimetable": _simple(Unlistable("AssetTriggeredTimetable", ASSETS)),
    "airflow.timetables.simple.PartitionedAssetTimetable": _simple(Unlistable("PartitionedAssetTimetable", PARTITIONS)),
    "airflow.timetables.simple.PartitionedAtRuntime": _simple(Unlistable("PartitionedAtRuntime", PARTITIONS)),
    "airflow.timetables.trigger.CronPartitionTimetable": _simple(Unlistable("CronPartitionTimetable", PARTITIONS)),
    "airflow.timetables.interval.CronDataIntervalTimetable": _Reader.cron_data_interval,
    "airflow.timetables.interval.DeltaDataIntervalTimetable": _Reader.delta_data_interval,
    "airflow.timetables.trigger.CronTriggerTimetable": _Reader.cron_trigger,
    "airflow.timetables.trigger.DeltaTriggerTimetable": _Reader.delta_trigger,
    "airflow.timetables.trigger.MultipleCronTriggerTimetable": _Reader.multiple_cron_trigger,
    "airflow.timetables.events.EventsTimetable": _Reader.events,
    "airflow.timetables.datasets.DatasetOrTimeSchedule": _Reader.with_time,
    "airflow.timetables.assets.AssetOrTimeSchedule": _Reader.with_time,
    "airflow.timetables.assets.AssetAndTimeSchedule": _Reader.with_time,
}


def _mapping(value: object) -> Fields:
    if not isinstance(value, Mapping):
        raise InvalidTimetable("The schedule is not an object where it should be one.")
    return cast("Fields", value)


def _interval(fields: Fields) -> Duration:
    value = fields.get("interval")
    return ZERO if value is None else read_duration(value)


def _date(text: object) -> datetime:
    if not isinstance(text, str):
        raise InvalidTimetable("An event date is not a text.")
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidTimetable(f"The event date {text[:99]!r} cannot be read.") from error
