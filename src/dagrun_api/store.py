"""The storage protocol: everything that the service asks of a database, and what each answer promises.

A backend implements `Store` and `Batch` (in SQL, `dagrun_api.sqlstore` does), and registers `open_store` in the entry
point group `dagrun_api.backends` under the URL schemes that it serves. Every method may raise `Unavailable`. Every
method that writes may raise `OutcomeUnknown`, when it does not learn whether its commit succeeded.
The contract tests in `tests/contract` check every implementation against this text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from dagrun_api.airflow.pages import Pages
from dagrun_api.model import (
    AuditEntry,
    Backfill,
    BatchPage,
    BatchProgress,
    CancelledRun,
    CatalogueDag,
    Counts,
    Dag,
    DagRecord,
    DagRun,
    Description,
    FailedRun,
    LastRun,
    NativeBackfill,
    PlannedRun,
    Prefix,
    RequeuedRun,
    RunDetail,
    RunFilter,
    RunType,
    SerializedDag,
    TargetDag,
)

__all__ = ["Batch", "OpenStore", "PoolUsage", "Store", "StoreOptions", "StoreState"]


class PoolUsage(NamedTuple):
    """How the connections of a store are used at one moment."""

    in_use: int
    idle: int
    """Connections that are open and not in use."""
    maximum: int
    waiting: int
    """Requests that wait for a connection, or for their turn to write."""


class StoreState(NamedTuple):
    """What a store knows without asking its database."""

    backend: str
    """The kind of database, such as `PostgreSQL`."""
    layout: str
    """The layout that was last detected, such as `Airflow 3 (tables as since 3.1.0)`."""
    pool: PoolUsage | None = None
    """None when the store has no pool."""
    pages: Pages | None = None
    """Where the pages of its Airflow are; None when there is no Airflow."""


class Batch(Protocol):
    """One transaction on one DAG, open for writing. Until it ends, no other batch creates runs of that DAG."""

    @property
    def dag(self) -> TargetDag | None:
        """The DAG's row as this transaction sees it; None when it is not in the DagBag."""
        ...

    async def taken(self, dates: Sequence[datetime]) -> Mapping[datetime, str]:
        """Return the logical dates among these on which the DAG has a run, each with the id of that run."""
        ...

    async def last_run(self, prefix: Prefix) -> LastRun:
        """Return the run with the highest number among the DAG's run ids `<prefix>_<number>_<date>`."""
        ...

    async def has_number(self, prefix: Prefix, number: int) -> bool:
        """Return whether the DAG has a run id `<prefix>_<number>_…`. Unlike `last_run`, it never takes long."""
        ...

    async def insert(
        self,
        runs: Sequence[PlannedRun],
        conf: Mapping[str, object],
        now: datetime,
        *,
        run_type: RunType = RunType.MANUAL,
        backfill: NativeBackfill | None = None,
    ) -> int | None:
        """Insert all of these runs, ordered by logical date, in one statement; two more for a native backfill.

        Returns the id of the native backfill that they go into, which a backfill run may have and others never have.
        Raises `RunsTaken` when another writer has taken a date or a run id, `BackfillGone` when the backfill to join
        was deleted, and `PrivilegeMissing`; the transaction must then be rolled back.
        """
        ...

    async def audit(self, entry: AuditEntry) -> None:
        """Add a row to Airflow's log in this transaction if the option `audit_log` is on; otherwise do nothing."""
        ...


