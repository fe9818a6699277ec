"""A batch: what is asked for, the DAG that it is for, what is planned, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from dagrun_api.model.runs import DEFAULT_PREFIX, Prefix

__all__ = [
    "MAX_ACTIVE_RUNS",
    "MAX_BATCH",
    "Backfill",
    "BatchProgress",
    "BatchRequest",
    "BatchResult",
    "Cancellation",
    "CancelledRun",
    "LastRun",
    "NativeBackfill",
    "PlannedRun",
    "RunToCreate",
    "RunType",
    "SerializedDag",
    "TargetDag",
    "TickRules",
]

MAX_BATCH = 500
"""Runs that one call may create."""

MAX_ACTIVE_RUNS = 1000
"""The highest limit that a native backfill may have."""


class RunType(Enum):
    """What a new run is to Airflow."""

    MANUAL = "manual"
    BACKFILL = "backfill"
    """Does not count when Airflow 3 decides whether to create a scheduled run; before Airflow 3 it never starts."""


class TickRules(Enum):
    """How an Airflow release lists the ticks of a cron where the clock changes."""

    BEFORE_3_3 = "before 3.3"
    SINCE_3_3 = "since 3.3"
    """Data intervals that a clock change brings to a stand go on one tick further."""
    SINCE_3_4 = "since 3.4"
    """Besides, the tick before an instant is always earlier than it, also if the clock skips that tick."""


@dataclass(frozen=True, slots=True)
class TargetDag:
    """A live DAG, with everything that decides which runs may be created."""

    dag_id: str
    is_paused: bool = False
    is_draining: bool = False
    has_import_errors: bool = False
    max_active_runs: int | None = None
    batch_run_type: RunType = RunType.MANUAL
    """What the runs of a batch are, if nothing speaks against it: backfill runs since Airflow 3."""
    has_backfills: bool = False
    """Whether there are native backfills, which have a limit of their own (Airflow 3 and the built-in database)."""
    may_starve_backfills: bool = False
    """Whether its release may never look at the runs of a backfill beside many others (Airflow 3.0 to 3.3)."""
    next_dagrun: datetime | None = None
    """The logical date of the next scheduled run, where backfill runs can move it (Airflow 3)."""
    is_asset_gated: bool = False
    """Whether its scheduled runs also wait for assets (Airflow 3.4)."""
    is_partitioned: bool = False
    allowed_run_types: tuple[str, ...] | None = None
    """The run types that Airflow 3.2 and later allow for this DAG; None means any."""
    serialized_key: str | None = None
    """The key of the current serialized form, which changes whenever the form does; None: there is no form."""
    is_queueing: bool = True
    """Whether a new run is queued (Airflow 2.1 and later) and not running."""
    tick_rules: TickRules = TickRules.BEFORE_3_3
    """How the release whose tables these are lists the ticks of its schedule."""
    is_overtaken_never: bool = False
    """Whether no run may be ahead of the DAG's own schedule (Airflow 1.10)."""
    last_scheduled: datetime | None = None
    """The newest date for which Airflow 1.10 created a run itself: how far the schedule has come."""
    next_scheduled: datetime | None = None
    """The date whose run a scheduler may be creating at this moment, where no lock prevents that (SQLite)."""


@dataclass(frozen=True, slots=True)
class SerializedDag:
    """A DAG as Airflow serialized it, not parsed: the text is untrusted and may be megabytes long."""

    key: str
    data: str | bytes | None
    compressed: bytes | None = None


class PlannedRun(NamedTuple):
    """A run that a plan creates."""

    run_id: str
    logical_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_after: datetime
    conf: Mapping[str, object] | None = None
    """The whole conf of this run; None means that of the batch."""


class LastRun(NamedTuple):
    """The run of a batch with the highest number."""

    number: int = 0
    """0: the batch has no runs."""
    backfill_id: int | None = None
    """The native backfill that the run belongs to."""


