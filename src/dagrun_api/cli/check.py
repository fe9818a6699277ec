"""The report of `dagrun-api check`: what the database is, and what may be done with it."""

from __future__ import annotations

from typing import TextIO

from dagrun_api.backends import open_store
from dagrun_api.batches.schedules import read
from dagrun_api.errors import ConfigurationError, InvalidTimetable
from dagrun_api.model import Description
from dagrun_api.settings import Settings
from dagrun_api.store import Store
from dagrun_api.timetables import versions

__all__ = ["report"]

_NAMED = 20


async def report(settings: Settings, out: TextIO) -> int:
    """Connect, write the report, and change nothing; raises DagrunApiError saying what is wrong."""
    async with open_store(settings, create=False) as store:
        found = await store.describe()
        manual_only = await _manual_only(store)
    for name, value in _lines(settings, found):
        out.write(f"{name:<10} {value}\n")
    if manual_only:
        out.write(f"\n{len(manual_only)} DAGs take manual runs only:\n")
        for dag_id, reason in manual_only[:_NAMED]:
            out.write(f"  {dag_id}: {reason}\n")
        if len(manual_only) > _NAMED:
            out.write(f"  and {len(manual_only) - _NAMED} more\n")
    out.flush()
    if found.refusal is not None or not found.writable:
        raise ConfigurationError(found.refusal or "Nothing may be written to this database.")
    if found.missing:
        raise ConfigurationError(f"The database user lacks privileges: {', '.join(found.missing)}; grant them.")
    return 0


def _lines(settings: Settings, found: Description) -> list[tuple[str, object]]:
    head = f" (head {found.head})" if found.head else ""
    may_write = found.writable and found.refusal is None and not found.missing
    return [
        ("database", f"{settings.safe_database} ({found.backend})"),
        ("schema", f"{found.generation}{head}"),
        ("reads", "yes"),
        ("writes", "yes" if may_write else "no"),
        ("DAGs", found.dags),
        ("runs", found.runs),
        *versions().items(),
    ]


async def _manual_only(store: Store) -> list[tuple[str, str]]:
    """The DAGs whose ticks cannot be listed, each with the reason."""
    found: list[tuple[str, str]] = []
    for dag in await store.dags():
        form = await store.serialized_dag(dag.dag_id)
        if form is None:
            found.append((dag.dag_id, "It has no serialized form, so not even those, where Airflow needs one."))
            continue
        try:
            reason = read(form).timetable.unlistable
        except InvalidTimetable as error:
            reason = str(error)
        if reason is not None:
            found.append((dag.dag_id, reason))
    return found
