"""The use cases; the only caller of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from dagrun_api.airflow.pages import dag_page, run_page
from dagrun_api.batches import privileges, ticks
from dagrun_api.batches.about import about
from dagrun_api.batches.cancellation import cancel
from dagrun_api.batches.creating import create
from dagrun_api.batches.detail import detail
from dagrun_api.batches.retrying import retry
from dagrun_api.batches.schedules import Schedules
from dagrun_api.batches.selection import Selection
from dagrun_api.clearing import Clearing
from dagrun_api.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    WritesRefused,
)
from dagrun_api.model import (
    NOBODY,
    About,
    Actor,
    AuditEntry,
    BatchPage,
    BatchProgress,
    BatchRequest,
    BatchResult,
    Cancellation,
    Dag,
    DagDetail,
    DagRun,
    Page,
    Prefix,
    Retry,
    RunDetail,
    RunFilter,
    TickPage,
    Write,
)
from dagrun_api.store import Store, StoreState

__all__ = ["Service"]

_NAMED = 3
"""How many DAGs a sentence names."""


def utc_now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


class Service:
    """The use cases of the API, on one store."""

    def __init__(
        self,
        store: Store,
        *,
        clearing: Clearing | None = None,
        clock: Callable[[], datetime] = utc_now,
        show_conf: bool = True,
        airflow_url: str | None = None,
    ) -> None:
        """Work on a store; `clearing` is Airflow's own API, or None if it must not be asked."""
        self._store = store
        self._clearing = clearing
        self._clock = clock
        self._show_conf = show_conf
        self._airflow_url = airflow_url
        self._schedules = Schedules(store)

    async def dags(self) -> list[Dag]:
        """Return every DAG in the DagBag, ordered by `dag_id`."""
        return await self._store.dags()

    async def dag(self, dag_id: str) -> DagDetail:
        """Return a live DAG in detail; raises `NotFound`."""
        if not _may_exist(dag_id):
            raise NotFound(f"Dag id {dag_id[:250]} not found")
        found = await detail(self._store, self._schedules, dag_id)
        return replace(found, airflow_url=self._page(dag_id))

    async def runs(self, wanted: RunFilter, *, start: int | str, limit: int, newest_first: bool = False) -> Page:
        """Return the page of wanted runs after `start`, which is a numeric id or a run id.

        With `newest_first`, these are the runs before it, the newest first.

        Raises `InvalidRequest` for a run id that is unknown, or that several DAGs have.
        """
        after = start if isinstance(start, int) else await self._numeric(start, wanted.dag_id)
        # One more than asked for tells whether more follow.
        runs = await self._store.runs(wanted, after=after, limit=limit + 1, newest_first=newest_first)
        page = runs[:limit]
        return Page(page, page[-1].id if len(runs) > limit else None)

    async def run(self, run_id: str, dag_id: str | None) -> RunDetail:
        """Return the run with this id in full; raises `NotFound`, or `Conflict` when several DAGs have it."""
        runs = await self._store.runs_named(run_id, dag_id, limit=_NAMED + 1) if _may_exist(run_id) else []
        if not runs:
            raise NotFound("Dag run id not found")
        if len(runs) > 1:
            raise Conflict(f"Several DAGs have a run with this id: {_dag_ids(runs)}; add ?dag_id= to choose one.")
        (found,) = runs
        page = None if found.dag_id is None else self._page(found.dag_id, run_id, found.execution_date)
        return replace(found, airflow_url=page, conf=found.conf if self._show_conf else None)

    async def latest_runs(self) -> list[DagRun]:
        """Return the latest run of each live DAG, ordered by `dag_id`."""
        return await self._store.latest_runs()

    async def progress(self, prefix: Prefix, dag_id: str | None) -> list[BatchProgress]:
        """Return the progress of a batch in each DAG; raises `NotFound` when it has no runs."""
        parts = await self._store.progress(prefix, dag_id) if _may_exist(prefix) else []
        if not parts:
            raise _no_runs(prefix)
        return parts

    async def batches(self, dag_id: str | None, *, start: int, limit: int) -> BatchPage:
        """Return a page of batches whose last run has an id below `start`, the newest first; it may be short."""
        if dag_id is not None and not _may_exist(dag_id):
            return BatchPage([], None)
        return await self._store.batches(dag_id, start=start, limit=limit)

    async def cancel(
        self, prefix: Prefix, dag_id: str | None, actor: Actor = NOBODY, *, all_dags: bool = False
    ) -> Cancellation:
        """End the runs of a batch that have not started.

        Raises `NotFound`, `Conflict` when several DAGs have such runs and `all_dags` is not set, or `WritesRefused`.
        """
        await self._require_writable()
        parts = await self._parts(prefix, dag_id, all_dags=all_dags)
        write = Write.CANCEL_BACKFILL if len(_backfill_ids(parts)) == len(parts) else Write.CANCEL
        async with privileges.named(self._store):
            return await cancel(self._store, prefix, parts, self._entry(write, actor, prefix, parts))

    async def retry(
        self,
        prefix: Prefix,
        dag_id: str | None,
        actor: Actor = NOBODY,
        *,
        all_dags: bool = False,
        dry_run: bool = False,
    ) -> Retry:
        """Put the failed runs of a batch back into the queue; a dry run tells which, and changes nothing.

        Raises `NotFound`, `Conflict` when several DAGs have such runs and `all_dags` is not set, or `WritesRefused`.
        """
        await self._require_writable()
        parts = await self._parts(prefix, dag_id, all_dags=all_dags)
        entry = self._entry(Write.RETRY, actor, prefix, parts)
        async with privileges.named(self._store), privileges.to_retry(self._store):
            return await retry(self._store, self._clearing, prefix, parts, entry, dry_run=dry_run)

    async def pause_batch(
        self, prefix: Prefix, dag_id: str | None, paused: bool, actor: Actor = NOBODY, *, all_dags: bool = False
    ) -> list[str]:
        """Pause the native backfills of a batch, or continue with them; return the DAGs that this is true of now.

        Raises `NotFound`, `Conflict` when the batch is an ordinary one or has ended, or when several DAGs have such
        runs and `all_dags` is not set, or `WritesRefused`.
        """
        await self._require_writable()
        parts = await self._parts(prefix, dag_id, all_dags=all_dags)
        native = [part for part in parts if part.backfill is not None]
        if not native:
            raise Conflict(
                f"The runs with the prefix {prefix} are ordinary ones, which cannot be paused by themselves: pause "
                "their DAG. A batch that is created with max_active_runs is a backfill, which can be paused."
            )
        write = Write.PAUSE_BACKFILL if paused else Write.UNPAUSE_BACKFILL
        ids = _backfill_ids(native)
        async with privileges.named(self._store):
            changed = await self._store.pause_backfills(ids, paused, self._entry(write, actor, prefix, native))
        if paused and not changed:
            raise Conflict(f"The batch {prefix} has ended: there is nothing to pause.")
        return [str(part.dag_id) for part in native if not paused or (part.backfill and part.backfill.id in changed)]

    async def set_paused(self, dag_id: str, paused: bool, actor: Actor = NOBODY) -> None:
        """Pause or unpause a live DAG; raises `NotFound`, or `WritesRefused`."""
        await self._require_writable()
        entry = AuditEntry(self._clock(), Write.PAUSE if paused else Write.UNPAUSE, actor, dag_id)
        if not (_may_exist(dag_id) and await self._store.set_paused(dag_id, paused, entry)):
            raise NotFound(f"Dag id {dag_id[:250]} not found")

    async def create_batch(self, request: BatchRequest, actor: Actor = NOBODY) -> BatchResult:
        """Create the runs that a request asks for, all or none.

        Raises `InvalidRequest` with what to send instead, `Conflict` when the runs cannot become a native backfill,
        `WritesRefused`, or `Unavailable`.
        """
        selection = Selection.of(request, self._clock())
        await self._require_writable()
        return await create(self._store, self._schedules, request, selection, actor)

    async def _parts(self, prefix: Prefix, dag_id: str | None, *, all_dags: bool) -> list[BatchProgress]:
        """Return the progress of a batch in each DAG that a write will touch."""
        parts = await self.progress(prefix, dag_id)
        if len(parts) > 1 and not all_dags:
            raise Conflict(
                f"Several DAGs have runs with this prefix: {_dag_ids(parts)}; add ?dag_id= to choose one, or "
                "?all_dags=true for all of them."
            )
        return parts

    def _entry(self, write: Write, actor: Actor, prefix: Prefix, parts: list[BatchProgress]) -> AuditEntry:
        # Airflow's page of a DAG shows the entries that name it.
        dag_id = parts[0].dag_id if len(parts) == 1 else None
        return AuditEntry(self._clock(), write, actor, dag_id, prefix, backfill_ids=_backfill_ids(parts))

    async def ticks(self, dag_id: str, start: datetime | None, end: datetime | None, *, limit: int) -> TickPage:
        """Return a page of the schedule of a DAG between two instants; an absent one means now.

        Raises `NotFound`, or `InvalidRequest` when the schedule cannot be listed.
        """
        now = self._clock()
        if not _may_exist(dag_id):
            raise NotFound(f"Dag id {dag_id[:250]} not found")
        return await ticks.page(self._store, self._schedules, dag_id, start or now, end or now, now=now, limit=limit)

    async def about(self) -> About:
        """Return what may be asked of this installation, also where nothing may be written."""
        return about(await self._store.describe(), can_clear=self._clearing is not None)

    async def ready(self) -> None:
        """Return when runs could be created now; else raise `Unavailable` or `WritesRefused`."""
        await self._store.ready()

    def state(self) -> StoreState:
        """Return the state of the store at this moment, without asking the database."""
        return self._store.state()

    def _page(self, dag_id: str, run_id: str | None = None, date: datetime | None = None) -> str | None:
        """Return the address of Airflow's own page of a DAG or run; None if the service does not know it."""
        pages = None if self._airflow_url is None else self._store.state().pages
        if self._airflow_url is None or pages is None:
            return None
        if run_id is None:
            return dag_page(self._airflow_url, pages, dag_id)
        return run_page(self._airflow_url, pages, dag_id, run_id, date)

    async def _require_writable(self) -> None:
        try:
            self._store.require_writable()
        except WritesRefused:
            # The tables may have been looked at in the middle of an upgrade that has ended since.
            await self._store.ready()

    async def _numeric(self, run_id: str, dag_id: str | None) -> int:
        runs = await self._store.runs_named(run_id, dag_id, limit=_NAMED + 1)
        if not runs:
            raise InvalidRequest(
                f"start {run_id[:250]!r} is neither a number nor the id of a run: send one that was listed."
            )
        if len(runs) > 1:
            raise InvalidRequest(
                f"start {run_id!r} is a run of several DAGs: {_dag_ids(runs)}; add dag_id, or send the numeric id."
            )
        return runs[0].id


def _no_runs(prefix: Prefix) -> NotFound:
    return NotFound(f"No run has the prefix {prefix[:80]}")


def _may_exist(name: str) -> bool:
    # PostgreSQL refuses a NUL character even in a comparison.
    return "\0" not in name


def _dag_ids(found: Sequence[RunDetail | BatchProgress]) -> str:
    names = [str(each.dag_id) for each in found[:_NAMED]]
    return ", ".join(names) + (", ..." if len(found) > _NAMED else "")


def _backfill_ids(parts: Iterable[BatchProgress]) -> tuple[int, ...]:
    return tuple(part.backfill.id for part in parts if part.backfill is not None)
