"""The client: a method for each request of the API, and methods that repeat a request until the work is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from time import monotonic
from typing import Any, Unpack

from dagrun_api.client import details, values
from dagrun_api.client.backfills import Backfill
from dagrun_api.client.connection import Connection, query, quoted, read
from dagrun_api.client.details import About, DagDetail, RunDetail, Tick
from dagrun_api.client.errors import StillRunning
from dagrun_api.client.listed import Batch, batch
from dagrun_api.client.retries import Retried, retried
from dagrun_api.client.transport import Answer, Request
from dagrun_api.client.values import Cancelled, Created, Dag, Instant, Progress, Run
from dagrun_api.client.wanted import Wanted, body

__all__ = ["Client"]


class Client(Connection):
    """The API of one service; use it with `async with`.

    The `url` is the address of the service, such as `http://127.0.0.1:8080`, with or without `prefix` at its end.

    A request is sent at most `tries` times. Each attempt may take `timeout` seconds; the wait between two attempts is
    `backoff` seconds at first, and doubles each time. A `session` that you pass stays open. Raises ValueError for a bad
    address.
    """

    async def dags(self) -> list[Dag]:
        """Return every DAG."""
        return read(lambda data: [values.dag(each) for each in data["dags"]], await self._get("/dags"))

    async def dag(self, dag_id: str) -> DagDetail:
        """Return one DAG with its schedule; raises `NotFound` if it is not in the DagBag."""
        answer = await self._get(f"/dags/{quoted(dag_id)}")
        return read(lambda data: details.dag_detail(data["dag"]), answer)

    async def ticks(
        self, dag_id: str, *, start_date: Instant, end_date: Instant | None = None, page_size: int = 500
    ) -> AsyncGenerator[Tick]:
        """Yield the ticks of a DAG's schedule with the run on each date, fetched page by page.

        The window ends now if there is no `end_date`. Raises `NotFound`, or `BadRequest` if the schedule has no ticks.
        """
        end = None if end_date is None else values.to_text(end_date)
        window = query(start_date=values.to_text(start_date), end_date=end, limit=str(page_size))
        async for answer in self._pages(f"/dags/{quoted(dag_id)}/ticks", window):
            for tick in read(lambda data: [details.tick(each) for each in data["ticks"]], answer):
                yield tick

    async def about(self) -> About:
        """Return what this installation can do, also where nothing may be written."""
        return read(details.about, await self._get("/about"))

    async def runs(
        self,
        *,
        dag_id: str | None = None,
        state: str | None = None,
        external_trigger: bool | None = None,
        prefix: str | None = None,
        start: int | str | None = None,
        newest_first: bool = False,
        page_size: int = 100,
    ) -> AsyncGenerator[Run]:
        """Yield the runs after `start` (an id or a run id) in the order of their ids, fetched page by page.

        With `newest_first`, yield those before it in the reverse order.
        """
        chosen = query(
            dag_id=dag_id, state=state, external_trigger=external_trigger, prefix=prefix, limit=str(page_size)
        )
        chosen |= query(start=None if start is None else str(start), order="desc" if newest_first else None)
        async for answer in self._pages("/dag_runs", chosen):
            for run in read(_runs, answer):
                yield run

    async def run(self, run_id: str, dag_id: str | None = None) -> RunDetail:
        """Return one run in full; raises `NotFound`, or without `dag_id`, `Conflict` if several DAGs have it."""
        answer = await self._get(f"/dag_runs/{quoted(run_id)}", query(dag_id=dag_id))
        return read(lambda data: details.run_detail(data["dag_run"]), answer)

    async def latest_runs(self) -> list[Run]:
        """Return the latest run of each DAG that has one."""
        return read(_runs, await self._get("/latest_runs"))

    async def create(self, dag_id: str, **wanted: Unpack[Wanted]) -> Created:
        """Create a batch of runs, all or none; the docstring of the package says when it is retried."""
        # Without a start the window begins now; a second request with `partial` creates the next runs.
        starts = wanted.get("runs") is not None or wanted.get("start_date") is not None
        return await self._create(dag_id, wanted, is_idempotent=starts and not wanted.get("partial", False))

    async def dry_run(self, dag_id: str, **wanted: Unpack[Wanted]) -> Created:
        """Return what `create` would return now, with the dates of each run, and write nothing."""
        return await self._create(dag_id, wanted, is_idempotent=True, dry_run=True)

    def backfill(
        self,
        dag_id: str,
        *,
        start_date: Instant,
        end_date: Instant | None = None,
        prefix: str | None = None,
        limit: int | None = None,
        conf: Mapping[str, object] | None = None,
        max_active_runs: int | None = None,
        run_backwards: bool = False,
        feed: bool = False,
        stop_after_failures: int | None = None,
        yes_hold_back: bool = False,
        poll: float = 2.0,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> AsyncGenerator[Created]:
        """Create every run of a window of any length, and yield the result of each request, of at most `limit` runs.

        Dates that already have a run are skipped. After a crash, the same call completes the window. An absent
        `end_date` is the time of the call.

        With `max_active_runs`, at most so many runs of the batch are queued or running at once. Where Airflow has
        backfills of its own, the batch becomes one of them. Elsewhere, and with `feed`, this call creates the next runs
        when earlier ones end. It never takes the last of the places that the DAG's own limit allows, so that scheduled
        runs are still created; raises `WouldHoldBack` if the DAG has one place only, unless `yes_hold_back`. It looks
        every `poll` seconds. Several callers with the same arguments may feed one batch, also at once: together they
        keep to the limit. `feed` alone means ten runs at once. `run_backwards` creates the newest runs first.

        `stop_after_failures`: once so many runs of the batch have failed since the call began, cancel those that have
        not started, create no others, and raise `TooManyFailures`. Cancelled runs do not count. The call then returns
        when no run of the batch is queued or running. It requires a `prefix`.

        `on_progress` is called with each change of the progress that the call sees.
        """
        return Backfill(
            self,
            lambda wanted: self._create(dag_id, wanted, is_idempotent=True),
            dag_id,
            Wanted(start_date=start_date, end_date=end_date, prefix=prefix, limit=limit, conf=conf),
            max_active_runs,
            run_backwards,
            feed,
            stop_after_failures,
            yes_hold_back,
            poll,
            on_progress,
        ).run()

    async def batches(self, dag_id: str | None = None, *, page_size: int = 50) -> AsyncGenerator[Batch]:
        """Yield the batches of a DAG, or of all DAGs, the one with the newest run first, fetched page by page."""
        async for answer in self._pages("/batches", query(dag_id=dag_id, limit=str(page_size))):
            for found in read(lambda data: [batch(each) for each in data["batches"]], answer):
                yield found

    async def progress(self, prefix: str, dag_id: str | None = None) -> Progress:
        """Return the progress of a batch; raises `NotFound` if it has no runs."""
        return read(values.progress, await self._progress(prefix, dag_id))

    async def watch(
        self,
        prefix: str,
        dag_id: str | None = None,
        *,
        poll: float = 2.0,
        timeout: float | None = None,  # noqa: ASYNC109  # asyncio.timeout would also cancel the caller's code
    ) -> AsyncGenerator[Progress]:
        """Yield the progress of a batch, now and after every change, until none of its runs is queued or running.

        It polls every `poll` seconds; raises `StillRunning` after `timeout` seconds.
        """
        deadline = float("inf") if timeout is None else monotonic() + timeout
        etag: str | None = None
        while True:
            answer = await self._progress(prefix, dag_id, etag)
            if not answer.is_unchanged:
                etag = answer.etag
                progress = read(values.progress, answer)
                yield progress
                if not progress.waiting:
                    return
            left = deadline - monotonic()
            if left <= 0:
                raise StillRunning(f"The batch {prefix} has not ended after {timeout:g} seconds.")
            await asyncio.sleep(min(poll, left))

    async def wait(
        self,
        prefix: str,
        dag_id: str | None = None,
        *,
        poll: float = 2.0,
        timeout: float | None = None,  # noqa: ASYNC109  # it raises StillRunning
    ) -> Progress:
        """Return the progress of a batch once none of its runs is queued or running; see `watch`."""
        return [progress async for progress in self.watch(prefix, dag_id, poll=poll, timeout=timeout)][-1]

    async def cancel(self, prefix: str, dag_id: str | None = None, *, all_dags: bool = False) -> Cancelled:
        """Cancel the runs of a batch that have not started, as failed; raises `NotFound` if it has no runs.

        If several DAGs have runs with this prefix, it takes a `dag_id` or `all_dags`; otherwise raises `Conflict`.

        The service cancels a batch of any length in several requests.
        """
        path, parameters = f"/batches/{quoted(prefix)}/cancel", query(dag_id=dag_id, all_dags=all_dags or None)
        cancelled: Cancelled | None = None
        while True:
            answer = await self._post(path, parameters)
            part = read(values.cancelled, answer)
            cancelled = part if cancelled is None else part.after(cancelled)
            if not read(lambda data: bool(data.get("truncated")), answer):
                return cancelled

    async def retry(
        self, prefix: str, dag_id: str | None = None, *, all_dags: bool = False, dry_run: bool = False
    ) -> Retried:
        """Put the failed runs of a batch back into the queue; raises `NotFound` if it has no runs.

        Runs that had not started are queued again. Those that had are cleared by Airflow itself, if the service may ask
        it; `warnings` says why others are left. A dry run tells which runs these are, and changes nothing.

        If several DAGs have runs with this prefix, it takes a `dag_id` or `all_dags`; otherwise raises `Conflict`.

        The service retries a batch of any length in several requests. It ends once as many runs are back in the queue
        as had failed, so runs that fail again meanwhile may be left.
        """
        path = f"/batches/{quoted(prefix)}/retry"
        parameters = query(dag_id=dag_id, all_dags=all_dags or None, dry_run=dry_run or None)
        found: Retried | None = None
        failed = 0
        while True:
            part = read(retried, await self._post(path, parameters))
            if found is None:
                found, failed = part, part.number + part.left
            else:
                found = part.after(found)
            # A dry run would only answer the same again. Runs that always fail at once would be retried for ever.
            is_over = dry_run or part.number == 0 or found.number >= failed
            if is_over or not part.truncated:
                return found

    async def set_paused(self, dag_id: str, is_paused: bool) -> bool:
        """Pause or unpause a DAG, and return whether it is paused."""
        path = f"/dags/{quoted(dag_id)}/paused/{str(is_paused).lower()}"
        return read(lambda data: bool(data["is_paused"]), await self._post(path))

    async def set_batch_paused(
        self, prefix: str, is_paused: bool, dag_id: str | None = None, *, all_dags: bool = False
    ) -> bool:
        """Pause or unpause a batch that is a backfill of Airflow's own, and return whether it is paused.

        Raises `Conflict` for other batches, and for those of several DAGs without a `dag_id` or `all_dags`.
        """
        path = f"/batches/{quoted(prefix)}/paused/{str(is_paused).lower()}"
        answer = await self._post(path, query(dag_id=dag_id, all_dags=all_dags or None))
        return read(lambda data: bool(data["is_paused"]), answer)

    async def _create(
        self, dag_id: str, wanted: Wanted, *, is_idempotent: bool, dry_run: bool | None = None
    ) -> Created:
        content = body(dag_id, wanted, dry_run=dry_run)
        request = Request("POST", "/dag_runs", body=content, is_idempotent=is_idempotent)
        return read(values.created, await self._send(request))

    async def _progress(self, prefix: str, dag_id: str | None, etag: str | None = None) -> Answer:
        return await self._get(f"/batches/{quoted(prefix)}", query(dag_id=dag_id), etag)


def _runs(data: Mapping[str, Any]) -> list[Run]:
    return [values.run(each) for each in data["dag_runs"]]