class Store(Protocol):
    """A metadata database."""

    async def dags(self) -> list[Dag]:
        """Return every DAG in the DagBag (live, without sub-DAGs), ordered by `dag_id` (by code point)."""
        ...

    async def dag(self, dag_id: str) -> DagRecord | None:
        """Return the row of a DAG, without a lock; None when it is not in the DagBag."""
        ...

    async def runs(self, wanted: RunFilter, *, after: int, limit: int, newest_first: bool = False) -> list[DagRun]:
        """Return at most `limit` of the wanted runs whose id is above `after`, ordered by id.

        With `newest_first` it is the other way round: those whose id is below `after`, in descending order.
        """
        ...

    async def runs_named(self, run_id: str, dag_id: str | None, *, limit: int) -> list[RunDetail]:
        """Return the runs with exactly this run id (at most one for each DAG), ordered by `dag_id`.

        Their `airflow_url` is not known here, and no conf that is a pickle is read.
        """
        ...

    async def serialized_dag(self, dag_id: str) -> SerializedDag | None:
        """Return the newest serialized form of a DAG, unparsed; None when there is none."""
        ...

    def require_writable(self) -> None:
        """Raise `WritesRefused` when this schema must not be written to. Does not ask the database."""
        ...

    async def target_dag(self, dag_id: str) -> TargetDag | None:
        """Return a DAG as `Batch.dag` does, without a lock; None when it is not in the DagBag."""
        ...

    async def taken(self, dag_id: str, dates: Sequence[datetime]) -> Mapping[datetime, str]:
        """Return what `Batch.taken` does, without a lock."""
        ...

    async def runs_on(self, dag_id: str, dates: Sequence[datetime]) -> Mapping[datetime, DagRun]:
        """Return the runs of a DAG whose logical date is among these, by date."""
        ...

    async def last_run(self, dag_id: str, prefix: Prefix) -> LastRun:
        """Return what `Batch.last_run` does, without a lock."""
        ...

    async def backfill_of(self, dag_id: str, prefix: Prefix) -> int | None:
        """Return the native backfill that some run of a batch belongs to, however many runs do not."""
        ...

    async def backfill(self, backfill_id: int) -> Backfill | None:
        """Return a native backfill; None if it is gone, or was made to run dates again. Raises `PrivilegeMissing`."""
        ...

    async def running_runs(self) -> int:
        """Return how many runs of all DAGs are running."""
        ...

    def turn(self, dag_id: str) -> AbstractAsyncContextManager[bool]:
        """Take the turn on a DAG, which one writer of this store has at a time; the value tells whether it had to wait.

        It waits for a limited time. Neither waiting nor the turn takes a connection.
        """
        ...

    def batch(self, dag_id: str) -> AbstractAsyncContextManager[Batch]:
        """Open a transaction on a DAG: commit at the end, roll everything back on any exception.

        Take a turn first. Waits a limited time for the writers of other stores. Raises `WritesRefused` when this schema
        must not be written to.
        """
        ...

    async def latest_runs(self) -> list[DagRun]:
        """Return the run with the newest execution date of each live DAG that has runs, ordered by `dag_id`."""
        ...

    async def progress(self, prefix: Prefix, dag_id: str | None) -> list[BatchProgress]:
        """Return the progress of the runs `<prefix>_<number>_<date>` in each DAG (or in this one), by `dag_id`.

        Where some of them belong to native backfills, it is the newest one.
        """
        ...

    async def batches(self, dag_id: str | None, *, start: int, limit: int) -> BatchPage:
        """Return a page of the batches of a DAG, or of all DAGs, the one with the newest last run first.

        The last run of a batch is the one with the last run id; its id is below `start`. No run id of a batch begins
        with `scheduled__`. The page holds at most `limit`
        batches, and may hold fewer, or none, before the end: the work for it is bounded.
        """
        ...

    async def cancel(
        self,
        prefix: Prefix,
        dag_ids: Sequence[str],
        entry: AuditEntry,
        *,
        after: str,
        limit: int,
        backfill_ids: Sequence[int] = (),
    ) -> list[CancelledRun]:
        """End runs of a batch that have not started, as failed at the time of the entry, in one transaction.

        These are the first `limit` in the order of the DAGs, and within each in the database's order of run ids; in
        the first DAG only those after the run id `after`. A run that a scheduler has locked is left to it. If a run
        was cancelled, the entry is written to Airflow's log as by `Batch.audit`, with their number.
        With the last of them, the native backfills `backfill_ids` are no longer paused, and those that have no queued
        or running run are complete. Raises `WritesRefused`.
        """
        ...

    async def failed(self, prefix: Prefix, dag_ids: Sequence[str], *, after: str, limit: int) -> list[FailedRun]:
        """Return failed runs of a batch, without a lock.

        These are the first `limit` in the order of the DAGs, and within each in the database's order of run ids; in
        the first DAG only those after the run id `after`.
        """
        ...

    async def requeue(
        self,
        prefix: Prefix,
        dag_ids: Sequence[str],
        entry: AuditEntry,
        *,
        after: str,
        limit: int,
        backfill_ids: Sequence[int] = (),
    ) -> list[RequeuedRun]:
        """Put failed runs of a batch that have no task instance back into the queue, as new ones, in one transaction.

        Which ones, `after` and `limit` say, as in `failed`. The time of the entry is when they were queued. In the
        built-in database, which keeps no task instances, these are all failed runs. A run that another writer has
        locked is left to it. If a run was put back, the entry is written to Airflow's log as by `Batch.audit`, with
        their number. Those of the native backfills `backfill_ids` that have ended are opened again, as by
        `reopen_backfills`. Raises `WritesRefused`, or `PrivilegeMissing`.
        """
        ...

    async def reopen_backfills(self, backfill_ids: Sequence[int], at: datetime) -> None:
        """Open native backfills again that have ended, but have a queued or running run; they are then not paused.

        Raises `WritesRefused`, or `PrivilegeMissing`.
        """
        ...

    async def limit_backfill(self, backfill_id: int, max_active_runs: int, entry: AuditEntry) -> None:
        """Give a native backfill another limit; the entry is written to Airflow's log as by `Batch.audit`.

        Raises `WritesRefused`, or `PrivilegeMissing`.
        """
        ...

    async def pause_backfills(self, backfill_ids: Sequence[int], paused: bool, entry: AuditEntry) -> list[int]:
        """Pause native backfills, or continue with them; return those that have not ended, which are the ones changed.

        If there is one, the entry is written to Airflow's log as by `Batch.audit`, with those. Raises `WritesRefused`.
        """
        ...

    async def set_paused(self, dag_id: str, paused: bool, entry: AuditEntry) -> bool:
        """Pause or unpause a live DAG; return whether it exists. Raises `WritesRefused`.

        If it exists, the entry is written to Airflow's log as by `Batch.audit`.
        """
        ...

    async def ready(self) -> None:
        """Return when the database answers and nothing forbids writing; else raise `Unavailable` or `WritesRefused`.

        Tries nothing: it asks for the schema, and whether the database is read-only or a privilege is missing.
        """
        ...

    async def describe(self) -> Description:
        """Return the kind of this database, and what may be done with it. It tries and locks nothing, as `ready`."""
        ...

    async def counts(self) -> Counts:
        """Return how much this database holds, which takes a while where that is much."""
        ...

    def state(self) -> StoreState:
        """Return the state of the store at once, without asking the database."""
        ...


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """How to open a store; times are seconds."""

    pool_size: int = 5
    pool_timeout: float = 2.0
    connect_timeout: float = 5.0
    query_timeout: float = 10.0
    lock_timeout: float = 5.0
    statement_cache: bool | None = None
    """Whether to cache prepared statements; None leaves it to the backend."""
    schema: str | None = None
    """The PostgreSQL schema that holds the tables, if it is not on the search path."""
    allow_unknown_schema: bool = False
    audit_log: bool = False
    """Whether each write also adds a row to Airflow's table `log`."""
    create: bool = True
    """Whether the built-in database may be created and its catalogue loaded."""
    catalogue: tuple[CatalogueDag, ...] | None = None
    """The DAGs of the built-in database; None leaves those that it has."""


class OpenStore(Protocol):
    """The function that a backend registers for its URL schemes."""

    def __call__(self, url: str, options: StoreOptions) -> AbstractAsyncContextManager[Store]:
        """Connect and detect the layout of the tables; raises `ConfigurationError` or `Unavailable`."""
        ...
