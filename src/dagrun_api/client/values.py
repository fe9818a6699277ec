"""The values that the client accepts and returns, named as in the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

__all__ = [
    "Cancelled",
    "Created",
    "Dag",
    "DagProgress",
    "Instant",
    "Json",
    "PlannedRun",
    "Progress",
    "Run",
    "RunToCreate",
    "cancelled",
    "created",
    "dag",
    "known",
    "progress",
    "run",
    "stamp",
    "to_text",
    "word",
]

Instant: TypeAlias = datetime | str
"""An aware datetime, or a date as text that the API can parse."""

Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dag:
    """A DAG."""

    dag_id: str
    is_active: bool
    """Whether the DAG is not paused."""
    is_draining: bool
    """Whether Airflow 3.4 or later finishes its runs, and creates no scheduled ones."""
    full_path: str | None
    last_execution: datetime | None
    schedule: str | None
    """A cron, a duration, or the name of a timetable."""
    next_run_after: datetime | None
    """When the scheduler may create the next scheduled run, as far as the service can tell."""


@dataclass(frozen=True, slots=True)
class Run:
    """A DAG run; a run that another program created may lack everything except the id."""

    id: int
    dag_id: str | None
    run_id: str | None
    state: str | None
    execution_date: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    external_trigger: bool


@dataclass(frozen=True, slots=True)
class RunToCreate:
    """One run of a list; its conf overrides the conf of the batch."""

    execution_date: Instant
    conf: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A run that would be created."""

    run_id: str
    execution_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_after: datetime


@dataclass(frozen=True, slots=True)
class Created:
    """The result of `create` or `dry_run`."""

    dag_run_ids: tuple[str, ...]
    """The ids of the runs that were created."""
    skipped: int
    """The number of dates that already had a run."""
    skipped_dag_run_ids: tuple[str, ...]
    """The ids of those runs, at most 500."""
    truncated: bool
    """Whether the window contains more runs, which `partial` left out."""
    warnings: tuple[str, ...]
    runs: tuple[PlannedRun, ...] = ()
    """The runs with their dates; only `dry_run` returns them."""


