"""The schedules of DAGs, read from their serialized forms and cached: a DAG of some megabytes takes a while to read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from dagrun_api.airflow import schedule_text, serialized
from dagrun_api.model import DagRecord, SerializedDag, TargetDag, TickRules
from dagrun_api.store import Store
from dagrun_api.timetables import Timetable, decode

__all__ = ["Schedule", "Schedules", "read"]

_KEPT = 1024
"""Schedules that are cached."""

_LARGE = 256 * 1024
"""Bytes from which on a form is read in a thread, which leaves the event loop free."""

_NO_ZONE = (
    "This Airflow 1.10 keeps neither the time zone nor the dates of its DAGs in the database (store_serialized_dags is "
    "off): the schedule was read in UTC."
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a DAG runs, and within which logical dates (inclusive; None means no bound)."""

    timetable: Timetable
    start: datetime | None
    end: datetime | None
    notes: tuple[str, ...] = ()
    """What a caller should know about it, as sentences."""
    text: str | None = None
    """The schedule as a short text; None if there is none."""
    timezone: str | None = None
    """The name of the zone of the schedule, or its offset; None if the form does not say."""
    catchup: bool | None = None
    """Whether Airflow creates the scheduled runs that it has missed; None if the form does not say."""
    depends_on_past: bool = False
    """Whether any task waits for the same task of the run before."""
    max_active_runs: int | None = None
    """How many of its runs may be active at once; None if the form does not say."""


def read(form: SerializedDag, rules: TickRules = TickRules.BEFORE_3_3) -> Schedule:
    """Read a serialized form; raises `InvalidTimetable` when it is damaged or Airflow would refuse it."""
    dag = serialized.parse(form)
    start, end = serialized.bounds(dag)
    timetable = decode(dag, rules=rules)
    # Without a time zone, the form holds nothing but the schedule.
    is_bare = "timezone" not in dag
    return Schedule(
        timetable,
        start,
        end,
        notes=(_NO_ZONE,) if is_bare and timetable.unlistable is None else (),
        text=schedule_text.of_form(dag),
        timezone=serialized.timezone(dag),
        catchup=None if is_bare else serialized.catchup(dag),
        depends_on_past=serialized.depends_on_past(dag),
        max_active_runs=serialized.max_active_runs(dag),
    )


class Schedules:
    """A cache of the schedules that were read last, each with the key of the serialized form that it came from."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[str, tuple[str, Schedule]] = OrderedDict()

    async def of(self, dag: TargetDag | DagRecord) -> Schedule | None:
        """Return the schedule of a DAG; None when Airflow has serialized it again since it was read.

        Raises `InvalidTimetable` when the form cannot be read. Do not call it while a transaction holds locks.
        """
        if self._is_stale(dag):
            await self._load(dag)
        return None if self._is_stale(dag) else self._known[dag.dag_id][1]

    def _is_stale(self, dag: TargetDag | DagRecord) -> bool:
        key, _ = self._known.get(dag.dag_id, (None, None))
        return key is None or key != dag.serialized_key

    async def _load(self, dag: TargetDag | DagRecord) -> None:
        form = await self._store.serialized_dag(dag.dag_id)
        if form is None:
            return
        # The size of a compressed form is not known before it is read.
        is_small = form.data is not None and len(form.data) < _LARGE
        reading = partial(read, form, dag.tick_rules)
        schedule = reading() if is_small else await asyncio.to_thread(reading)
        self._known[dag.dag_id] = (form.key, schedule)
        self._known.move_to_end(dag.dag_id)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
