"""One DAG: what its row says, and everything that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dagrun_api.model.batches import TickRules

__all__ = ["DagDetail", "DagRecord"]


@dataclass(frozen=True, slots=True)
class DagRecord:
    """The row of a live DAG. What its Airflow does not keep there is None."""

    dag_id: str
    full_path: str | None = None
    is_paused: bool = False
    is_draining: bool = False
    last_execution: datetime | None = None
    schedule: str | None = None
    """The schedule as a text."""
    max_active_runs: int | None = None
    active_runs: int = 0
    """Its runs that are queued or running, of any kind."""
    next_execution: datetime | None = None
    """The logical date of the run that the scheduler creates next."""
    next_run_after: datetime | None = None
    """When it may create it. Before Airflow 3.2 also None while `max_active_runs` runs are active."""
    last_scheduled: datetime | None = None
    """The newest date for which Airflow 1.10 created a run itself: how far the schedule has come."""
    owners: str | None = None
    description: str | None = None
    has_import_errors: bool = False
    serialized_key: str | None = None
    """The key of the current serialized form, which changes whenever the form does; None: there is no form."""
    tick_rules: TickRules = TickRules.BEFORE_3_3


@dataclass(frozen=True, slots=True)
class DagDetail:
    """A live DAG with its schedule; what is not known is None."""

    dag_id: str
    full_path: str | None
    is_paused: bool
    is_draining: bool
    last_execution: datetime | None
    schedule: str | None
    """A cron, a duration, or the name of a timetable."""
    timezone: str | None
    start_date: datetime | None
    end_date: datetime | None
    max_active_runs: int | None
    active_runs: int
    next_execution: datetime | None
    next_run_after: datetime | None
    catchup: bool | None
    owners: str | None
    description: str | None
    has_import_errors: bool
    unlistable: str | None
    """Why its ticks cannot be listed; None if they can."""
    airflow_url: str | None = None
    """The address of its page in Airflow."""
