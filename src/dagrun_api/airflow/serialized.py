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

__all__ = ["MAX_SIZE", "bounds", "catchup", "depends_on_past", "max_active_runs", "parse", "timezone"]

MAX_SIZE = 64 * 1024 * 1024
"""The most bytes of JSON that are read; the largest known DAGs have a few megabytes."""

MAX_VALUES = 2_000_000
"""The most values that are read: each may take a hundred bytes of memory, however short its text is."""

_DEEPEST = 5
"""How deep timetables may hold other timetables."""

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


def catchup(dag: Mapping[str, object]) -> bool:
    """Return whether Airflow creates the scheduled runs that it has missed.

    A form without the key says the default: true before Airflow 3, and false since then. (Read in the sources of
    1.10.15, 2.0.2, 2.11.2, 3.0.6, 3.1.8, 3.2.2, 3.3.2 and 3.4.0b2.) Before Airflow 3 that is the value of
    `[scheduler] catchup_by_default`, which the database does not hold: this is the one that Airflow ships. Airflow 3.1
    leaves the key out where it is false; 3.0, and 3.2 and later, always write it.
    """
    value = dag.get("catchup")
    # Airflow 3 calls the other key dag_id.
    return value if isinstance(value, bool) else "_dag_id" in dag


def depends_on_past(dag: Mapping[str, object]) -> bool:
    """Return whether any task waits for the same task of the run before.

    Tasks hold this only where it is true. It stands in them even if it comes from the default arguments of the DAG, or
    from `wait_for_downstream`. The `client_defaults` of Airflow 3.1 and later never hold it: both their default and
    that of the schema are false. A mapped task holds it in its `partial_kwargs`. (Read in the sources of 1.10.15,
    2.3.4, 2.11.2, 3.0.6, 3.1.8, 3.3.2 and 3.4.0b2.)
    """
    return any(
        fields.get("depends_on_past") is True
        for task in _tasks(dag)
        for fields in (task, _plain(task.get("partial_kwargs")))
    )


def timezone(dag: Mapping[str, object]) -> str | None:
    """Return the name of the zone of the schedule, or its offset such as +02:00; None if the form does not say.

    A timetable may have a zone of its own, or hold another timetable that has one; otherwise the zone is the DAG's.
    """
    zone = dag.get("timezone")
    fields = _plain(dag.get("timetable"))
    for _ in range(_DEEPEST):
        zone = fields.get("timezone", zone)
        fields = _plain(fields.get("timetable"))
    if isinstance(zone, int) and not isinstance(zone, bool):
        minutes = abs(zone) // 60
        return f"{'-' if zone < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
    return zone if isinstance(zone, str) else None


def max_active_runs(dag: Mapping[str, object]) -> int | None:
    """Return how many runs of the DAG may be active at once; None where that is the default of its Airflow."""
    value = dag.get("max_active_runs")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


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
        # Since about Airflow 2.7 the task is inside {"__type": "operator", "__var": {...}}.
        yield _plain(task)


def _plain(value: object) -> Mapping[str, object]:
    """Return a JSON object, which may be inside {"__type": ..., "__var": {...}}; an empty one for anything else."""
    if isinstance(value, dict):
        outer = cast("dict[str, object]", value)
        inner = outer.get("__var", outer)
        if isinstance(inner, dict):
            return cast("dict[str, object]", inner)
    return {}


def _instant(value: object) -> datetime | None:
    if isinstance(value, dict):
        value = cast("dict[str, object]", value).get("__var")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return _EPOCH + timedelta(seconds=value)
    except (OverflowError, ValueError) as error:
        raise InvalidTimetable(_DAMAGED) from error
