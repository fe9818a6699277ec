"""Reading the answers of the API into values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from dagrun_api.client.errors import UnexpectedAnswer
from dagrun_api.client.transport import Answer
from dagrun_api.client.values import About, Cancelled, Created, Dag, DagDetail, DagProgress, PlannedRun, Progress, Run

__all__ = ["about", "cancelled", "created", "dag", "dag_detail", "dags", "progress", "read", "run", "runs"]

T = TypeVar("T")

Json: TypeAlias = Mapping[str, Any]


def read(reader: Callable[[Json], T], answer: Answer) -> T:
    """Return what a reader finds in an answer; raises `UnexpectedAnswer`."""
    try:
        return reader(answer.payload)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(
            "The service has a different version: its answer lacks a part that this client needs."
        ) from error


def about(data: Json) -> About:
    """Read what the service is."""
    return About(
        version=data["version"],
        airflow=data["airflow"],
        backend=data["backend"],
        head=_given(data["head"]),
        writable=data["writable"],
        reason=_given(data["reason"]),
        native_backfills=data["native_backfills"],
        retries=data["retries"],
    )


def dags(data: Json) -> list[Dag]:
    """Read a list of DAGs."""
    return [dag(each) for each in data["dags"]]


def dag(data: Json) -> Dag:
    """Read a DAG."""
    return Dag(
        data["dag_id"],
        data["is_active"],
        bool(data.get("is_draining")),
        _given(data["full_path"]),
        _stamp(data["last_execution"]),
    )


def dag_detail(data: Json) -> DagDetail:
    """Read a DAG and its schedule."""
    detail = data["dag"]
    return DagDetail(
        dag_id=detail["dag_id"],
        is_active=detail["is_active"],
        is_draining=bool(detail.get("is_draining")),
        full_path=_given(detail["full_path"]),
        last_execution=_stamp(detail["last_execution"]),
        schedule=_given(detail["schedule"]),
        max_active_runs=_given(detail["max_active_runs"]),
        active_runs=detail["active_runs"],
        next_execution=_stamp(detail["next_execution"]),
        next_run_after=_stamp(detail["next_run_after"]),
        catchup=_given(detail["catchup"]),
    )


def runs(data: Json) -> list[Run]:
    """Read a page of runs."""
    return [run(each) for each in data["dag_runs"]]


def run(data: Json) -> Run:
    """Read a run."""
    return Run(
        id=data["id"],
        dag_id=_given(data["dag_id"]),
        run_id=_given(data["run_id"]),
        state=_given(data["state"]),
        execution_date=_stamp(data["execution_date"]),
        start_date=_stamp(data["start_date"]),
        end_date=_stamp(data["end_date"]),
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
    dags = tuple(DagProgress(dag_id=each["dag_id"], **_counts(each)) for each in data["dags"])
    return Progress(prefix=data["prefix"], **_counts(data), dags=dags)


def cancelled(data: Json) -> Cancelled:
    """Read the result of `cancel`."""
    run_ids = tuple(data["cancelled_dag_run_ids"])
    return Cancelled(data["prefix"], data["cancelled"], data["started"], data["ended"], run_ids)


def _planned(data: Json) -> PlannedRun:
    dates = ("execution_date", "data_interval_start", "data_interval_end", "run_after")
    return PlannedRun(data["run_id"], **{name: _instant(data[name]) for name in dates})


def _counts(data: Json) -> dict[str, Any]:
    dates = {name: _stamp(data[name]) for name in ("first_execution", "last_execution")}
    # Older services do not have these.
    added = {name: _given(data.get(name)) for name in ("backfill_id", "max_active_runs", "is_paused", "cancelled")}
    return {name: data[name] for name in ("total", "states", "percent_done")} | dates | added


def _given(value: Any) -> Any:
    return None if value == "None" else value


def _stamp(text: str) -> datetime | None:
    return None if text == "None" else _instant(text)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
