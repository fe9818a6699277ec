"""Runs inside an Airflow, as `python inside.py answer.json`, and writes down what that release says of itself.

With the Python of that Airflow, 3.7 to 3.14: what runs here may not be newer than Python 3.7 (annotations do not run).
Airflow is imported by name, because each generation has its classes elsewhere.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

CRON = "15 4 * * *"
HOURS = timedelta(hours=6)
PLACES = (
    # Before that of the SDK, which Airflow 3.3 cannot serialize ('_summary').
    "airflow.timetables.events",
    "airflow.sdk",
    "airflow.sdk.definitions.timetables.simple",
    "airflow.sdk.definitions.timetables.assets",
    "airflow.sdk.definitions.timetables.interval",
    "airflow.sdk.definitions.timetables.trigger",
    "airflow.timetables.simple",
    "airflow.timetables.assets",
    "airflow.timetables.datasets",
    "airflow.timetables.interval",
    "airflow.timetables.trigger",
    "airflow.datasets",
)
"""Where a class may be, the place from which DAG files import it first."""


class NotThereError(Exception):
    """This release has no such class."""


def find(name: str) -> Any:
    """Return a class of Airflow by its name; raises NotThereError."""
    for place in PLACES:
        try:
            return getattr(importlib.import_module(place), name)
        except (ImportError, AttributeError):
            continue
    raise NotThereError(name)


def schedules() -> dict[str, Callable[[], Any]]:
    """Return how to make each schedule that a DAG can have, by a name for it."""
    pendulum: Any = importlib.import_module("pendulum")
    relativedelta: Any = importlib.import_module("dateutil.relativedelta")
    zone = pendulum.timezone("Europe/Amsterdam")
    months = relativedelta.relativedelta(months=1)
    fridays = relativedelta.relativedelta(days=3, weekday=relativedelta.FR(1))

    def asset(name: str = "one") -> Any:
        try:
            return find("Asset")("s3://bucket/" + name)
        except NotThereError:
            return find("Dataset")("s3://bucket/" + name)

    def trigger() -> Any:
        return find("CronTriggerTimetable")("0 1 * * 3", timezone="UTC")

    def events(**options: Any) -> Any:
        timetable = find("EventsTimetable")
        dates = [pendulum.datetime(2024, 3, 4, 12), pendulum.datetime(2024, 3, 1, 6, tz="Europe/Amsterdam")]
        return timetable(event_dates=dates, **options)

    return {
        "none": lambda: None,
        "once": lambda: "@once",
        "continuous": lambda: find("ContinuousTimetable") and "@continuous",
        "cron": lambda: "30 6 * * *",
        "preset": lambda: "@weekly",
        "timedelta": lambda: HOURS,
        "relativedelta": lambda: months,
        "relativedelta to a weekday": lambda: fridays,
        "no timetable": lambda: find("NullTimetable")(),
        "cron with data intervals": lambda: find("CronDataIntervalTimetable")(CRON, timezone=zone),
        "cron at an offset": lambda: find("CronDataIntervalTimetable")(CRON, timezone=pendulum.timezone(7200)),
        "timedelta with data intervals": lambda: find("DeltaDataIntervalTimetable")(HOURS),
        "relativedelta with data intervals": lambda: find("DeltaDataIntervalTimetable")(months),
        "cron trigger": lambda: find("CronTriggerTimetable")(CRON, timezone=zone),
        "cron trigger, interval": lambda: find("CronTriggerTimetable")(CRON, timezone=zone, interval=HOURS),
        "cron trigger, months": lambda: find("CronTriggerTimetable")(CRON, timezone=zone, interval=months),
        "cron trigger, at once": lambda: find("CronTriggerTimetable")(CRON, timezone=zone, run_immediately=HOURS),
        "delta trigger": lambda: find("DeltaTriggerTimetable")(HOURS),
        "delta trigger, interval": lambda: find("DeltaTriggerTimetable")(months, interval=HOURS),
        "crons": lambda: find("MultipleCronTriggerTimetable")(CRON, "0 5 * * 1", timezone=zone),
        "crons, interval": lambda: find("MultipleCronTriggerTimetable")(
            CRON, "0 5 * * 1", timezone=zone, interval=HOURS
        ),
        "events": events,
        "events, restricted": lambda: events(restrict_to_events=True),
        "asset": lambda: [asset()],
        "all of two assets": lambda: asset() & asset("two"),
        "any of two assets": lambda: asset() | asset("two"),
        "dataset or time": lambda: find("DatasetOrTimeSchedule")(timetable=trigger(), datasets=[asset()]),
        "asset or time": lambda: find("AssetOrTimeSchedule")(timetable=trigger(), assets=[asset()]),
        "asset and time": lambda: find("AssetAndTimeSchedule")(timetable=trigger(), assets=[asset()]),
        "asset and @once": lambda: find("AssetAndTimeSchedule")(timetable=find("OnceTimetable")(), assets=[asset()]),
        "partitions of an asset": lambda: find("PartitionedAssetTimetable")(assets=asset()),
        "partitions at runtime": lambda: find("PartitionedAtRuntime")(),
        "cron of partitions": lambda: find("CronPartitionTimetable")(CRON, timezone=zone),
        "cron of partitions, offset": lambda: find("CronPartitionTimetable")(CRON, timezone=zone, run_offset=-1),
    }


def serialized(schedule: Any) -> dict[str, Any]:
    """Return what says in a serialized DAG when it runs, as the table `serialized_dag` holds it."""
    pendulum: Any = importlib.import_module("pendulum")
    try:
        dag_class: Any = importlib.import_module("airflow.sdk").DAG
    except ImportError:
        dag_class = importlib.import_module("airflow.models").DAG
    takes = inspect.signature(dag_class.__init__).parameters
    is_timetable = hasattr(schedule, "next_dagrun_info")
    by = "schedule" if "schedule" in takes else "timetable" if is_timetable else "schedule_interval"
    start = datetime(2024, 1, 1, tzinfo=pendulum.timezone("Europe/Amsterdam"))
    dag = dag_class("facts", start_date=start, max_active_runs=1, **{by: schedule})
    objects: Any = importlib.import_module("airflow.serialization.serialized_objects")
    serializer = getattr(objects, "DagSerialization", None) or objects.SerializedDAG
    whole = json.loads(json.dumps(serializer.to_dict(dag)))["dag"]
    return {name: whole[name] for name in ("schedule_interval", "timetable", "timezone") if name in whole}


def classes() -> Iterator[str]:
    """Yield the paths of the timetable classes that DAG files may use."""
    try:
        package: Any = importlib.import_module("airflow.timetables")
    except ImportError:
        return
    for module in pkgutil.iter_modules(package.__path__, "airflow.timetables."):
        for name, found in vars(importlib.import_module(module.name)).items():
            is_own = inspect.isclass(found) and found.__module__ == module.name
            if is_own and hasattr(found, "next_dagrun_info") and name != "Timetable" and not name.startswith("_"):
                yield module.name + "." + name


def heads() -> dict[str, str] | None:
    """Return release -> alembic head as this Airflow knows them; None before it has such a table."""
    database: Any = importlib.import_module("airflow.utils.db")
    return getattr(database, "_REVISION_HEADS_MAP", None) or getattr(database, "REVISION_HEADS_MAP", None)


def answer() -> dict[str, Any]:
    """Return everything, as JSON."""
    made: list[dict[str, Any]] = []
    failed: dict[str, str] = {}
    for name, make in schedules().items():
        try:
            made.append({"case": name, **serialized(make())})
        except NotThereError:
            continue
        except Exception as error:  # what a release refuses is one of its facts
            failed[name] = (type(error).__name__ + ": " + str(error))[:300]
    return {"classes": sorted(classes()), "heads": heads() or {}, "schedules": made, "failed": failed}


if __name__ == "__main__":
    # The folder of this file holds modules that are not for this process.
    sys.path.pop(0)
    warnings.simplefilter("ignore")
    Path(sys.argv[1]).write_text(json.dumps(answer()))
