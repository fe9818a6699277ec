"""The storage protocol: all that the service asks of a database, and what each answer promises.

A backend implements `Store` and `Batch`, and offers `open_store` through the entry point group
`dagrun_api.backends` under the URL schemes that it serves. Every method may raise `Unavailable`, and every one that
writes `OutcomeUnknown`, when it was not told how its commit ended.
The contract tests in `tests/contract` hold any implementation to this text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from dagrun_api.model import (
    AuditEntry,
    BatchProgress,
    Cancellation,
    CatalogueDag,
    Dag,
    DagRun,
    Description,
    PlannedRun,
    Prefix,
    RunFilter,
    SerializedDag,
    TargetDag,
)

__all__ = ["Batch", "OpenStore", "PoolUsage", "Store", "StoreOptions", "StoreState"]


class PoolUsage(NamedTuple):
    """How the connections of a store are used at one moment."""

    in_use: int
    idle: int
    """Open, and lent to nobody."""
    maximum: int
    waiting: int
    """Requests that have asked for a connection, or for their turn to write, and have not got it yet."""


class StoreState(NamedTuple):
    """What a store knows of itself without asking its database."""

    backend: str
    """The kind of database, such as `PostgreSQL`."""
    layout: str
    """Whose tables they are, as they were last seen, such as `Airflow 3 (tables as since 3.1.0)`."""
    pool: PoolUsage | None = None
    """None where there is no pool to tell of."""


class Batch(Protocol):
    """One transaction on one DAG, open for writing; nobody else creates runs of that DAG through us meanwhile."""

    @property
    def dag(self) -> TargetDag | None:
        """The DAG's row as this transaction sees it; None when it is not in the DagBag."""
        ...

    async def taken(self, dates: Sequence[datetime]) -> Mapping[datetime, str]:
        """Return, for those of these logical dates on which the DAG has a run, that run's id."""
        ...

    async def last_number(self, prefix: Prefix) -> int:
        """Return the highest number among the DAG's run ids `<prefix>_<number>_<date>`, 0 when there is none."""
        ...

    async def insert(self, runs: Sequence[PlannedRun], conf: Mapping[str, object], now: datetime) -> None:
        """Add all of these runs, ordered by logical date, in one statement.

        Raises `RunsTaken`, having to be rolled back, when another writer has taken a date or a run id.
        """
        ...

    async def audit(self, entry: AuditEntry) -> None:
        """Add a row to Airflow's own log in this transaction, where the option `audit_log` is on; else do nothing."""
        ...


class Store(Protocol):
    """A metadata database."""

    async def dags(self) -> list[Dag]:
        """Return every DAG in the DagBag (live, no sub-DAGs), ordered by `dag_id` (by code point)."""
        ...

    async def runs(self, wanted: RunFilter, *, after: int, limit: int) -> list[DagRun]:
        """Return at most `limit` of the wanted runs with an id above `after`, ordered by id."""
        ...

    async def runs_named(self, run_id: str, dag_id: str | None, *, limit: int) -> list[DagRun]:
        """Return the runs with this very run id (one for each DAG that has it), ordered by `dag_id`."""
        ...

    async def serialized_dag(self, dag_id: str) -> SerializedDag | None:
        """Return the newest serialized form of a DAG, unparsed; None when there is none."""
        ...

    def batch(self, dag_id: str) -> AbstractAsyncContextManager[Batch]:
        """Open a transaction on a DAG: leaving it normally commits, an exception rolls everything back.

        Waits a bounded time for other writers. Raises `WritesRefused` when this schema must not be written to.
        """
        ...

    async def latest_runs(self) -> list[DagRun]:
        """Return the run with the newest execution date of each live DAG that has runs, ordered by `dag_id`."""
        ...

    async def progress(self, prefix: Prefix, dag_id: str | None) -> list[BatchProgress]:
        """Return how far the runs `<prefix>_<number>_<date>` of each DAG (or of this one) are, ordered by `dag_id`."""
        ...

    async def cancel(
        self, prefix: Prefix, dag_id: str | None, now: datetime, entry: AuditEntry | None = None
    ) -> Cancellation:
        """End, as failed at `now`, those runs of a batch that have not started, in one transaction.

        A run that a scheduler holds at that moment is left to it. The entry goes into Airflow's log as by
        `Batch.audit`, with the counts of runs cancelled, started and ended, and with the DAG if the batch has just one,
        unless no run was cancelled. Raises `WritesRefused`.
        """
        ...

    async def set_paused(self, dag_id: str, paused: bool, entry: AuditEntry | None = None) -> bool:
        """Pause a live DAG or let it go on; return whether there is one. Raises `WritesRefused`.

        If there is, the entry goes into Airflow's log as by `Batch.audit`.
        """
        ...

    async def ready(self) -> None:
        """Return when the database answers and may be written to; else raise `Unavailable` or `WritesRefused`."""
        ...

    async def describe(self) -> Description:
        """Return what this database is, what may be done with it, and how much is in it."""
        ...

    def state(self) -> StoreState | None:
        """Return, at once and without asking the database, how the store is; None when it cannot tell.

        A store without this method works, too; nothing is then told of its connections.
        """
        return None


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """How to open a store; times are seconds."""

    pool_size: int = 5
    pool_timeout: float = 2.0
    connect_timeout: float = 5.0
    query_timeout: float = 10.0
    lock_timeout: float = 5.0
    statement_cache: bool = True
    schema: str | None = None
    """The PostgreSQL schema that holds the tables, where it is not on the search path."""
    allow_unknown_schema: bool = False
    audit_log: bool = False
    """Whether each write also adds a row to Airflow's own table `log`."""
    create: bool = True
    """Whether a database of our own may be created or brought up to date."""
    catalogue: tuple[CatalogueDag, ...] | None = None
    """The DAGs of a database of our own; None leaves those that it has."""


class OpenStore(Protocol):
    """What a backend registers for its URL schemes."""

    def __call__(self, url: str, options: StoreOptions) -> AbstractAsyncContextManager[Store]:
        """Connect and look at the schema; raises `ConfigurationError` or `Unavailable`."""
        ...