@dataclass(frozen=True, slots=True)
class DagProgress:
    """The progress of a batch in one DAG."""

    dag_id: str
    total: int
    states: Mapping[str, int]
    percent_done: float
    first_execution: datetime | None
    last_execution: datetime | None
    backfill_id: int | None = None
    """The id of the backfill in Airflow; None if the batch is not one."""
    max_active_runs: int | None = None
    is_paused: bool | None = None
    cancelled: int | None = None
    """The number of failed runs that never started; None if the service does not count them."""
    first_queued: datetime | None = None
    """When the first run was put into the queue; None before Airflow 2.1."""
    last_ended: datetime | None = None
    """When the last run ended, of those that have."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a batch: of the runs whose ids start with its prefix and a number."""

    prefix: str
    total: int
    states: Mapping[str, int]
    """The number of runs in each state."""
    percent_done: float
    first_execution: datetime | None
    last_execution: datetime | None
    dags: tuple[DagProgress, ...]
    backfill_id: int | None = None
    """The id of the backfill in Airflow; None if the batch is not one, or is in several DAGs."""
    max_active_runs: int | None = None
    """The maximum number of runs of the backfill that are active at once."""
    is_paused: bool | None = None
    """Whether the backfill is paused."""
    cancelled: int | None = None
    """The number of failed runs that never started; None if the service does not count them."""
    first_queued: datetime | None = None
    """When the first run was put into the queue; None before Airflow 2.1."""
    last_ended: datetime | None = None
    """When the last run ended, of those that have."""

    @property
    def waiting(self) -> int:
        """The number of runs that are queued or running."""
        return self.states.get("queued", 0) + self.states.get("running", 0)

    @property
    def ended(self) -> int:
        """The number of runs that succeeded or failed."""
        return self.states.get("success", 0) + self.failed

    @property
    def failed(self) -> int:
        """The number of runs that failed."""
        return self.states.get("failed", 0)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The result of `cancel`: a number of runs for each outcome."""

    prefix: str
    cancelled: int
    """Runs that had not started, and are now failed."""
    started: int
    """Runs that had started, and continue."""
    ended: int
    """Runs that had already ended."""
    cancelled_dag_run_ids: tuple[str, ...]
    """The ids of the cancelled runs, at most 500 for each request."""

    def after(self, before: Cancelled) -> Cancelled:
        """Return the result of both requests, of which the earlier one ran out of time."""
        run_ids = before.cancelled_dag_run_ids + self.cancelled_dag_run_ids
        cancelled = before.cancelled + self.cancelled
        return Cancelled(self.prefix, cancelled, self.started, self.ended - before.cancelled, run_ids)


def to_text(instant: Instant) -> str:
    """Return an instant as text for the API; raises ValueError for a naive datetime."""
    if isinstance(instant, str):
        return instant
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} is naive: give it a time zone, such as tzinfo=timezone.utc.")
    return instant.isoformat()


def dag(data: Json) -> Dag:
    """Read a DAG."""
    return Dag(
        data["dag_id"],
        data["is_active"],
        bool(data.get("is_draining")),
        word(data["full_path"]),
        stamp(data["last_execution"]),
        word(data.get("schedule", "None")),
        stamp(data.get("next_run_after", "None")),
    )


def run(data: Json) -> Run:
    """Read a run."""
    return Run(
        id=data["id"],
        dag_id=word(data["dag_id"]),
        run_id=word(data["run_id"]),
        state=word(data["state"]),
        execution_date=stamp(data["execution_date"]),
        start_date=stamp(data["start_date"]),
        end_date=stamp(data["end_date"]),
        external_trigger=data["external_trigger"] == "True",
    )


def created(data: Json) -> Created:
    """Read the result of `create` or `dry_run`."""
    return Created(
        tuple(data["dag_run_ids"]),
        data["skipped"],
        tuple(data["skipped_dag_run_ids"]),
        data["truncated"],
        tuple(data["warnings"]),
        tuple(_planned(each) for each in data.get("runs", ())),
    )


def progress(data: Json) -> Progress:
    """Read the progress of a batch."""
    dags = tuple(DagProgress(**dag_progress(each)) for each in data["dags"])
    return Progress(prefix=data["prefix"], **_counts(data), dags=dags)


def dag_progress(data: Json) -> dict[str, Any]:
    """Read the fields of the progress in one DAG."""
    return {"dag_id": data["dag_id"], **_counts(data)}


def cancelled(data: Json) -> Cancelled:
    """Read the result of `cancel`."""
    run_ids = tuple(data["cancelled_dag_run_ids"])
    return Cancelled(data["prefix"], data["cancelled"], data["started"], data["ended"], run_ids)


def _planned(data: Json) -> PlannedRun:
    dates = ("execution_date", "data_interval_start", "data_interval_end", "run_after")
    return PlannedRun(data["run_id"], **{name: _instant(data[name]) for name in dates})


def _counts(data: Json) -> dict[str, Any]:
    dates = {name: stamp(data[name]) for name in ("first_execution", "last_execution")}
    # Older services do not have these.
    added = {name: known(data.get(name)) for name in ("backfill_id", "max_active_runs", "is_paused", "cancelled")}
    times = {name: stamp(data.get(name, "None")) for name in ("first_queued", "last_ended")}
    return {name: data[name] for name in ("total", "states", "percent_done")} | dates | added | times


def known(value: Any) -> Any:
    """Read a value that may be absent."""
    return None if value == "None" else value


def word(text: str) -> str | None:
    """Read a text that may be absent."""
    return None if text == "None" else text


def stamp(text: str) -> datetime | None:
    """Read an instant that may be absent."""
    return None if text == "None" else _instant(text)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
