"""The schedules of DAGs, from their serialized forms; kept, since a DAG of some megabytes takes a while to read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from dagrun_api.airflow import serialized
from dagrun_api.errors import InvalidRequest
from dagrun_api.model import SerializedDag, TargetDag
from dagrun_api.store import Store
from dagrun_api.timetables import Timetable, decode

__all__ = ["Schedule", "Schedules", "no_serialized_form", "read"]

_KEPT = 1024
_LARGE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a DAG runs, and within which logical dates (inclusive; None: no bound)."""

    timetable: Timetable
    start: datetime | None
    end: datetime | None


def read(form: SerializedDag) -> Schedule:
    """Read a serialized form; raises `InvalidTimetable` when it is damaged or Airflow would refuse it."""
    dag = serialized.parse(form)
    zone = dag.get("timezone")
    start, end = serialized.bounds(dag)
    return Schedule(decode(dag, zone if isinstance(zone, str | int) else None), start, end)


def no_serialized_form(dag_id: str) -> str:
    """Return what to tell of such a DAG: its queued runs would starve those of every other DAG."""
    return f"Dag id {dag_id} has no serialized form, without which Airflow cannot run it: let Airflow parse it first."


class Schedules:
    """The schedules that were read of late, each under the key of the serialized form that it came from."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[str, tuple[str, Schedule]] = OrderedDict()

    def known(self, dag: TargetDag) -> Schedule | None:
        """Return the schedule of a DAG if the form that it came from is the current one."""
        key, schedule = self._known.get(dag.dag_id, (None, None))
        return schedule if key == dag.serialized_key else None

    async def load(self, dag_id: str) -> None:
        """Read the newest form of a DAG; not to be done while a transaction holds locks.

        Raises `InvalidRequest` when there is none, `InvalidTimetable` when it cannot be read.
        """
        form = await self._store.serialized_dag(dag_id)
        if form is None:
            raise InvalidRequest(no_serialized_form(dag_id))
        size = len(form.data or form.compressed or b"")
        schedule = read(form) if size < _LARGE else await asyncio.to_thread(read, form)
        self._known[dag_id] = (form.key, schedule)
        self._known.move_to_end(dag_id)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
