"""A schedule as a short text: a cron, a duration, or the name of a timetable. What is stored is untrusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

import orjson

__all__ = ["of_column", "of_form"]

_NO_SCHEDULE = "NullTimetable"


def of_column(value: object) -> str | None:
    """Return the text of `timetable_summary`, which is plain, or of `schedule_interval`, which is JSON.

    The latter is a string, a duration or null. None means that the column says nothing.
    """
    if not isinstance(value, str):
        return None
    try:
        return _text(orjson.loads(value))
    except orjson.JSONDecodeError:
        # The words of Airflow 3 for a DAG without a schedule.
        return None if value in ("", "None") else value


def of_form(dag: Mapping[str, object]) -> str | None:
    """Return the text of the schedule in a serialized DAG; None if it has none."""
    timetable = dag.get("timetable")
    if not isinstance(timetable, dict):
        return _text(dag.get("schedule_interval"))
    outer = cast("dict[str, object]", timetable)
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
