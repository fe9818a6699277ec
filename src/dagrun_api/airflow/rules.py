"""Which runs must not be created, and what the client is warned about: one function for each rule, with its reason.

Each was seen on real schedulers from 1.10.15 to 3.4.0b2. The rules for run ids are in `run_ids`, those for the columns
of a run in `rows`.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from dagrun_api.errors import InvalidRequest
from dagrun_api.model import RunType, TargetDag

__all__ = [
    "ahead",
    "allow_dag",
    "allow_logical_date",
    "allow_run_type",
    "allow_serialized",
    "allow_unpartitioned",
    "allow_window",
    "allows",
    "is_day_of",
    "may_be_ahead",
    "shown",
]


def allow_dag(dag: TargetDag) -> None:
    """Raise `InvalidRequest` when runs of this DAG must not be created, whatever their dates and their type."""
    allow_serialized(dag)
    allow_unpartitioned(dag)


def allow_serialized(dag: TargetDag) -> None:
    """Refuse a DAG that Airflow has not serialized.

    Its runs stay queued and starve those of every other DAG (2.3 to 3.3): the scheduler takes queued runs in a fixed
    order, twenty at a time, and leaves those that it cannot load at the head of the queue.
    """
    if dag.serialized_key is None:
        raise InvalidRequest(
            f"Dag id {dag.dag_id} has no serialized form, and Airflow cannot run it without one: let Airflow parse it "
            "first."
        )


def allow_unpartitioned(dag: TargetDag) -> None:
    """Refuse a partitioned DAG (3.2 and later): its runs have a partition key and no logical date."""
    if dag.is_partitioned:
        raise InvalidRequest(f"Dag id {dag.dag_id} is partitioned: its runs stand for partition keys, not for dates.")


def allows(dag: TargetDag, run_type: RunType) -> bool:
    """Return whether a DAG allows runs of a type (3.2 and later)."""
    return dag.allowed_run_types is None or run_type.value in dag.allowed_run_types


def allow_run_type(dag: TargetDag, run_type: RunType) -> None:
    """Refuse runs of a type that the DAG does not allow (3.2+): Airflow's API refuses them, its scheduler does not."""
    if not allows(dag, run_type):
        allowed = ", ".join(dag.allowed_run_types or ()) or "none"
        raise InvalidRequest(f"Dag id {dag.dag_id} allows no {run_type.value} runs, only: {allowed}.")


def allow_window(start: datetime, end: datetime, first: datetime | None, last: datetime | None) -> None:
    """Refuse a window that reaches beyond the dates for which the DAG has tasks to run.

    For a date outside of them, every Airflow ends the run as a success without running a task.
    """
    if first is not None and start < first:
        raise InvalidRequest(
            f"{shown(start)} is before the start_date of the DAG, {shown(first)}, where Airflow would run no task: "
            "send a later start_date."
        )
    if last is not None and end > last and not is_day_of(end, last):
        raise InvalidRequest(
            f"{shown(end)} is after the end_date of the DAG, {shown(last)}, where Airflow would run no task: send an "
            "earlier end_date."
        )


def is_day_of(end: datetime, last: datetime) -> bool:
    """Return whether a window ends with the day on which a DAG ends, as one with an end date without a time does."""
    begin = end - timedelta(days=1) + timedelta(microseconds=1)
    return begin.time() == time.min and begin <= last <= end


def allow_logical_date(date: datetime, run_after: datetime, first: datetime | None) -> None:
    """Refuse a logical date before the first one of the DAG, for the same reason.

    The logical dates of a trigger with an interval lie before its ticks, so checking the window is not enough.
    """
    if first is not None and date < first:
        raise InvalidRequest(
            f"The run of {shown(run_after)} has the logical date {shown(date)}, before the start_date of the DAG, "
            f"{shown(first)}: send a later start_date."
        )


def may_be_ahead(dag: TargetDag) -> bool:
    """Return whether a tick of this DAG may have to be left to the scheduler."""
    return dag.is_overtaken_never or dag.next_scheduled is not None


def ahead(dag: TargetDag, date: datetime) -> str | None:
    """Return why a tick must be left to the scheduler; None when it may be taken."""
    return _ahead_of_airflow_1(dag, date) or _beside_an_unlocked_scheduler(dag, date)


def _ahead_of_airflow_1(dag: TargetDag, date: datetime) -> str | None:
    """Return why Airflow 1.10 must create the run of this date itself: its scheduler has not reached the date.

    That scheduler computes its next date from the runs that it created itself. If another run stands on that date, its
    INSERT fails each time it parses the file, and no DAG of the file is ever scheduled again.
    """
    if not dag.is_overtaken_never or (dag.last_scheduled is not None and date <= dag.last_scheduled):
        return None
    reached = "has not begun" if dag.last_scheduled is None else f"has reached {shown(dag.last_scheduled)}"
    return (
        f"{shown(date)} is ahead of the schedule of dag id {dag.dag_id}, which {reached}: a run there would stop the "
        "scheduler of Airflow 1.10 for good. Send an earlier end_date."
    )


def _beside_an_unlocked_scheduler(dag: TargetDag, date: datetime) -> str | None:
    """Return why a date is left to a scheduler that may be creating its run now, where no row can be locked (SQLite).

    The scheduler looks for a run on that date and inserts its own a moment later. A run that is committed in between
    ends the scheduler's process (seen with Airflow 3.3.2). On PostgreSQL, the locked row of the DAG prevents it.
    """
    if dag.next_scheduled is None or date < dag.next_scheduled:
        return None
    return (
        f"{shown(date)} is due, and the scheduler may be creating its run of dag id {dag.dag_id} at this moment, which "
        "nothing can prevent on SQLite: leave it to the schedule, or pause the DAG first."
    )


def shown(instant: datetime) -> str:
    """Return an instant (UTC) as a sentence quotes it."""
    return f"{instant.replace(tzinfo=None).isoformat()}Z"
