"""What the runs of a batch are: manual runs, backfill runs, or those of a native backfill, which has its own limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from dagrun_api.airflow import backfill_rules, rules, warnings
from dagrun_api.batches.schedules import Schedule
from dagrun_api.model import Backfill, BatchRequest, LastRun, NativeBackfill, RunType, TargetDag
from dagrun_api.store import Store

__all__ = ["Kind"]


class Kind:
    """The kind of the runs that a request asks for.

    `is_single`: whether it asks for one manual run, which is no batch. Raises `InvalidRequest` for a native backfill
    that the DAG cannot have.
    """

    def __init__(self, request: BatchRequest, dag: TargetDag, schedule: Schedule, *, is_single: bool) -> None:
        self._request = request
        self._schedule = schedule
        self._is_single = is_single
        self._joins = request.max_active_runs is not None or not is_single
        self._last = LastRun()
        self._standing: Backfill | None = None
        self._running = 0
        self.native: NativeBackfill | None = None
        """The native backfill that the runs go into."""
        if request.max_active_runs is not None:
            backfill_rules.allow_native(dag)
            backfill_rules.allow_backwards(
                dag, run_backwards=request.run_backwards, depends_on_past=schedule.depends_on_past
            )
            rules.allow_run_type(dag, RunType.BACKFILL)

    async def look(self, store: Store, dag: TargetDag, last: LastRun) -> None:
        """Decide, without a lock, what the runs join, given the last run of their batch; raises `Conflict`."""
        self._last = last
        backfill_id = last.backfill_id
        if self._request.max_active_runs is not None and last.number > 0 and backfill_id is None:
            # The last run may be a single one beside a native backfill.
            backfill_id = await store.backfill_of(dag.dag_id, self._request.prefix)
        if backfill_id is not None and self._joins:
            self._standing = await store.backfill(backfill_id)
        # One of Airflow's own may have taken over runs of a batch, to run them again.
        joined = self._standing.id if self._standing is not None else None
        request = self._request
        if request.max_active_runs is not None:
            backfill_rules.allow_joining(request.prefix, last.number, joined)
            self.native = NativeBackfill(joined, request.max_active_runs, request.run_backwards)
        elif joined is not None:
            # A client can add to a batch without knowing that it is a native backfill.
            self.native = NativeBackfill(joined)
        if self.native is not None and dag.may_starve_backfills:
            self._running = await store.running_runs()

    def fits(self, last: LastRun) -> bool:
        """Tell whether what the runs join is still the same, given the last run of their batch as it is now."""
        if self._request.max_active_runs is not None and self._last.number == 0 and last.number > 0:
            return False
        return not self._joins or last.backfill_id == self._last.backfill_id

    def left_to_the_schedule(self, dag: TargetDag, date: datetime) -> str | None:
        """Return why the run of a date must be left to the schedule; None when it may be created."""
        if self.native is None:
            return None
        return backfill_rules.moved_schedule(dag, date, catchup=bool(self._schedule.catchup))

    def run_type(self, dag: TargetDag, dates: Sequence[datetime]) -> RunType:
        """Return the type of the runs on these dates; raises `InvalidRequest` when the DAG does not allow it."""
        chosen = RunType.MANUAL
        if self.native is not None:
            chosen = RunType.BACKFILL
        elif not self._is_single and self._reason(dag, dates) is None:
            chosen = dag.batch_run_type
        rules.allow_run_type(dag, chosen)
        return chosen

    def backfill(self, new_id: int | None = None, *, has_runs: bool = True) -> Backfill | None:
        """Return the native backfill as it is after the request; None for ordinary runs, and if none is created."""
        standing = self._standing or Backfill(0)
        if self.native is None or not (has_runs or self._standing):
            return None
        limit = self._request.max_active_runs or standing.max_active_runs
        return Backfill(new_id or self.native.id or 0, limit, self._is_paused, has_ended=False)

    @property
    def changes_limit(self) -> bool:
        """Whether a backfill that exists gets another limit, also if no runs are created."""
        wanted = self._request.max_active_runs
        return wanted is not None and self._standing is not None and wanted != self._standing.max_active_runs

    def warnings(self, dag: TargetDag, dates: Sequence[datetime]) -> Iterator[str]:
        """Yield what a client should know about runs of this kind on these dates."""
        yield from warnings.of_dag(dag)
        if self.native is not None and not dates:
            return
        if self.native is not None:
            standing = self.backfill()
            yield from warnings.of_native_backfill(
                dag,
                (standing.max_active_runs if standing is not None else None) or 0,
                is_paused=self._is_paused,
                running=self._running,
                moves_phase=self._moves_phase(dag, dates),
            )
        else:
            reason = None if self._is_single or not dates else self._reason(dag, dates)
            run_type = self.run_type(dag, dates)
            yield from warnings.of_batch(dag, len(dates), run_type, catchup=bool(self._schedule.catchup), reason=reason)

    @property
    def _is_paused(self) -> bool:
        standing = self._standing
        return standing is not None and bool(standing.is_paused) and not standing.has_ended

    def _reason(self, dag: TargetDag, dates: Sequence[datetime]) -> str | None:
        return backfill_rules.ordinary_reason(
            dag, dates, catchup=bool(self._schedule.catchup), moves_phase=self._moves_phase(dag, dates)
        )

    def _moves_phase(self, dag: TargetDag, dates: Sequence[datetime]) -> bool:
        following = self._schedule.timetable.following(max(dates)) if dates else None
        return backfill_rules.moves_phase(dag, following)
