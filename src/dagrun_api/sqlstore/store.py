"""A metadata database in SQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime

from dagrun_api.airflow.batch_search import IDS, RUNS, STEPS, Step, search
from dagrun_api.airflow.layout import Layout
from dagrun_api.airflow.pages import pages_of
from dagrun_api.airflow.progress import progress
from dagrun_api.airflow.rows import DagRow
from dagrun_api.errors import PrivilegeMissing, SchemaMismatch
from dagrun_api.model import (
    AuditEntry,
    Backfill,
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
    Prefix,
    RequeuedRun,
    RunDetail,
    RunFilter,
    SerializedDag,
    TargetDag,
)
from dagrun_api.sqlstore.batch import SQLBatch, audit, last_run, taken
from dagrun_api.sqlstore.counting import counted, progress_of_batches
from dagrun_api.sqlstore.details import record, run_detail
from dagrun_api.sqlstore.dialect import Connections, Dialect, Row
from dagrun_api.sqlstore.portions import Wanted, locked
from dagrun_api.sqlstore.tables import CHANGED, Tables
from dagrun_api.sqlstore.turns import Turns
from dagrun_api.store import Batch, Store, StoreOptions, StoreState

__all__ = ["SQLStore"]


class SQLStore(Store):
    """A store on the connections of a backend."""

    def __init__(self, connections: Connections, dialect: Dialect, layout: Layout, options: StoreOptions) -> None:
        self._connections = connections
        self._dialect = dialect
        self._tables = Tables(connections, dialect, layout, options)
        self._turns = Turns(options.lock_timeout)

    @property
    def layout(self) -> Layout:
        """The layout that was last detected."""
        return self._tables.layout

    async def dags(self) -> list[Dag]:
        return list(map(self._dialect.dag, await self._tables.fetch("dags")))

    async def dag(self, dag_id: str) -> DagRecord | None:
        rows = await self._tables.fetch("dag_detail", dag_id)
        return record(rows[0], self._dialect, self.layout) if rows else None

    async def runs(self, wanted: RunFilter, *, after: int, limit: int, newest_first: bool = False) -> list[DagRun]:
        rows = await self._tables.read(
            lambda sql: sql.page(wanted, after=after, limit=limit, newest_first=newest_first)
        )
        return list(map(self._dialect.run, rows))

    async def runs_named(self, run_id: str, dag_id: str | None, *, limit: int) -> list[RunDetail]:
        if dag_id is None:
            rows = await self._tables.fetch("runs_named", run_id, limit)
        else:
            rows = await self._tables.fetch("run_of_dag", run_id, dag_id, limit)
        return [run_detail(row, self._dialect) for row in rows]

    async def serialized_dag(self, dag_id: str) -> SerializedDag | None:
        for key, data, compressed in await self._tables.fetch("serialized_dag", dag_id):
            # SQLite allows a value of any type in any column.
            return SerializedDag(
                str(key),
                data if isinstance(data, str | bytes) else None,
                compressed if isinstance(compressed, bytes) else None,
            )
        return None

    def require_writable(self) -> None:
        self.layout.require_writable()

    async def target_dag(self, dag_id: str) -> TargetDag | None:
        row = self._dag_row(await self._tables.fetch("target_dag", dag_id))
        if row is None:
            return None
        if row.head != self.layout.head:
            await self._tables.look_again()
            raise SchemaMismatch(CHANGED)
        return row.target(self.layout)

    async def taken(self, dag_id: str, dates: Sequence[datetime]) -> Mapping[datetime, str]:
        return taken(await self._tables.fetch("taken", dag_id, list(dates)), self._dialect)

    async def runs_on(self, dag_id: str, dates: Sequence[datetime]) -> Mapping[datetime, DagRun]:
        runs = map(self._dialect.run, await self._tables.fetch("runs_on", dag_id, list(dates)))
        return {run.execution_date: run for run in runs if run.execution_date is not None}

    async def last_run(self, dag_id: str, prefix: Prefix) -> LastRun:
        return last_run(await self._tables.fetch("last_run", prefix, dag_id))

    async def backfill_of(self, dag_id: str, prefix: Prefix) -> int | None:
        for (backfill_id,) in await self._tables.fetch("backfill_of", prefix, dag_id):
            return int(backfill_id)
        return None

    async def backfill(self, backfill_id: int) -> Backfill | None:
        return (await self._backfills([backfill_id])).get(backfill_id)

    async def running_runs(self) -> int:
        ((count,),) = await self._tables.fetch("running_runs")
        return int(count)

    def turn(self, dag_id: str) -> AbstractAsyncContextManager[bool]:
        return self._turns.of(dag_id)

    @asynccontextmanager
    async def batch(self, dag_id: str) -> AsyncGenerator[Batch]:
        async with self._tables.unchecked() as (connection, sql):
            await connection.fetch(sql["lock_dag"], dag_id)
            # A second statement sees what was committed while the first one waited for the lock.
            row = self._dag_row(await connection.fetch(sql["target_dag"], dag_id))
            if row is not None:
                await self._tables.require_head(connection, sql, row.head)
            yield SQLBatch(connection, self._dialect, sql, dag_id, row)

    async def latest_runs(self) -> list[DagRun]:
        return list(map(self._dialect.run, await self._tables.fetch("latest_runs")))

    async def progress(self, prefix: Prefix, dag_id: str | None) -> list[BatchProgress]:
        if dag_id is None:
            rows = await self._tables.fetch("progress", prefix)
        else:
            rows = await self._tables.fetch("progress_of_dag", prefix, dag_id)
        return await self._with_backfills(progress(counted(rows, self._dialect)))

    async def batches(self, dag_id: str | None, *, start: int, limit: int) -> BatchPage:
        # One more than asked for tells whether more follow.
        if dag_id is None:
            rows = await self._tables.fetch("newest_batches", start, limit + 1, RUNS, IDS, STEPS)
        else:
            rows = await self._tables.fetch("newest_batches_of_dag", start, dag_id, limit + 1)
        found, next_start = search((Step(*row) for row in rows), limit)
        if not found:
            return BatchPage([], next_start)
        dag_ids, prefixes = zip(*found, strict=True)
        rows = await self._tables.fetch("progress_of_batches", list(dag_ids), list(prefixes))
        # The runs of a batch may have been deleted meanwhile.
        parts = progress_of_batches(rows, found, self._dialect)
        listed = await self._with_backfills(list(parts.values()))
        batches = [ListedBatch(key.prefix, part) for key, part in zip(parts, listed, strict=True)]
        return BatchPage(batches, next_start)

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
        wanted = Wanted(prefix, dag_ids, after, limit)
        async with self._tables.writing() as (connection, sql):
            found = await locked(connection, sql, "unstarted", wanted, backfill_ids)
            if found:
                await connection.execute(sql["cancel_runs"], [run.id for run in found], entry.at)
                await audit(connection, sql, replace(entry, counts={"cancelled": len(found)}))
            if backfill_ids and len(found) < limit:
                await connection.execute(sql["end_backfills"], list(backfill_ids), entry.at)
        return [CancelledRun(run.dag_id, run.run_id) for run in found]

    async def failed(self, prefix: Prefix, dag_ids: Sequence[str], *, after: str, limit: int) -> list[FailedRun]:
        found: list[FailedRun] = []
        for dag_id in dag_ids:
            rows = await self._tables.fetch("failed", prefix, dag_id, after, limit - len(found))
            found += [FailedRun(dag_id, run_id, bool(is_requeueable)) for run_id, is_requeueable in rows]
            if len(found) == limit:
                break
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
        wanted = Wanted(prefix, dag_ids, after, limit)
        async with self._tables.writing() as (connection, sql):
            found = await locked(connection, sql, "requeueable", wanted, backfill_ids)
            if found:
                await connection.execute(sql["requeue_runs"], [run.id for run in found], entry.at)
                await audit(connection, sql, replace(entry, counts={"requeued": len(found)}))
            if backfill_ids:
                # Also if nothing was found: an earlier call may have ended between Airflow's clearing and this.
                await connection.execute(sql["reopen_backfills"], list(backfill_ids), entry.at)
        return [RequeuedRun(run.dag_id, run.run_id) for run in found]

    async def reopen_backfills(self, backfill_ids: Sequence[int], at: datetime) -> None:
        async with self._tables.writing() as (connection, sql):
            # Of two who change the same backfills in different orders, each may wait for the other.
            await connection.fetch(sql["lock_backfills"], list(backfill_ids))
            await connection.execute(sql["reopen_backfills"], list(backfill_ids), at)

    async def limit_backfill(self, backfill_id: int, max_active_runs: int, entry: AuditEntry) -> None:
        async with self._tables.writing() as (connection, sql):
            await connection.execute(sql["limit_backfill"], backfill_id, max_active_runs, entry.at)
            await audit(connection, sql, entry)

    async def pause_backfills(self, backfill_ids: Sequence[int], paused: bool, entry: AuditEntry) -> list[int]:
        async with self._tables.writing() as (connection, sql):
            # Of two who change the same backfills in different orders, each may wait for the other.
            await connection.fetch(sql["lock_backfills"], list(backfill_ids))
            rows = await connection.fetch(sql["pause_backfills"], list(backfill_ids), paused, entry.at)
            changed = [int(id_) for (id_,) in rows]
            if changed:
                await audit(connection, sql, replace(entry, backfill_ids=tuple(changed)))
        return changed

    async def set_paused(self, dag_id: str, paused: bool, entry: AuditEntry) -> bool:
        async with self.turn(dag_id), self._tables.writing() as (connection, sql):
            is_there = await connection.execute(sql["set_paused"], dag_id, paused) == 1
            if is_there:
                await audit(connection, sql, entry)
        return is_there

    async def ready(self) -> None:
        await self._tables.look_again()
        self.layout.require_writable()
        (await self._connections.obstacles(audit=self.layout.has_audit)).require_none()

    async def describe(self) -> Description:
        await self._tables.look_again()
        found = await self._connections.obstacles(audit=self.layout.has_audit)
        return self.layout.describe(
            self._dialect.name,
            refusal=found.refusal,
            missing=found.missing,
            backfill_missing=found.backfill_missing,
            retry_missing=found.retry_missing,
        )

    async def counts(self) -> Counts:
        ((dags, runs),) = await self._tables.fetch("counts")
        return Counts(dags, runs)

    def state(self) -> StoreState:
        usage = self._connections.usage()
        return StoreState(
            self._dialect.name,
            self.layout.name,
            usage._replace(waiting=usage.waiting + self._turns.waiting),
            pages_of(self.layout),
        )

    def _dag_row(self, rows: Sequence[Row]) -> DagRow | None:
        if not rows:
            return None
        found, instant = DagRow(*rows[0]), self._dialect.instant
        return found._replace(
            last_scheduled=instant(found.last_scheduled),
            next_scheduled=instant(found.next_scheduled),
            next_dagrun=instant(found.next_dagrun),
        )

    async def _backfills(self, ids: Sequence[int]) -> dict[int, Backfill]:
        rows = await self._tables.fetch("backfills", list(ids))
        return {id_: Backfill(id_, limit, bool(paused), bool(ended)) for id_, limit, paused, ended in rows}

    async def _with_backfills(self, parts: list[BatchProgress]) -> list[BatchProgress]:
        ids = [part.backfill.id for part in parts if part.backfill is not None]
        if not ids:
            return parts
        try:
            backfills = await self._backfills(ids)
        except PrivilegeMissing:
            # What the runs say is worth an answer without it.
            return parts
        return [
            part if part.backfill is None else replace(part, backfill=backfills.get(part.backfill.id)) for part in parts
        ]
