"""Who writes what, and what a store knows about its database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from dagrun_api.model.runs import Prefix

__all__ = [
    "LACKS_PRIVILEGE",
    "NOBODY",
    "About",
    "Actor",
    "AuditEntry",
    "CatalogueDag",
    "Counts",
    "Description",
    "Write",
]

LACKS_PRIVILEGE = "The database user of this service lacks a privilege; `dagrun-api check` names it."


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asked for a write, and in which request; a field that is not known is None."""

    token: str | None = None
    """The name of the token, never the token."""
    request_id: str | None = None
    remote: str | None = None
    """The address that the request came from."""


NOBODY = Actor()


class Write(Enum):
    """The kinds of writes."""

    CREATE = "create"
    CANCEL = "cancel"
    RETRY = "retry"
    """Putting failed runs back into the queue."""
    PAUSE = "pause"
    UNPAUSE = "unpause"
    CREATE_BACKFILL = "create backfill"
    """Creating runs that belong to a native backfill."""
    CANCEL_BACKFILL = "cancel backfill"
    PAUSE_BACKFILL = "pause backfill"
    UNPAUSE_BACKFILL = "unpause backfill"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One write, as Airflow's own log records it."""

    at: datetime
    write: Write
    actor: Actor
    dag_id: str | None
    """None means every DAG that has such runs."""
    prefix: Prefix | None = None
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many runs were created, cancelled and so on."""
    backfill_ids: tuple[int, ...] = ()
    """The native backfills that it concerns."""


@dataclass(frozen=True, slots=True)
class CatalogueDag:
    """A DAG of the catalogue that fills the built-in database."""

    dag_id: str
    full_path: str
    paused: bool
    serialized: str
    """JSON of the same shape as `serialized_dag.data` in an Airflow database."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a store knows about its database."""

    backend: str
    generation: str
    airflow: str | None
    """The release of Airflow as far as its tables tell, such as 3.1, or 3; None for the built-in database."""
    head: str | None
    """The `alembic_version` of an Airflow database."""
    writable: bool
    refusal: str | None
    """Why nothing may be written; None when writing is allowed."""
    missing: tuple[str, ...] = ()
    """Privileges that the database user lacks."""
    native_backfills: bool = False
    """Whether this Airflow has backfills of its own: batches that do not hold back the schedule."""
    backfill_missing: tuple[str, ...] = ()
    """Privileges that the database user lacks for them, and for nothing else."""
    retry_missing: tuple[str, ...] = ()
    """Privileges that it lacks to put failed runs back into the queue, and for nothing else."""

    @property
    def obstacle(self) -> str | None:
        """Why no run could be created now, as a sentence; None when nothing speaks against it."""
        return self.refusal or (LACKS_PRIVILEGE if self.missing else None)

    @property
    def can_backfill(self) -> bool:
        """Whether native backfills are possible."""
        return self.native_backfills and not self.backfill_missing


class Counts(NamedTuple):
    """How much a database holds."""

    dags: int
    """Those in the DagBag."""
    runs: int


@dataclass(frozen=True, slots=True)
class About:
    """What a client may ask of this installation."""

    version: str
    """That of dagrun-api."""
    backend: str
    airflow: str | None
    head: str | None
    reason: str | None
    """Why no run could be created now; None when it could."""
    native_backfills: bool
    retries: str
    """Who retries runs that have failed: `airflow`, `database`, or `none`."""

    @property
    def writable(self) -> bool:
        """Whether runs could be created now."""
        return self.reason is None
