"""What the client is warned about when they create runs: one function for each matter."""

from __future__ import annotations

from collections.abc import Iterator

from dagrun_api.model import RunType, TargetDag

__all__ = ["of_batch", "of_dag", "of_native_backfill"]

_USUAL_MAX_ACTIVE_RUNS = 16
"""What Airflow sets if nobody does."""

_EXAMINED_RUNS = 20
"""Running runs that the scheduler of 3.0 to 3.3 looks at in a round (`max_dagruns_per_loop_to_schedule`)."""

_NEARLY = 5
"""How far below that the number of running runs may be when the warning comes: it may rise."""


def of_dag(dag: TargetDag) -> Iterator[str]:
    """Yield what is special about a DAG that runs are created of."""
    if dag.is_paused:
        waits = "wait" if dag.is_queueing else "stay running without running a task"
        yield f"Dag id {dag.dag_id} is paused: its runs {waits} until it is unpaused."
    if dag.is_draining:
        yield (
            f"Dag id {dag.dag_id} is draining: Airflow executes these runs, but creates no scheduled ones until the "
            "DAG is unpaused."
        )
    if dag.is_asset_gated:
        yield (
            f"Dag id {dag.dag_id} also waits for assets: its schedule runs a tick only once they are updated. These "
            "runs do not wait."
        )
    if dag.has_import_errors:
        yield f"The file of dag id {dag.dag_id} has import errors: its runs may not be what you expect."


def of_batch(dag: TargetDag, count: int, run_type: RunType, *, catchup: bool, reason: str | None) -> Iterator[str]:
    """Yield what happens to a schedule beside this many ordinary runs.

    `catchup`: whether Airflow creates scheduled runs that it missed; `reason`: why they are not backfill runs although
    their Airflow has those.
    """
    if reason is not None:
        yield reason
    limit = dag.max_active_runs or _USUAL_MAX_ACTIVE_RUNS
    if not dag.is_queueing:
        if count > limit:
            yield (
                f"{count} runs are more than max_active_runs ({limit}, unless it was set): all of them are in the "
                "state running, Airflow works through them a few at a time, oldest first, and later scheduled runs "
                f"wait. {_instead(dag)}"
            )
        return
    if dag.max_active_runs is None:
        return
    passing = "created later" if catchup else "skipped for good, because catchup is off"
    if run_type is RunType.BACKFILL and count > limit:
        # Scheduled runs that wait count themselves. Only backfill runs do not.
        yield (
            f"{count} runs are more than max_active_runs ({limit}): Airflow works through them a few at a time. Until "
            f"then scheduled runs of this DAG wait behind them; once {limit} of those wait, further ticks are "
            f"{passing}. A run that is triggered now waits, too. {_instead(dag)}"
        )
    if run_type is RunType.MANUAL and count >= limit:
        # The scheduler counts manual runs, active and queued, before it creates the next scheduled one.
        yield (
            f"{count} runs reach max_active_runs ({limit}): Airflow works through them a few at a time, and creates no "
            f"scheduled run of this DAG until then: the ticks of that time are {passing}. A run that is triggered now "
            f"waits behind them. {_instead(dag)}"
        )


def of_native_backfill(
    dag: TargetDag, limit: int, *, is_paused: bool, running: int, moves_phase: bool
) -> Iterator[str]:
    """Yield what happens beside a native backfill; `running`: how many runs of all DAGs are running."""
    if dag.batch_run_type is RunType.BACKFILL:
        yield f"While this backfill is open, Airflow itself refuses to create another backfill of dag id {dag.dag_id}."
    if moves_phase:
        yield (
            f"The schedule of dag id {dag.dag_id} counts from its newest scheduled or backfill run: runs as new as "
            "these shift its ticks."
        )
    if is_paused:
        yield "The backfill of this batch is paused: its runs wait until it is continued."
    if dag.may_starve_backfills and running >= _EXAMINED_RUNS - _NEARLY:
        yield (
            f"{running} runs are running in this Airflow, whose scheduler looks at {_EXAMINED_RUNS} in a round and at "
            "those of backfills last: beside so many, this backfill may stand still. Set [scheduler] "
            "max_dagruns_per_loop_to_schedule above the number of runs that run at once, or create the batch with "
            "`dagrun-api create --feed`."
        )
    if dag.may_starve_backfills and limit >= _EXAMINED_RUNS:
        yield (
            f"The scheduler of this Airflow looks at {_EXAMINED_RUNS} running runs in a round: with max_active_runs "
            f"{limit}, other backfills may stand still beside this one. Send a lower one."
        )


def _instead(dag: TargetDag) -> str:
    if dag.has_backfills:
        return "Send max_active_runs to limit the batch, so that the schedule goes on beside it."
    return "`dagrun-api create --max-active-runs N` feeds a batch in, so that the schedule goes on beside it."
