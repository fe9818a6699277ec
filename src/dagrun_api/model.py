"""The values that pass between the layers: frozen, and every time an aware UTC datetime.

What a list has hundreds of is a named tuple: made in a fifth of the time of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple, NewType

__all__ = [
    "DEFAULT_PREFIX",
    "MAX_BATCH",
    "MAX_PAGE",
    "NOBODY",
    "STATES",
    "Actor",
    "AuditEntry",
    "BatchProgress",
    "BatchRequest",
    "BatchResult",
    "Cancellation",
    "CatalogueDag",
    "Dag",
    "DagRun",
    "Description",
    "Page",
    "PlannedRun",
    "Prefix",
    "RunFilter",
    "RunToCreate",
    "SerializedDag",
    "TargetDag",
    "Write",
]

Prefix = NewType("Prefix", str)
"""The name of a batch, without the underscore that joins it to a number; `airflow.run_ids.canonical` makes it."""

DEFAULT_PREFIX = Prefix("manual")
"""The prefix of a batch that the client gives no name."""

MAX_BATCH = 500
"""Runs that one call may create."""

MAX_PAGE = 100
"""Runs that one page of a list may hold."""


STATES = ("queued", "running", "success", "failed")
"""The states a run can be in (Airflow 2.1 and later; before that, no run is queued)."""


class Dag(NamedTuple):
    """A DAG in the DagBag, as a list shows it."""

    dag_id: str
    full_path: str | None
    is_paused: bool
    last_execution: datetime | None
    """The newest execution (logical) date of its runs."""


class DagRun(NamedTuple):
    """A run as a list shows it; others write rows, too, and Airflow before 2.2 lets all but the id be absent."""

    id: int
    dag_id: str | None
    run_id: str | None
    state: str | None
    execution_date: datetime | None
    start_date: datetime | None
    end_date: datetime | None
    external_trigger: bool


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to list; None means any."""

    dag_id: str | None = None
    state: str | None = None
    external_trigger: bool | None = None
    prefix: str | None = None
    """What the run id starts with, literally."""

    def chosen(self) -> dict[str, object]:
        """Return the conditions that are set, by name."""
        conditions = {
            "dag_id": self.dag_id,
            "state": self.state,
            "external_trigger": self.external_trigger,
            "prefix": self.prefix,
        }
        return {name: value for name, value in conditions.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Page:
    """Consecutive runs by id; `last_id` is where the next page starts after, None when there is none."""

    runs: list[DagRun]
    last_id: int | None


@dataclass(frozen=True, slots=True)
class TargetDag:
    """A live DAG as its row stands while a batch holds it, with what decides whether it may be written to."""

    dag_id: str
    is_paused: bool = False
    has_import_errors: bool = False
    max_active_runs: int | None = None
    is_partitioned: bool = False
    allowed_run_types: tuple[str, ...] | None = None
    """The run types that Airflow 3.2+ lets be created; None where it does not say."""
    serialized_key: str | None = None
    """Names the serialized form that is current; changes whenever that does. None: there is no such form."""
    is_queueing: bool = True
    """Whether runs begin queued (Airflow 2.1+) and not running."""
    retries_stalled: bool = False
    """Whether its schedule goes on where a change of the clock makes data intervals stand still (Airflow 3.3)."""
    is_overtaken_never: bool = False
    """Whether no run may stand ahead of the DAG's own schedule (Airflow 1.10)."""
    last_scheduled: datetime | None = None
    """Where that schedule stands: the newest date for which Airflow 1.10 made a run itself."""
    next_scheduled: datetime | None = None
    """The date that its scheduler may be creating at this moment, where no lock keeps it from that."""


@dataclass(frozen=True, slots=True)
class SerializedDag:
    """A DAG in the form in which Airflow stores it, still as text: it is untrusted and may be megabytes."""

    key: str
    data: str | bytes | None
    compressed: bytes | None = None


class PlannedRun(NamedTuple):
    """A run to be created."""

    run_id: str
    logical_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_after: datetime
    conf: Mapping[str, object] | None = None
    """Its own conf, complete; None: that of the batch."""


@dataclass(frozen=True, slots=True)
class RunToCreate:
    """One run of an explicit list; its conf goes over the common one."""

    execution_date: datetime
    conf: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What a client asks to be created: one run for each tick between two instants, both inclusive.

    An absent instant means now; both absent mean a manual run at this moment. An explicit list of runs stands instead
    of a window.
    """

    dag_id: str
    prefix: Prefix = DEFAULT_PREFIX
    start_date: datetime | None = None
    end_date: datetime | None = None
    limit: int = MAX_BATCH
    partial: bool = False
    conf: Mapping[str, object] = field(default_factory=dict[str, object])
    dry_run: bool = False
    runs: tuple[RunToCreate, ...] | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of it."""

    runs: list[PlannedRun]
    """The runs created, in order of their numbers."""
    skipped: int
    """Ticks that already had a run."""
    skipped_run_ids: list[str]
    """Those runs; the first 500."""
    truncated: bool
    """Whether ticks were left out because the limit was reached."""
    warnings: list[str]

    @property
    def run_ids(self) -> list[str]:
        """The ids of the runs created."""
        return [run.run_id for run in self.runs]


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch has come in one DAG (or, with no DAG, in all of them)."""

    dag_id: str | None
    states: Mapping[str, int]
    """How many runs are in each state."""
    first_execution: datetime | None
    last_execution: datetime | None

    @property
    def total(self) -> int:
        """How many runs there are."""
        return sum(self.states.values())

    @property
    def ended(self) -> int:
        """How many have ended, well or not."""
        return self.states.get("success", 0) + self.states.get("failed", 0)

    @property
    def percent_done(self) -> float:
        """How many of a hundred have ended, to one decimal and never rounded up to all."""
        return int(1000 * self.ended / self.total) / 10 if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What became of the runs of a batch that was cancelled."""

    run_ids: list[str]
    """Those that had not started, which are ended now, as failed."""
    started: int
    """Those that had, or that Airflow was about to start: left alone."""
    ended: int
    """Those that had ended before."""

    @property
    def counts(self) -> dict[str, int]:
        """How many there were of each."""
        return {"cancelled": len(self.run_ids), "started": self.started, "ended": self.ended}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asked for a write, and in which request; None where it is not known."""

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
    PAUSE = "pause"
    UNPAUSE = "unpause"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One write, as Airflow's own log is to tell of it."""

    at: datetime
    write: Write
    actor: Actor
    dag_id: str | None
    """None: each DAG that had such runs."""
    prefix: Prefix | None = None
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many runs were created, cancelled and so on."""


@dataclass(frozen=True, slots=True)
class CatalogueDag:
    """A DAG of the catalogue that fills a database of our own."""

    dag_id: str
    full_path: str
    paused: bool
    serialized: str
    """JSON of the same shape as `serialized_dag.data` in an Airflow database."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a store found out about its database."""

    backend: str
    generation: str
    head: str | None
    """The `alembic_version` of an Airflow database."""
    writable: bool
    refusal: str | None
    """Why nothing may be written; None when it may."""
    dags: int
    runs: int
    missing: tuple[str, ...] = ()
    """Privileges that the database user lacks."""
