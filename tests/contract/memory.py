"""The reference model of a store: the contract in memory, as plainly as possible."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from dagrun_api.airflow.pages import Pages
from dagrun_api.airflow.schedule_text import of_form
from dagrun_api.errors import RunsTaken
from dagrun_api.model import (
    AuditEntry,
    Backfill,
    BatchKey,
    BatchPage,
    BatchProgress,
    CancelledRun,
    Counts,
    Dag,
    DagRecord,
    DagRun,
    Description,
    FailedRun,
    LastRun,
    ListedBatch,
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
from dagrun_api.store import Batch, Store, StoreState

__all__ = ["MemoryStore", "StoredDag"]


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NUMBERED = re.compile(
    r"(?P<prefix>.*)_(?P<number>[0-9]{7,18})_[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?",
    re.DOTALL,
)


@dataclass
class StoredDag:
    """A DAG with its serialized form."""

    dag_id: str
    full_path: str | None = None
    is_live: bool = True
    is_paused: bool = False
    has_import_errors: bool = False
    max_active_runs: int | None = None
    serialized: str | None = None
    more: DagRecord = field(default_factory=lambda: DagRecord(""))
    """What else its row says."""


class MemoryStore(Store):
    """A metadata database that is a dict and a list."""

    def __init__(self, state_at_birth: str = "queued") -> None:
        self.state_at_birth = state_at_birth
        self.batch_run_type = RunType.MANUAL
        """What the runs of an ordinary batch are."""
        self.has_backfills = True
        """Whether there are native backfills."""
        self.has_tasks = False
        """Whether it keeps task instances, as databases of Airflow do."""
        self.started: set[int] = set()
        """The ids of runs that have started; where it keeps task instances, they have one."""
        self.stored_dags: dict[str, StoredDag] = {}
        self.stored_runs: list[DagRun] = []
        self.backfills: dict[int, Backfill] = {}
        """The native backfills by their ids."""
        self.backfilled: dict[tuple[str | None, str | None], int] = {}
        """DAG and run id -> the native backfill of the run."""
        self.details: dict[int, dict[str, Any]] = {}
        """Id of a run -> the fields that only `RunDetail` has."""
        self.pages: Pages | None = None
        """Where the pages of its Airflow would be."""
        self.queued: dict[int, datetime] = {}
        """Id of a run -> when it was put into the queue."""
        self.audited: list[AuditEntry] = []
        """The entries that a database of Airflow would have in its log."""
        self.description = Description("memory", "standalone", None, None, True, None)
        self._last_id = 0
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def add(self, run: DagRun) -> DagRun:
        """Add a run and give it an id; raises `RunsTaken` as a unique index would."""
        for other in self.stored_runs:
            same_date = run.execution_date is not None and run.execution_date == other.execution_date
            if run.dag_id == other.dag_id and (same_date or run.run_id == other.run_id):
                raise RunsTaken("There is a run of this date or this id.")
        self._last_id += 1
        run = DagRun(
            self._last_id,
            run.dag_id,
            run.run_id,
            run.state,
            run.execution_date,
            run.start_date,
            run.end_date,
            run.external_trigger,
        )
        self.stored_runs.append(run)
        return run

    async def dags(self) -> list[Dag]:
        return [
            Dag(
                dag.dag_id,
                dag.full_path,
                dag.is_paused,
                False,
                self._last_execution(dag.dag_id),
                _schedule(dag),
                dag.more.next_run_after,
            )
            for dag in sorted(self.stored_dags.values(), key=lambda dag: dag.dag_id)
            if dag.is_live
        ]

    async def dag(self, dag_id: str) -> DagRecord | None:
        found = [dag for dag in await self.dags() if dag.dag_id == dag_id]
        if not found:
            return None
        stored = self.stored_dags[dag_id]
        active = [run for run in self.stored_runs if run.dag_id == dag_id and run.state in ("queued", "running")]
        return replace(
            stored.more,
            **found[0]._asdict(),
            max_active_runs=stored.max_active_runs,
            active_runs=len(active),
            has_import_errors=stored.has_import_errors,
            serialized_key=_key(stored.serialized) if stored.serialized is not None else None,
        )

    async def runs(self, wanted: RunFilter, *, after: int, limit: int, newest_first: bool = False) -> list[DagRun]:
        found = [run for run in self.stored_runs if _fits(run, wanted)]
        if newest_first:
            return [run for run in reversed(found) if run.id < after][:limit]
        return [run for run in found if run.id > after][:limit]

    async def runs_named(self, run_id: str, dag_id: str | None, *, limit: int) -> list[RunDetail]:
        found = [run for run in self.stored_runs if run.run_id == run_id and dag_id in (None, run.dag_id)]
        return [
            RunDetail(**run._asdict(), queued_at=self.queued.get(run.id), **self.details.get(run.id, {}))
            for run in sorted(found, key=lambda run: str(run.dag_id))[:limit]
        ]

    async def serialized_dag(self, dag_id: str) -> SerializedDag | None:
        dag = self.stored_dags.get(dag_id)
        if dag is None or dag.serialized is None:
            return None
        return SerializedDag(_key(dag.serialized), dag.serialized)

    def require_writable(self) -> None:
        return

    async def target_dag(self, dag_id: str) -> TargetDag | None:
        return _MemoryBatch(self, dag_id).dag

    async def taken(self, dag_id: str, dates: Sequence[datetime]) -> Mapping[datetime, str]:
        return await _MemoryBatch(self, dag_id).taken(dates)

    async def runs_on(self, dag_id: str, dates: Sequence[datetime]) -> Mapping[datetime, DagRun]:
        runs = {run.execution_date: run for run in self.stored_runs if run.dag_id == dag_id}
        return {date: runs[date] for date in dates if date in runs}

    async def last_run(self, dag_id: str, prefix: Prefix) -> LastRun:
        return await _MemoryBatch(self, dag_id).last_run(prefix)

    async def backfill_of(self, dag_id: str, prefix: Prefix) -> int | None:
        runs = [run for run in self.stored_runs if run.dag_id == dag_id and _number(str(run.run_id), prefix)]
        return self._newest_backfill(runs)

    async def backfill(self, backfill_id: int) -> Backfill | None:
        return self.backfills.get(backfill_id)

    async def running_runs(self) -> int:
        return sum(run.state == "running" for run in self.stored_runs)

    @asynccontextmanager
    async def turn(self, dag_id: str) -> AsyncGenerator[bool]:
        has_to_wait = self._turns[dag_id].locked()
        async with self._turns[dag_id]:
            yield has_to_wait

    @asynccontextmanager
    async def batch(self, dag_id: str) -> AsyncGenerator[Batch]:
        async with self._locks[dag_id]:
            before = list(self.stored_runs), dict(self.backfills), dict(self.backfilled), list(self.audited)
            try:
                yield _MemoryBatch(self, dag_id)
            except BaseException:
                self.stored_runs, self.backfills, self.backfilled, self.audited = before
                raise

    async def latest_runs(self) -> list[DagRun]:
        latest: list[DagRun] = []
        for dag in await self.dags():
            runs = [run for run in self.stored_runs if run.dag_id == dag.dag_id]
            dated = [run for run in runs if run.execution_date is not None]
            latest += sorted(dated, key=lambda run: run.execution_date or EPOCH)[-1:] or runs[-1:]
        return latest

    async def batches(self, dag_id: str | None, *, start: int, limit: int) -> BatchPage:
        last: dict[BatchKey, DagRun] = {}
        for run in sorted(self.stored_runs, key=lambda run: str(run.run_id)):
            found = _NUMBERED.fullmatch(str(run.run_id))
            if found is None or not found["prefix"] or str(run.run_id).startswith("scheduled__"):
                continue
            if run.dag_id is not None and dag_id in (None, run.dag_id):
                last[BatchKey(run.dag_id, Prefix(found["prefix"]))] = run
        below = sorted((run.id, key) for key, run in last.items() if run.id < start)[::-1]
        listed = [
            ListedBatch(key.prefix, part)
            for _, key in below[:limit]
            for part in await self.progress(key.prefix, key.dag_id)
        ]
        return BatchPage(listed, below[limit - 1][0] if len(below) > limit else None)

    async def progress(self, prefix: Prefix, dag_id: str | None) -> list[BatchProgress]:
        found: list[BatchProgress] = []
        for each in sorted({str(run.dag_id) for run in self.stored_runs if dag_id in (None, run.dag_id)}):
            runs = [run for run in self.stored_runs if run.dag_id == each and _number(str(run.run_id), prefix)]
            dates = [run.execution_date for run in runs if run.execution_date is not None]
            states = dict(sorted(Counter(run.state or "None" for run in runs).items()))
            if runs:
                backfill = self.backfills.get(self._newest_backfill(runs) or 0)
                queued = [self.queued[run.id] for run in runs if run.id in self.queued]
                ended = [run.end_date for run in runs if run.end_date is not None]
                found.append(
                    BatchProgress(
                        each,
                        states,
                        min(dates, default=None),
                        max(dates, default=None),
                        backfill,
                        sum(run.state == "failed" and self._never_started(run) for run in runs),
                        min(queued, default=None),
                        max(ended, default=None),
                    )
                )
        return found

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
        found: list[CancelledRun] = []
        places = {(run.dag_id, run.run_id): place for place, run in enumerate(self.stored_runs)}
        for dag_id in dag_ids:
            for run in sorted(self.stored_runs, key=lambda run: str(run.run_id)):
                is_asked = run.dag_id == dag_id and _number(str(run.run_id), prefix) and str(run.run_id) > after
                is_unstarted = run.state == self.state_at_birth and run.id not in self.started
                if is_asked and is_unstarted and len(found) < limit:
                    self.stored_runs[places[dag_id, run.run_id]] = run._replace(state="failed", end_date=entry.at)
                    found.append(CancelledRun(dag_id, str(run.run_id)))
            after = ""
        if found:
            self.audited.append(replace(entry, counts={"cancelled": len(found)}))
        for id_ in backfill_ids if len(found) < limit else ():
            active = [run for run in self.stored_runs if run.state in ("queued", "running")]
            has_ended = all(self.backfilled.get((run.dag_id, run.run_id)) != id_ for run in active)
            self.backfills[id_] = replace(self.backfills[id_], is_paused=False, has_ended=has_ended)
        return found

    async def failed(self, prefix: Prefix, dag_ids: Sequence[str], *, after: str, limit: int) -> list[FailedRun]:
        found: list[FailedRun] = []
        for dag_id in dag_ids:
            for run in sorted(self.stored_runs, key=lambda run: str(run.run_id)):
                is_asked = run.dag_id == dag_id and _number(str(run.run_id), prefix) and str(run.run_id) > after
                if is_asked and run.state == "failed" and len(found) < limit:
                    found.append(FailedRun(dag_id, str(run.run_id), self._is_requeueable(run)))
            after = ""
        return found

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
        every = len(self.stored_runs)
        failed = await self.failed(prefix, dag_ids, after=after, limit=every)
        found = [RequeuedRun(run.dag_id, run.run_id) for run in failed if run.is_requeueable][:limit]
        for place, run in enumerate(self.stored_runs):
            if (run.dag_id, run.run_id) in found:
                self.stored_runs[place] = self._as_new(run, entry.at)
        self._reopen(backfill_ids)
        if found:
            self.audited.append(replace(entry, counts={"requeued": len(found)}))
        return found

    async def reopen_backfills(self, backfill_ids: Sequence[int], at: datetime) -> None:
        self._reopen(backfill_ids)

    def _reopen(self, backfill_ids: Sequence[int]) -> None:
        active = {run for run in self.stored_runs if run.state in ("queued", "running")}
        for id_ in backfill_ids:
            has_active = any(self.backfilled.get((run.dag_id, run.run_id)) == id_ for run in active)
            if has_active and self.backfills[id_].has_ended:
                self.backfills[id_] = replace(self.backfills[id_], is_paused=False, has_ended=False)

    async def limit_backfill(self, backfill_id: int, max_active_runs: int, entry: AuditEntry) -> None:
        self.backfills[backfill_id] = replace(self.backfills[backfill_id], max_active_runs=max_active_runs)
        self.audited.append(entry)

    async def pause_backfills(self, backfill_ids: Sequence[int], paused: bool, entry: AuditEntry) -> list[int]:
        changed = [id_ for id_ in backfill_ids if not self.backfills[id_].has_ended]
        for id_ in changed:
            self.backfills[id_] = replace(self.backfills[id_], is_paused=paused)
        if changed:
            self.audited.append(replace(entry, backfill_ids=tuple(changed)))
        return changed

    async def set_paused(self, dag_id: str, paused: bool, entry: AuditEntry) -> bool:
        dag = self.stored_dags.get(dag_id)
        if dag is None or not dag.is_live:
            return False
        dag.is_paused = paused
        self.audited.append(entry)
        return True

    async def ready(self) -> None:
        return

    async def describe(self) -> Description:
        return self.description

    async def counts(self) -> Counts:
        return Counts(sum(dag.is_live for dag in self.stored_dags.values()), len(self.stored_runs))

    def state(self) -> StoreState:
        return StoreState("memory", "standalone", pages=self.pages)

    def _is_requeueable(self, run: DagRun) -> bool:
        return not (self.has_tasks and run.id in self.started)

    def _as_new(self, run: DagRun, now: datetime) -> DagRun:
        self.started.discard(run.id)
        if self.state_at_birth == "queued":
            self.queued[run.id] = now
            return run._replace(state="queued", start_date=None, end_date=None)
        return run._replace(state="running", start_date=now, end_date=None)

    def _never_started(self, run: DagRun) -> bool:
        # Before Airflow 2.1, a run has a start date from its first moment.
        return run.start_date is None if self.state_at_birth == "queued" else run.id not in self.started

    def _newest_backfill(self, runs: Sequence[DagRun]) -> int | None:
        return max((self.backfilled.get((run.dag_id, run.run_id), 0) for run in runs), default=0) or None

    def _last_execution(self, dag_id: str) -> datetime | None:
        dates = [run.execution_date for run in self.stored_runs if run.dag_id == dag_id and run.execution_date]
        return max(dates, default=None)


class _MemoryBatch(Batch):
    def __init__(self, store: MemoryStore, dag_id: str) -> None:
        self._store = store
        self._dag_id = dag_id

    @property
    def dag(self) -> TargetDag | None:
        dag = self._store.stored_dags.get(self._dag_id)
        if dag is None or not dag.is_live:
            return None
        return TargetDag(
            dag.dag_id,
            is_paused=dag.is_paused,
            has_import_errors=dag.has_import_errors,
            max_active_runs=dag.max_active_runs,
            batch_run_type=self._store.batch_run_type,
            has_backfills=self._store.has_backfills,
            is_queueing=self._store.state_at_birth == "queued",
            serialized_key=_key(dag.serialized) if dag.serialized is not None else None,
        )

    async def taken(self, dates: Sequence[datetime]) -> Mapping[datetime, str]:
        runs = {run.execution_date: run.run_id for run in self._runs}
        return {date: str(runs[date]) for date in dates if date in runs}

    async def last_run(self, prefix: Prefix) -> LastRun:
        numbered = {_number(str(run.run_id), prefix): run for run in self._runs}
        last = max(numbered, default=0)
        return LastRun(last, self._store.backfilled.get((self._dag_id, numbered[last].run_id))) if last else LastRun()

    async def has_number(self, prefix: Prefix, number: int) -> bool:
        return any(str(run.run_id).startswith(f"{prefix}_{number:07d}_") for run in self._runs)

    async def insert(
        self,
        runs: Sequence[PlannedRun],
        conf: Mapping[str, object],
        now: datetime,
        *,
        run_type: RunType = RunType.MANUAL,
        backfill: NativeBackfill | None = None,
    ) -> int | None:
        state = self._store.state_at_birth
        start_date = None if state == "queued" else now
        for run in runs:
            added = self._store.add(
                DagRun(0, self._dag_id, run.run_id, state, run.logical_date, start_date, None, True)
            )
            if state == "queued":
                self._store.queued[added.id] = now
            self._store.details[added.id] = {
                "data_interval_start": run.data_interval_start,
                "data_interval_end": run.data_interval_end,
                "run_after": run.run_after,
                "conf": json.dumps(dict(conf if run.conf is None else run.conf)),
            }
        if backfill is None:
            return None
        id_ = backfill.id or len(self._store.backfills) + 1
        standing = self._store.backfills.get(
            id_, Backfill(id_, backfill.max_active_runs, is_paused=False, has_ended=False)
        )
        limit = backfill.max_active_runs or standing.max_active_runs
        is_paused = bool(standing.is_paused) and not standing.has_ended
        self._store.backfills[id_] = Backfill(id_, limit, is_paused, has_ended=False)
        self._store.backfilled |= {(self._dag_id, run.run_id): id_ for run in runs}
        return id_

    async def audit(self, entry: AuditEntry) -> None:
        self._store.audited.append(entry)

    @property
    def _runs(self) -> list[DagRun]:
        return [run for run in self._store.stored_runs if run.dag_id == self._dag_id]


def _fits(run: DagRun, wanted: RunFilter) -> bool:
    return (
        wanted.dag_id in (None, run.dag_id)
        and wanted.state in (None, run.state)
        and wanted.external_trigger in (None, run.external_trigger)
        and (run.run_id or "").startswith(wanted.prefix or "")
    )


def _number(run_id: str, prefix: Prefix) -> int:
    found = _NUMBERED.fullmatch(run_id)
    return int(found["number"]) if found is not None and found["prefix"] == prefix else 0


def _schedule(dag: StoredDag) -> str | None:
    form: object = json.loads(dag.serialized or "{}")
    fields = cast("dict[str, object]", form).get("dag") if isinstance(form, dict) else None
    told = of_form(cast("dict[str, object]", fields)) if isinstance(fields, dict) else None
    return dag.more.schedule or told


def _key(serialized: str) -> str:
    return f"{hash(serialized):x}"
