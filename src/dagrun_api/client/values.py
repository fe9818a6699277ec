"""The values that the client gives and takes, under the names that the API has for them."""

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
    "PlannedRun",
    "Progress",
    "Run",
    "RunToCreate",
    "cancelled",
    "created",
    "dag",
    "progress",
    "run",
    "to_text",
]

Instant: TypeAlias = datetime | str
"""An aware datetime, or the text of a date as the API reads it."""

Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dag:
    """A DAG in the DagBag."""

    dag_id: str
    is_active: bool
    """Whether it is not paused."""
    full_path: str | None
    last_execution: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """A DAG run; rows of others may lack anything but the id."""

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
    """One run of an explicit list; its conf goes over that of the whole batch."""

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
    """What came of a creation, or would come of it."""

    dag_run_ids: tuple[str, ...]
    """The runs created."""
    skipped: int
    """Dates that had a run already."""
    skipped_dag_run_ids: tuple[str, ...]
    """Those runs; the first 500."""
    truncated: bool
    """Whether `partial` left some out."""
    warnings: tuple[str, ...]
    runs: tuple[PlannedRun, ...] = ()
    """The runs with their dates, in the answer to a dry run."""


@dataclass(frozen=True, slots=True)
class DagProgress:
    """How far the runs of a batch in one DAG are."""

    dag_id: str
    total: int
    states: Mapping[str, int]
    percent_done: float
    first_execution: datetime | None
    last_execution: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is: the runs whose ids begin with its prefix and a number."""

    prefix: str
    total: int
    states: Mapping[str, int]
    """The number of runs in each state."""
    percent_done: float
    first_execution: datetime | None
    last_execution: datetime | None
    dags: tuple[DagProgress, ...]

    @property
    def waiting(self) -> int:
        """The runs that are queued or running."""
        return self.states.get("queued", 0) + self.states.get("running", 0)

    @property
    def ended(self) -> int:
        """The runs that succeeded or failed."""
        return self.states.get("success", 0) + self.failed

    @property
    def failed(self) -> int:
        """The runs that failed."""
        return self.states.get("failed", 0)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What became of the runs of a batch that was cancelled."""

    prefix: str
    cancelled: int
    """Runs that had not started, and are failed now."""
    started: int
    """Runs that were left to the scheduler, which had begun them."""
    ended: int
    """Runs that had ended before."""
    cancelled_dag_run_ids: tuple[str, ...]
    """Those cancelled; the first 500."""


def to_text(instant: Instant) -> str:
    """Return an instant as the API reads it; raises ValueError for a naive datetime."""
    if isinstance(instant, str):
        return instant
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} is naive: give it a time zone, such as tzinfo=timezone.utc.")
    return instant.isoformat()


def dag(data: Json) -> Dag:
    """Read a DAG."""
    return Dag(data["dag_id"], data["is_active"], _word(data["full_path"]), _stamp(data["last_execution"]))


def run(data: Json) -> Run:
    """Read a run."""
    return Run(
        id=data["id"],
        dag_id=_word(data["dag_id"]),
        run_id=_word(data["run_id"]),
        state=_word(data["state"]),
        execution_date=_stamp(data["execution_date"]),
        start_date=_stamp(data["start_date"]),
        end_date=_stamp(data["end_date"]),
        external_trigger=data["external_trigger"] == "True",
    )


def created(data: Json) -> Created:
    """Read the answer to a creation."""
    return Created(
        tuple(data["dag_run_ids"]),
        data["skipped"],
        tuple(data["skipped_dag_run_ids"]),
        data["truncated"],
        tuple(data["warnings"]),
        tuple(_planned(each) for each in data.get("runs", ())),
    )


def progress(data: Json) -> Progress:
    """Read how far a batch is."""
    dags = tuple(DagProgress(dag_id=each["dag_id"], **_counts(each)) for each in data["dags"])
    return Progress(prefix=data["prefix"], **_counts(data), dags=dags)


def cancelled(data: Json) -> Cancelled:
    """Read what became of a batch."""
    run_ids = tuple(data["cancelled_dag_run_ids"])
    return Cancelled(data["prefix"], data["cancelled"], data["started"], data["ended"], run_ids)


def _planned(data: Json) -> PlannedRun:
    dates = ("execution_date", "data_interval_start", "data_interval_end", "run_after")
    return PlannedRun(data["run_id"], **{name: _instant(data[name]) for name in dates})


def _counts(data: Json) -> dict[str, Any]:
    dates = {name: _stamp(data[name]) for name in ("first_execution", "last_execution")}
    return {name: data[name] for name in ("total", "states", "percent_done")} | dates


def _word(text: str) -> str | None:
    return None if text == "None" else text


def _stamp(text: str) -> datetime | None:
    return None if text == "None" else _instant(text)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
