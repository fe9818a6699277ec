"""What kind of runs a batch has, and which native backfills must not be created: one function for each rule.

Each was seen on real schedulers from 3.0.6 to 3.4.0b2.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dagrun_api.airflow.rules import allows, shown
from dagrun_api.errors import Conflict, InvalidRequest
from dagrun_api.model import Prefix, RunType, TargetDag

__all__ = ["allow_backwards", "allow_joining", "allow_native", "moved_schedule", "moves_phase", "ordinary_reason"]


def allow_native(dag: TargetDag) -> None:
    """Refuse a limit where there are no native backfills."""
    if not dag.has_backfills:
        raise InvalidRequest(
            "max_active_runs needs the backfills of Airflow 3, and this Airflow has none: leave it out, or let "
            "`dagrun-api create --max-active-runs N` or Client.backfill(max_active_runs=N) feed the runs in, a few at "
            "a time."
        )


def allow_backwards(dag: TargetDag, *, run_backwards: bool, depends_on_past: bool) -> None:
    """Refuse the newest run first where a task waits for the run before it, as Airflow itself does."""
    if run_backwards and depends_on_past:
        raise InvalidRequest(
            f"Dag id {dag.dag_id} has tasks that depend on the past, so its newest run cannot be the first: leave "
            "run_backwards out."
        )


def allow_joining(prefix: Prefix, number: int, backfill_id: int | None) -> None:
    """Refuse to make a batch with ordinary runs a native backfill: its limit would hold for a part of them."""
    if number > 0 and backfill_id is None:
        raise Conflict(
            f"The runs with the prefix {prefix} are ordinary ones, which a backfill cannot take in: choose another "
            "prefix, or leave max_active_runs out."
        )


def moved_schedule(dag: TargetDag, date: datetime, *, catchup: bool) -> str | None:
    """Return why a date is left to the schedule; None when a backfill run may take it.

    With catchup, Airflow 3 computes the next scheduled date from the newest scheduled or backfill run: the dates in
    between would never get a run.
    """
    if not catchup or dag.next_dagrun is None or date < dag.next_dagrun:
        return None
    return (
        f"{shown(date)} and later dates are left to the schedule of dag id {dag.dag_id}, which is at "
        f"{shown(dag.next_dagrun)} and catches up: Airflow would skip the dates before a backfill run."
    )


def moves_phase(dag: TargetDag, following: datetime | None) -> bool:
    """Return whether backfill runs shift the ticks of a schedule that counts from run to run (a timedelta).

    `following`: the date after the newest of the runs. Airflow 3 computes the next scheduled date from the newest
    scheduled or backfill run, also without catchup.
    """
    return following is not None and dag.next_dagrun is not None and following > dag.next_dagrun


def ordinary_reason(dag: TargetDag, dates: Sequence[datetime], *, catchup: bool, moves_phase: bool) -> str | None:
    """Return why the runs of a batch are manual ones where they would be backfill runs; None if nothing is in the way.

    Backfill runs do not count when Airflow 3 decides whether to create a scheduled run.
    """
    if dag.batch_run_type is not RunType.BACKFILL:
        return None
    if not allows(dag, RunType.BACKFILL):
        return f"Dag id {dag.dag_id} does not allow backfill runs, so these are manual ones."
    if any(moved_schedule(dag, date, catchup=catchup) for date in dates):
        return (
            f"These are manual runs: dag id {dag.dag_id} catches up, and after backfill runs on dates from "
            f"{shown(dag.next_dagrun or dates[-1])} on, Airflow would skip the dates before them."
        )
    if moves_phase:
        return (
            f"These are manual runs: the schedule of dag id {dag.dag_id} counts from its newest run, and backfill runs "
            "as new as these would shift its ticks."
        )
    return None
