"""The catalogue: the DAGs of the built-in database, described in a TOML file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from dagrun_api.errors import ConfigurationError, InvalidTimetable
from dagrun_api.model import CatalogueDag
from dagrun_api.timetables import decode

__all__ = ["load", "read"]

T = TypeVar("T")

KEYS = ("dag_id", "schedule", "timezone", "timetable", "start_date", "end_date", "full_path", "paused")

# The ids that Airflow accepts.
_DAG_ID = re.compile(r"[A-Za-z0-9_.-]{1,250}")
_LONGEST_PATH = 2000

_TIMETABLES = "airflow.timetables."
_CRON = {"interval": "interval.CronDataIntervalTimetable", "trigger": "trigger.CronTriggerTimetable"}
_DELTA = {"interval": "interval.DeltaDataIntervalTimetable", "trigger": "trigger.DeltaTriggerTimetable"}

_SECONDS = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_CALENDAR = ("years", "months")


def load(path: Path) -> tuple[CatalogueDag, ...]:
    """Return the DAGs of the file in its order; raises ConfigurationError naming the file, the DAG and the key."""
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"The catalogue {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"The catalogue {path} is not encoded in UTF-8 (byte {error.start}).") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"The catalogue {path} is not valid TOML: {error}.") from error
    tables = document.pop("dag", None)
    if document:
        raise ConfigurationError(
            f"The catalogue {path} has an unknown key {next(iter(document))}: it may only contain [[dag]] tables."
        )
    if not isinstance(tables, list) or not tables:
        raise ConfigurationError(f"The catalogue {path} has no [[dag]] table.")
    return read(cast("list[object]", tables), f"The catalogue {path}")


def read(tables: Sequence[object], source: str) -> tuple[CatalogueDag, ...]:
    """Return the DAGs of these tables; raises ConfigurationError naming the source, the DAG and the key."""
    dags: dict[str, CatalogueDag] = {}
    for number, table in enumerate(tables, 1):
        if not isinstance(table, Mapping):
            raise ConfigurationError(f"{source}: every item of dag must be a [[dag]] table.")
        entry = _Entry(source, f"[[dag]] number {number}", cast("Mapping[str, object]", table))
        dag = entry.dag()
        if dag.dag_id in dags:
            raise entry.mistake("dag_id", f"{dag.dag_id} appears twice")
        dags[dag.dag_id] = dag
    return tuple(dags.values())


@dataclass(slots=True)
class _Entry:
    """One table of the catalogue."""

    source: str
    name: str
    """What error messages call the table: its number, and its DAG once the id is known."""
    table: Mapping[str, object]

    def mistake(self, key: str, what: str) -> ConfigurationError:
        """Return the error for a key, to be raised."""
        return ConfigurationError(f"{self.source}, {self.name}, key {key}: {what}.")

    def dag(self) -> CatalogueDag:
        """Return the DAG that the table describes."""
        dag_id = self.value("dag_id", str, "")
        if not _DAG_ID.fullmatch(dag_id):
            raise self.mistake("dag_id", "it must be 1 to 250 letters, digits, dashes, dots and underscores")
        self.name = f"DAG {dag_id}"
        for key in self.table:
            if key not in KEYS:
                raise self.mistake(key, f"it is unknown; the known keys are {', '.join(KEYS)}")
        full_path = self.value("full_path", str, f"dags/{dag_id}.py")
        if not full_path.isprintable() or not 0 < len(full_path.strip()) <= _LONGEST_PATH:
            raise self.mistake("full_path", f"it must be 1 to {_LONGEST_PATH} printable characters")
        return CatalogueDag(dag_id, full_path, self.value("paused", bool, default=False), self.serialized())

    def value(self, key: str, kind: type[T], default: T) -> T:
        """Return the string or the boolean under a key."""
        value = self.table.get(key, default)
        if not isinstance(value, kind):
            raise self.mistake(key, "it must be " + ("a string" if kind is str else "true or false"))
        return value

    def serialized(self) -> str:
        """Return the parts of Airflow's serialized DAG that the service needs, checked by decoding them."""
        timezone = self.timezone()
        start, end = self.instant("start_date"), self.instant("end_date")
        if start is not None and end is not None and end < start:
            raise self.mistake("end_date", "it is before start_date")
        dag: dict[str, object] = {
            "catchup": False,
            "tasks": [],
            "timetable": self.timetable(timezone),
            "timezone": timezone,
        }
        for key, instant in (("start_date", start), ("end_date", end)):
            if instant is not None:
                dag[key] = instant.timestamp()
        try:
            decode(dag, timezone)
        except InvalidTimetable as error:
            raise self.mistake("schedule", str(error).rstrip(".")) from error
        return json.dumps({"dag": dag}, sort_keys=True, separators=(",", ":"))

    def timezone(self) -> str:
        """Return the name of the DAG's time zone."""
        name = self.value("timezone", str, "UTC")
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise self.mistake("timezone", f"{name!r} is not a time zone, such as Europe/Amsterdam") from None
        return name

    def instant(self, key: str) -> datetime | None:
        """Return the date under a key; a date without an offset is UTC."""
        value = self.table.get(key)
        if value is None:
            return None
        # A datetime is a date too.
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            raise self.mistake(key, "it must be a date and time without quotes, such as 2017-01-01T00:00:00Z")
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)

    def timetable(self, timezone: str) -> dict[str, object]:
        """Return the serialized timetable that the keys `schedule` and `timetable` describe together."""
        style = self.value("timetable", str, "interval")
        if style not in _CRON:
            raise self.mistake("timetable", 'it must be "interval" or "trigger"')
        schedule = self.table.get("schedule")
        variables: dict[str, object] = {}
        match schedule:
            case None:
                name = "simple.NullTimetable"
            case "@once":
                name = "simple.OnceTimetable"
            case str():
                name = _CRON[style]
                variables = {"expression": schedule, "timezone": timezone}
            case dict():
                name = _DELTA[style]
                variables = {"delta": self.delta(cast("dict[str, object]", schedule))}
            case _:
                raise self.mistake(
                    "schedule", 'it must be a cron expression in quotes, "@once", or { seconds = 86400 }'
                )
        if name.startswith("trigger."):
            variables["interval"] = 0.0
        if name == _CRON["trigger"]:
            variables["run_immediately"] = False
        return {"__type": _TIMETABLES + name, "__var": variables}

    def delta(self, schedule: Mapping[str, object]) -> float | dict[str, int]:
        """Return a duration in seconds, or with months or years, as the parts of a relativedelta."""
        parts: dict[str, int | float] = {}
        for unit, count in schedule.items():
            if unit not in _SECONDS and unit not in _CALENDAR:
                units = ", ".join((*_CALENDAR, *_SECONDS))
                raise self.mistake("schedule", f"{unit} is unknown; the known units are {units}")
            if isinstance(count, bool) or not isinstance(count, int | float) or not 0 < count < 1e10:
                raise self.mistake("schedule", f"{unit} must be a number greater than 0")
            parts[unit] = count
        if not parts:
            raise self.mistake("schedule", "it must contain a duration, such as { seconds = 86400 }")
        if not any(unit in parts for unit in _CALENDAR):
            return float(sum(count * _SECONDS[unit] for unit, count in parts.items()))
        whole = {unit: count for unit, count in parts.items() if isinstance(count, int)}
        if len(whole) < len(parts):
            raise self.mistake("schedule", "a duration with months or years must consist of whole numbers")
        # A relativedelta stores weeks as days.
        if weeks := whole.pop("weeks", 0):
            whole["days"] = whole.get("days", 0) + 7 * weeks
        return whole
