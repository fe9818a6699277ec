"""Serialized forms, as Airflow writes them, for the timetables that tests need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagrun_api.model import TickRules
from dagrun_api.timetables import Timetable, decode

JSON = dict[str, Any]


def timetable(name: str, **fields: object) -> JSON:
    """A serialized DAG with one of Airflow's own timetables."""
    return {"timetable": {"__type": f"airflow.timetables.{name}", "__var": fields}}


def interval(cron: str, zone: str | int = "UTC", rules: TickRules = TickRules.BEFORE_3_3) -> Timetable:
    """A CronDataIntervalTimetable."""
    serialized = timetable("interval.CronDataIntervalTimetable", expression=cron, timezone=zone)
    return decode(serialized, rules=rules)


def trigger(cron: str, zone: str | int = "UTC", length: object = 0.0) -> Timetable:
    """A CronTriggerTimetable; `length` is that of its data interval."""
    return decode(timetable("trigger.CronTriggerTimetable", expression=cron, timezone=zone, interval=length))


def several(crons: list[str], zone: str | int = "UTC", length: object = 0.0) -> Timetable:
    """A MultipleCronTriggerTimetable."""
    fields: JSON = {"expressions": crons, "timezone": zone, "interval": length, "run_immediately": False}
    return decode(timetable("trigger.MultipleCronTriggerTimetable", **fields))


def steps(delta: object) -> Timetable:
    """A DeltaDataIntervalTimetable."""
    return decode(timetable("interval.DeltaDataIntervalTimetable", delta=delta))


def from_vector(described: Mapping[str, Any], zone: str | int) -> JSON:
    """The serialized DAG of a timetable as a vector describes it."""
    match described["kind"]:
        case "cron_data_interval":
            return timetable("interval.CronDataIntervalTimetable", expression=described["cron"], timezone=zone)
        case "cron_trigger":
            length = _duration(described["interval"])
            fields: JSON = {"expression": described["cron"], "timezone": zone, "interval": length}
            return timetable("trigger.CronTriggerTimetable", **fields)
        case "multiple_cron_trigger":
            length = _duration(described["interval"])
            fields = {"expressions": described["crons"], "timezone": zone, "interval": length}
            return timetable("trigger.MultipleCronTriggerTimetable", **fields)
        case "delta_data_interval":
            return timetable("interval.DeltaDataIntervalTimetable", delta=_duration(described["delta"]))
        case "delta_trigger":
            length = _duration(described["interval"])
            return timetable("trigger.DeltaTriggerTimetable", delta=_duration(described["delta"]), interval=length)
        case "events":
            fields = {name: described[name] for name in ("event_dates", "restrict_to_events")}
            return timetable("events.EventsTimetable", **fields)
        case "once":
            return timetable("simple.OnceTimetable")
        case "none":
            return timetable("simple.NullTimetable")
        case "continuous":
            return timetable("simple.ContinuousTimetable")
        case _:
            return _of_schedule_argument(described["schedule"], zone)


def _of_schedule_argument(schedule: Any, zone: str | int) -> JSON:
    """What Airflow 3 makes of `DAG(schedule=...)` by default: triggers."""
    if schedule is None or schedule in ("@once", "@continuous"):
        return {"schedule_interval": schedule}
    if isinstance(schedule, str):
        return timetable("trigger.CronTriggerTimetable", expression=schedule, timezone=zone, interval=0.0)
    return timetable("trigger.DeltaTriggerTimetable", delta=_duration(schedule), interval=0.0)


def bare(schedule: Any) -> JSON:
    """A serialized DAG of Airflow 2.x with `DAG(schedule=...)` as a vector describes it."""
    if schedule is None or isinstance(schedule, str):
        return {"schedule_interval": schedule}
    kind = "timedelta" if "timedelta_seconds" in schedule else "relativedelta"
    return {"schedule_interval": {"__type": kind, "__var": _duration(schedule)}}


def _duration(described: Mapping[str, Any] | None) -> Any:
    if described is None:
        return 0.0
    return described.get("timedelta_seconds", described.get("relativedelta"))