@dataclass(frozen=True, slots=True)
class NativeBackfill:
    """The native backfill that new runs go into: one of Airflow's own, whose page and API show, pause and cancel it."""

    id: int | None = None
    """The backfill to join, which is reopened if it has ended; None creates one."""
    max_active_runs: int | None = None
    """How many of its runs may be active at once, those that it already has included; None keeps what it has."""
    run_backwards: bool = False
    """Whether the newest run starts first."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """A native backfill; None where the database user may not read the table."""

    id: int
    max_active_runs: int | None = None
    is_paused: bool | None = None
    has_ended: bool | None = None


@dataclass(frozen=True, slots=True)
class RunToCreate:
    """One run of an explicit list; its conf is merged over the common one."""

    execution_date: datetime
    conf: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What a client wants to be created: one run for each tick between two instants, both inclusive.

    An absent instant means now; if both are absent, it is a manual run at this moment. An explicit list of runs takes
    the place of a window.
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
    max_active_runs: int | None = None
    """How many runs of the batch may be active at once, which makes it a native backfill; None sets no limit."""
    run_backwards: bool = False
    """Whether the newest run starts first, which only a native backfill can do."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The outcome of a request to create runs."""

    runs: list[PlannedRun]
    """The runs created, in order of their numbers."""
    skipped: int
    """Dates that already had a run."""
    skipped_run_ids: list[str]
    """Those runs; the first 500."""
    truncated: bool
    """Whether ticks were left out because the limit was reached."""
    warnings: list[str]
    run_type: RunType = RunType.MANUAL
    backfill: Backfill | None = None
    """The native backfill that the runs belong to; its id is 0 if it would be a new one (dry run)."""

    @property
    def run_ids(self) -> list[str]:
        """The ids of the runs created."""
        return [run.run_id for run in self.runs]

    @property
    def backfill_id(self) -> int | None:
        """The id of the native backfill; None for ordinary runs, and for a backfill that would be new."""
        return (self.backfill.id or None) if self.backfill is not None else None

    @property
    def max_active_runs(self) -> int | None:
        """The limit of the native backfill."""
        return self.backfill.max_active_runs if self.backfill is not None else None


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """The progress of a batch in one DAG; without a DAG, in all of them."""

    dag_id: str | None
    states: Mapping[str, int]
    """How many runs are in each state."""
    first_execution: datetime | None
    last_execution: datetime | None
    backfill: Backfill | None = None
    """The native backfill that its runs belong to; None for ordinary runs, and in the sum over several DAGs."""
    cancelled: int = 0
    """Failed runs that never started."""
    first_queued: datetime | None = None
    """When the first of its runs was put into the queue; None before Airflow 2.1."""
    last_ended: datetime | None = None
    """When the last of those that have ended did so."""

    @property
    def backfill_id(self) -> int | None:
        """The id of the native backfill."""
        return self.backfill.id if self.backfill is not None else None

    @property
    def max_active_runs(self) -> int | None:
        """The limit of the native backfill."""
        return self.backfill.max_active_runs if self.backfill is not None else None

    @property
    def is_paused(self) -> bool | None:
        """Whether the native backfill is paused."""
        return self.backfill.is_paused if self.backfill is not None else None

    @property
    def total(self) -> int:
        """How many runs there are."""
        return sum(self.states.values())

    @property
    def ended(self) -> int:
        """How many have ended, with success or not."""
        return self.states.get("success", 0) + self.states.get("failed", 0)

    @property
    def percent_done(self) -> float:
        """The percentage that has ended, to one decimal; 100 only when every run has."""
        return int(1000 * self.ended / self.total) / 10 if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What became of the runs of a cancelled batch."""

    cancelled: int
    """How many had not started; they have ended now, as failed."""
    started: int
    """How many had started, or were about to start; they are left alone."""
    ended: int
    """How many had already ended."""
    truncated: bool
    """Whether the time ran out before every run was looked at; the others count as started."""
    run_ids: list[str]
    """The runs that were cancelled, the first 500 of them."""

    @property
    def counts(self) -> dict[str, int]:
        """The number of each kind, by name."""
        return {"cancelled": self.cancelled, "started": self.started, "ended": self.ended}


class CancelledRun(NamedTuple):
    """A run that had not started, and has ended now."""

    dag_id: str
    run_id: str
