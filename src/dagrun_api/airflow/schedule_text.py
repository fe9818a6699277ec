"""A schedule as a short text: a cron, a duration, or the name of a timetable. What is stored is untrusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import TypeGuard, cast

import orjson

__all__ = ["of_column", "of_form"]

_NO_SCHEDULE = "NullTimetable"


@lru_cache(maxsize=4096)
def of_column(value: object) -> str | None:
    """Return the text of `timetable_summary`, which is plain, or of `schedule_interval`, which is JSON.

    The latter is a string, a duration or null. The built-in database has neither column, but the serialized timetable.
    None means that there is no schedule, or that the column does not tell.

    Many DAGs have the same few schedules, so the texts are kept.
    """
    if not isinstance(value, str):
        return None
    try:
        stored: object = orjson.loads(value)
        return _of_timetable(stored) if _is_timetable(stored) else _text(stored)
    except orjson.JSONDecodeError:
        # The words of Airflow 3 for a DAG without a schedule.
        return None if value in ("", "None") else value


def of_form(dag: Mapping[str, object]) -> str | None:
    """Return the text of the schedule in a serialized DAG; None if it has none."""
    timetable = dag.get("timetable")
    if isinstance(timetable, dict):
        return _of_timetable(cast("dict[str, object]", timetable))
    return _text(dag.get("schedule_interval"))


def _is_timetable(stored: object) -> TypeGuard[dict[str, object]]:
    # The type of a timetable is the path of a class, that of a duration a word.
    return isinstance(stored, dict) and "." in str(cast("dict[str, object]", stored).get("__type"))


def _of_timetable(outer: Mapping[str, object]) -> str | None:
    fields = outer.get("__var")
    inner = cast("dict[str, object]", fields) if isinstance(fields, dict) else {}
    for key in ("expression", "delta"):
        if key in inner and (text := _text(inner[key])) is not None:
            return text
    crons = inner.get("expressions")
    if isinstance(crons, list):
        return ", ".join(str(cron) for cron in cast("list[object]", crons))
    name = str(outer.get("__type")).rpartition(".")[2]
    return None if name == _NO_SCHEDULE else name


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _seconds(value)
    if not isinstance(value, dict):
        return None
    outer = cast("dict[str, object]", value)
    inner = outer.get("__var", outer.get("attrs", outer))
    if not isinstance(inner, dict):
        return _text(inner)
    parts = {name: part for name, part in cast("dict[str, object]", inner).items() if part}
    if set(parts) <= {"days", "seconds", "microseconds"} and parts:
        numbers = {name: part for name, part in parts.items() if isinstance(part, int | float)}
        return _seconds(numbers.get("days", 0) * 86_400 + numbers.get("seconds", 0))
    return ", ".join(f"{name} {part}" for name, part in parts.items()) or None


def _seconds(value: float) -> str:
    """Return a duration as Airflow's pages show it: `1 day, 0:00:00`."""
    try:
        return str(timedelta(seconds=value))
    except (OverflowError, ValueError):
        return f"{value} seconds"
