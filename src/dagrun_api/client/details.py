"""What the API says of one DAG, and of itself: more values that the client returns, named as in the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from dagrun_api.client.values import Dag, Json, Run, dag, known, run, stamp, word

__all__ = ["About", "DagDetail", "RunDetail", "Tick", "about", "dag_detail", "run_detail", "tick"]


@dataclass(frozen=True, slots=True)
class DagDetail(Dag):
    """A DAG with its schedule; what the database does not say is None."""

    timezone: str | None
    start_date: datetime | None
    end_date: datetime | None
    max_active_runs: int | None
    active_runs: int
    """The number of its runs that are queued or running, whatever created them."""
    next_execution: datetime | None
    """The execution date of the next scheduled run."""
    catchup: bool | None
    owners: str | None
    description: str | None
    has_import_errors: bool
    unlistable: str | None
    """Why its schedule has no ticks to list; None if they can be listed."""
    airflow_url: str | None = None
    """The address of its page in Airflow, if the service knows where Airflow is."""


@dataclass(frozen=True, slots=True)
class RunDetail(Run):
    """A run in full; what the database does not say, or the service is too old to tell, is None."""

    data_interval_start: datetime | None
    data_interval_end: datetime | None
    run_after: datetime | None
    """The earliest time at which Airflow may start the run."""
    queued_at: datetime | None
    duration: float | None
    """The seconds from its start to its end; None until it has ended."""
    conf: Mapping[str, object] | None
    """None before Airflow 3, and if the option `show_conf` of the service is off."""
    airflow_url: str | None = None
    """The address of its page in Airflow, if the service knows where Airflow is."""


@dataclass(frozen=True, slots=True)
class About:
    """What this installation can do."""

    version: str
    backend: str
    airflow: str | None
    """The first release of Airflow with these tables, such as 3.1; None for the built-in database."""
    head: str | None
    writable: bool
    """Whether runs could be created now."""
    reason: str | None
    """Why not; None if they could."""
    native_backfills: bool
    retries: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick of a schedule, and the run on its date."""

    execution_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_after: datetime
    is_due: bool
    """Whether its run may start now."""
    dag_run: Run | None

    @property
    def is_missing(self) -> bool:
        """Whether there should be a run by now, and there is none."""
        return self.is_due and self.dag_run is None


def tick(data: Json) -> Tick:
    """Read a tick."""
    found = data["dag_run"]
    return Tick(
        _required(data["execution_date"]),
        _required(data["data_interval_start"]),
        _required(data["data_interval_end"]),
        _required(data["run_after"]),
        is_due=data["is_due"],
        dag_run=None if found == "None" else run(found),
    )


def _required(text: str) -> datetime:
    instant = stamp(text)
    if instant is None:
        raise ValueError("a tick without a date")
    return instant


def dag_detail(data: Json) -> DagDetail:
    """Read a DAG with its schedule."""
    listed = dag(data)
    return DagDetail(
        dag_id=listed.dag_id,
        is_active=listed.is_active,
        is_draining=listed.is_draining,
        full_path=listed.full_path,
        last_execution=listed.last_execution,
        schedule=listed.schedule,
        next_run_after=listed.next_run_after,
        timezone=word(data["timezone"]),
        start_date=stamp(data["start_date"]),
        end_date=stamp(data["end_date"]),
        max_active_runs=known(data["max_active_runs"]),
        active_runs=data["active_runs"],
        next_execution=stamp(data["next_execution"]),
        catchup=known(data["catchup"]),
        owners=word(data["owners"]),
        description=word(data["description"]),
        has_import_errors=data["has_import_errors"],
        unlistable=word(data["unlistable"]),
        airflow_url=word(data.get("airflow_url", "None")),
    )


def run_detail(data: Json) -> RunDetail:
    """Read a run in full."""
    # Older services do not have these.
    return RunDetail(
        **asdict(run(data)),
        data_interval_start=stamp(data.get("data_interval_start", "None")),
        data_interval_end=stamp(data.get("data_interval_end", "None")),
        run_after=stamp(data.get("run_after", "None")),
        queued_at=stamp(data.get("queued_at", "None")),
        duration=known(data.get("duration", "None")),
        conf=known(data.get("conf", "None")),
        airflow_url=word(data.get("airflow_url", "None")),
    )


def about(data: Json) -> About:
    """Read what this installation can do."""
    return About(
        version=data["version"],
        backend=data["backend"],
        airflow=word(data["airflow"]),
        head=word(data["head"]),
        writable=data["writable"],
        reason=word(data["reason"]),
        native_backfills=data["native_backfills"],
        retries=data["retries"],
    )
