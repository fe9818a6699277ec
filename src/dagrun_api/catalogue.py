"""The catalogue: which DAGs a database of our own holds, as a TOML file says it."""

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

# What Airflow itself accepts.
_DAG_ID = re.compile(r"[A-Za-z0-9_.-]{1,250}")
_LONGEST_PATH = 2000

_TIMETABLES = "airflow.timetables."
_CRON = {"interval": "interval.CronDataIntervalTimetable", "trigger": "trigger.CronTriggerTimetable"}
_DELTA = {"interval": "interval.DeltaDataIntervalTimetable", "trigger": "trigger.DeltaTriggerTimetable"}

_SECONDS = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_CALENDAR = ("years", "months")


def load(path: Path) -> tuple[CatalogueDag, ...]:
    """The DAGs of the file, in its order; raises ConfigurationError naming file, DAG and key of a mistake."""
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"The catalogue {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"The catalogue {path} is not encoded in UTF-8 (byte {error.start}).") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"The catalogue {path} is not sound TOML: {error}.") from error
    tables = document.pop("dag", None)
    if document:
        raise ConfigurationError(
            f"The catalogue {path} has an unknown key {next(iter(document))}: it holds [[dag]] tables."
        )
    if not isinstance(tables, list) or not tables:
        raise ConfigurationError(f"The catalogue {path} holds no [[dag]] table.")
    return read(cast("list[object]", tables), f"The catalogue {path}")


def read(tables: Sequence[object], source: str) -> tuple[CatalogueDag, ...]:
    """The DAGs of these tables; raises ConfigurationError naming the source, DAG and key of a mistake."""
    dags: dict[str, CatalogueDag] = {}
    for number, table in enumerate(tables, 1):
        if not isinstance(table, Mapping):
            raise ConfigurationError(f"{source} holds something else than [[dag]] tables under dag.")
        entry = _Entry(source, f"[[dag]] number {number}", cast("Mapping[str, object]", table))
        dag = entry.dag()
        if dag.dag_id in dags:
            raise entry.mistake("dag_id", f"{dag.dag_id} stands there a second time")
        dags[dag.dag_id] = dag
    return tuple(dags.values())


@dataclass(slots=True)
class _Entry:
    """One table of the file."""

    source: str
    name: str
    table: Mapping[str, object]

    def mistake(self, key: str, what: str) -> ConfigurationError:
        return ConfigurationError(f"{self.source}, {self.name}, key {key}: {what}.")

    def dag(self) -> CatalogueDag:
        dag_id = self.value("dag_id", str, "")
        if not _DAG_ID.fullmatch(dag_id):
            raise self.mistake("dag_id", "it must be 1 to 250 letters, digits, dashes, dots and underscores")
        self.name = f"DAG {dag_id}"
        for key in self.table:
            if key not in KEYS:
                raise self.mistake(key, f"it is unknown; known are {', '.join(KEYS)}")
        full_path = self.value("full_path", str, f"dags/{dag_id}.py")
        if not full_path.isprintable() or not 0 < len(full_path.strip()) <= _LONGEST_PATH:
            raise self.mistake("full_path", f"it must be 1 to {_LONGEST_PATH} printable characters")
        return CatalogueDag(dag_id, full_path, self.value("paused", bool, default=False), self.serialized())

    def value(self, key: str, kind: type[T], default: T) -> T:
        value = self.table.get(key, default)
        if not isinstance(value, kind):
            raise self.mistake(key, "it must be " + ("a string" if kind is str else "true or false"))
        return value

    def serialized(self) -> str:
        """The DAG as Airflow would serialize it, as far as we need that; checked by reading it back."""
        timezone = self.timezone()
        start, end = self.instant("start_date"), self.instant("end_date")
        if start is not None and end is not None and end < start:
            raise self.mistake("end_date", "it lies before start_date")
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
        name = self.value("timezone", str, "UTC")
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise self.mistake("timezone", f"{name!r} is no time zone, such as Europe/Amsterdam") from None
        return name

    def instant(self, key: str) -> datetime | None:
        value = self.table.get(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if value is None or isinstance(value, datetime):
            return value if value is None or value.tzinfo is not None else value.replace(tzinfo=UTC)
        raise self.mistake(key, "it must be a date and time without quotes, such as 2017-01-01T00:00:00Z")

    def timetable(self, timezone: str) -> dict[str, object]:
        """What the keys `schedule` and `timetable` mean together, in Airflow's spelling."""
        way = self.value("timetable", str, "interval")
        if way not in _CRON:
            raise self.mistake("timetable", 'it must be "interval" or "trigger"')
        schedule = self.table.get("schedule")
        variables: dict[str, object] = {}
        match schedule:
            case None:
                name = "simple.NullTimetable"
            case "@once":
                name = "simple.OnceTimetable"
            case str():
                name = _CRON[way]
                variables = {"expression": schedule, "timezone": timezone}
            case dict():
                name = _DELTA[way]
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
        """Seconds, or where months or years are among it, the parts of a relativedelta."""
        parts: dict[str, int | float] = {}
        for unit, count in schedule.items():
            if unit not in _SECONDS and unit not in _CALENDAR:
                raise self.mistake("schedule", f"{unit} is unknown; known are {', '.join((*_CALENDAR, *_SECONDS))}")
            if isinstance(count, bool) or not isinstance(count, int | float) or not 0 < count < 1e10:
                raise self.mistake("schedule", f"{unit} must be a number greater than 0")
            parts[unit] = count
        if not parts:
            raise self.mistake("schedule", "it must hold a duration, such as { seconds = 86400 }")
        if not any(unit in parts for unit in _CALENDAR):
            return float(sum(count * _SECONDS[unit] for unit, count in parts.items()))
        whole = {unit: count for unit, count in parts.items() if isinstance(count, int)}
        if len(whole) < len(parts):
            raise self.mistake("schedule", "beside months and years there must be whole numbers")
        # A relativedelta has no weeks of its own.
        if weeks := whole.pop("weeks", 0):
            whole["days"] = whole.get("days", 0) + 7 * weeks
        return whole
