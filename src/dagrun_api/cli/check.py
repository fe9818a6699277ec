"""The report of `dagrun-api check`: the database, and what the service can do with it."""

from __future__ import annotations

from typing import TextIO

from dagrun_api.backends import open_store
from dagrun_api.batches.about import about
from dagrun_api.batches.schedules import read
from dagrun_api.errors import ConfigurationError, InvalidTimetable
from dagrun_api.model import Counts, Description
from dagrun_api.settings import Settings
from dagrun_api.store import Store
from dagrun_api.timetables import versions

__all__ = ["report"]

_LISTED = 20


async def report(settings: Settings, out: TextIO) -> int:
    """Write the report without changing the database; raises DagrunApiError when something is wrong."""
    async with open_store(settings, create=False) as store:
        found = await store.describe()
        counts = await store.counts()
        manual_only = await _manual_only(store)
    for name, value in _lines(settings, found, counts):
        out.write(f"{name:<10} {value}\n")
    if manual_only:
        out.write(f"\n{len(manual_only)} DAGs accept manual runs only:\n")
        for dag_id, reason in manual_only[:_LISTED]:
            out.write(f"  {dag_id}: {reason}\n")
        if len(manual_only) > _LISTED:
            out.write(f"  and {len(manual_only) - _LISTED} more\n")
    out.flush()
    if found.refusal is not None or not found.writable:
        raise ConfigurationError(found.refusal or "The service cannot write to this database.")
    if found.missing:
        raise ConfigurationError(f"The database user needs more privileges: grant {', '.join(found.missing)}.")
    return 0


def _lines(settings: Settings, found: Description, counts: Counts) -> list[tuple[str, object]]:
    head = f" (head {found.head})" if found.head else ""
    return [
        ("database", f"{settings.safe_database} ({found.backend})"),
        ("schema", f"{found.generation}{head}"),
        ("reads", "yes"),
        ("writes", "yes" if found.obstacle is None else "no"),
        ("backfills", _backfills(found)),
        ("retries", _retries(settings, found)),
        ("DAGs", counts.dags),
        ("runs", counts.runs),
        *versions().items(),
    ]


def _backfills(found: Description) -> str:
    """Return whether native backfills are possible. Without them everything else is."""
    if not found.native_backfills:
        return "no: this Airflow has none" if found.airflow else "no: the built-in database has none"
    return f"no: they need {', '.join(found.backfill_missing)}" if found.backfill_missing else "yes"


def _retries(settings: Settings, found: Description) -> str:
    """Return which failed runs can be put back into the queue. Nothing else depends on it."""
    match about(found, can_clear=settings.has_airflow_login).retries:
        case "airflow":
            return "yes, with Airflow's API at " + str(settings.airflow_url)
        case "database":
            return "yes, of runs that never started" if found.airflow else "yes"
        case _:
            return f"no: they need {', '.join(found.retry_missing)}" if found.retry_missing else "no"


async def _manual_only(store: Store) -> list[tuple[str, str]]:
    """Return the DAGs whose schedule has no dates to list, each with the reason."""
    found: list[tuple[str, str]] = []
    for dag in await store.dags():
        form = await store.serialized_dag(dag.dag_id)
        if form is None:
            found.append(
                (dag.dag_id, "Airflow has not serialized the DAG; if this Airflow requires that, it accepts no runs.")
            )
            continue
        try:
            reason = read(form).timetable.unlistable
        except InvalidTimetable as error:
            reason = str(error)
        if reason is not None:
            found.append((dag.dag_id, reason))
    return found
