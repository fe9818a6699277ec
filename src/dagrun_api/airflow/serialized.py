"""Reading a DAG's serialized form (`serialized_dag`), which is untrusted text.

From Airflow 1.10 to 3.4, the parts that this service reads are the same: `{"dag": {...}}` with the timetable (or
`schedule_interval`), the `timezone`, `start_date` and `end_date` in seconds since 1970, and the tasks, each of which
may have dates too.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import orjson

from dagrun_api.errors import InvalidTimetable
from dagrun_api.model import SerializedDag

__all__ = ["MAX_SIZE", "bounds", "parse"]

MAX_SIZE = 64 * 1024 * 1024
"""The most bytes of JSON that are read; the largest known DAGs have a few megabytes."""

MAX_VALUES = 2_000_000
"""The most values that are read: each may take a hundred bytes of memory, however short its text is."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOO_LARGE = "The serialized form of this DAG is larger than 64 MiB; it cannot be read."
_TOO_MANY = f"The serialized form of this DAG holds more than {MAX_VALUES:,} values; it cannot be read."
_DAMAGED = "The serialized form of this DAG is damaged; let Airflow parse the DAG again (airflow dags reserialize)."


def parse(serialized: SerializedDag) -> Mapping[str, object]:
    """Return the `dag` object of a serialized form; raises `InvalidTimetable` when it is not one."""
    text = serialized.data if serialized.data is not None else _decompress(serialized.compressed)
    if len(text) > MAX_SIZE:
        raise InvalidTimetable(_TOO_LARGE)
    if _values(text) > MAX_VALUES:
        raise InvalidTimetable(_TOO_MANY)
    try:
        whole = cast("object", orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise InvalidTimetable(_DAMAGED) from error
    dag = cast("dict[str, object]", whole).get("dag") if isinstance(whole, dict) else None
    if not isinstance(dag, dict):
        raise InvalidTimetable(_DAMAGED)
    return cast("Mapping[str, object]", dag)


def bounds(dag: Mapping[str, object]) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last logical date for which Airflow runs any task of the DAG; None means no bound.

    Outside of them Airflow ends a run as a success without running a task. A task without dates inherits those of the
    DAG. If the DAG has none either, a run is worth creating as soon as one task would run.
    """
    start, end = _instant(dag.get("start_date")), _instant(dag.get("end_date"))
    tasks = list(_tasks(dag))
    starts = [_instant(task.get("start_date")) or start for task in tasks]
    ends = [_instant(task.get("end_date")) or end for task in tasks]
    first = None if None in starts else min((date for date in starts if date), default=None)
    last = None if None in ends else max((date for date in ends if date), default=None)
    return (
        max((date for date in (start, first) if date), default=None),
        min((date for date in (end, last) if date), default=None),
    )


def _values(text: str | bytes) -> int:
    """Return the most values that a JSON text can hold."""
    if isinstance(text, str):
        return text.count("[") + text.count("{") + text.count(",")
    return text.count(b"[") + text.count(b"{") + text.count(b",")


def _decompress(compressed: bytes | None) -> bytes:
    if compressed is None:
        raise InvalidTimetable(_DAMAGED)
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(compressed, MAX_SIZE)
    except zlib.error as error:
        raise InvalidTimetable(_DAMAGED) from error
    if inflate.unconsumed_tail:
        raise InvalidTimetable(_TOO_LARGE)
    return text


def _tasks(dag: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    tasks = dag.get("tasks")
    for task in cast("list[object]", tasks) if isinstance(tasks, list) else ():
        if isinstance(task, dict):
            # Since about Airflow 2.7 the task is inside {"__type": "operator", "__var": {...}}.
            plain = cast("dict[str, object]", task)
            inner = plain.get("__var", plain)
            if isinstance(inner, dict):
                yield cast("Mapping[str, object]", inner)


def _instant(value: object) -> datetime | None:
    if isinstance(value, dict):
        value = cast("dict[str, object]", value).get("__var")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return _EPOCH + timedelta(seconds=value)
    except (OverflowError, ValueError) as error:
        raise InvalidTimetable(_DAMAGED) from error
