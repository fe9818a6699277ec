"""The client: a method for each request of the API, and methods that repeat a request until the work is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypedDict, TypeVar, Unpack
from urllib.parse import quote

import aiohttp

from dagrun_api.client import details, values
from dagrun_api.client.details import About, DagDetail
from dagrun_api.client.errors import StillRunning, UnexpectedAnswer
from dagrun_api.client.transport import Answer, Request, Transport, base_url
from dagrun_api.client.values import Cancelled, Created, Dag, Instant, Progress, Run, RunToCreate

__all__ = ["Client", "Wanted"]

T = TypeVar("T")


class Wanted(TypedDict, total=False):
    """The parameters of a batch; the service decides what is absent or None."""

    prefix: str | None
    start_date: Instant | None
    end_date: Instant | None
    limit: int | None
    partial: bool
    conf: Mapping[str, object] | None
    runs: Sequence[RunToCreate] | None
    """The runs as a list, instead of start_date, end_date, limit and partial."""


class Client:
    """The API of one service; use it with `async with`.

    A request is sent at most `tries` times. Each attempt may take `timeout` seconds; the wait between two attempts is
    `backoff` seconds at first, and doubles each time. A `session` that you pass stays open. Raises ValueError for a bad
    address.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        prefix: str = "/api/v1",
        timeout: float = 30.0,
        session: aiohttp.ClientSession | None = None,
        tries: int = 5,
        backoff: float = 0.5,
    ) -> None:
        self._base = base_url(url, prefix)
        self._token = token
        self._timing = (timeout, tries, backoff)
        self._session = session
        self._owned: aiohttp.ClientSession | None = None
        self._transport: Transport | None = None

    async def __aenter__(self) -> Self:
        if self._session is None:
            self._owned = aiohttp.ClientSession()
        session = self._session or self._owned
        assert session is not None  # noqa: S101  # for the type checkers
        self._transport = Transport(session, self._base, self._token, *self._timing)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._transport = None
        if self._owned is not None:
            await self._owned.close()

    async def dags(self) -> list[Dag]:
        """Return every DAG."""
        answer = await self._get("/dags")
        return _read(lambda data: [values.dag(each) for each in data["dags"]], answer)

    async def dag(self, dag_id: str) -> DagDetail:
        """Return one DAG with its schedule; raises `NotFound` if it is not in the DagBag."""
        answer = await self._get(f"/dags/{_quoted(dag_id)}")
        return _read(lambda data: details.dag_detail(data["dag"]), answer)

    async def about(self) -> About:
        """Return what this installation can do, also where nothing may be written."""
        return _read(details.about, await self._get("/about"))

    async def runs(
        self,
        *,
        dag_id: str | None = None,
        state: str | None = None,
        external_trigger: bool | None = None,
        prefix: str | None = None,
        start: int | str | None = None,
        page_size: int = 100,
    ) -> AsyncGenerator[Run]:
        """Yield the runs after `start` (an id or a run id) in the order of their ids, fetched page by page."""
        external = None if external_trigger is None else str(external_trigger).lower()
        query = _query(dag_id=dag_id, state=state, external_trigger=external, prefix=prefix, limit=str(page_size))
        following = None if start is None else str(start)
        while True:
            answer = await self._get("/dag_runs", query | _query(start=following))
            for run in _read(_runs, answer):
                yield run
            following = answer.following
            if following is None:
                return

    async def run(self, run_id: str, dag_id: str | None = None) -> Run:
        """Return one run; raises `NotFound`, or without `dag_id`, `Conflict` if several DAGs have the run id."""
        answer = await self._get(f"/dag_runs/{_quoted(run_id)}", _query(dag_id=dag_id))
        return _read(lambda data: values.run(data["dag_run"]), answer)

    async def latest_runs(self) -> list[Run]:
        """Return the latest run of each DAG that has one."""
        return _read(_runs, await self._get("/latest_runs"))

    async def create(self, dag_id: str, **wanted: Unpack[Wanted]) -> Created:
        """Create a batch of runs, all or none; the docstring of the package says when it is retried."""
        # Without a start the window begins now; a second request with `partial` creates the next runs.
        starts = wanted.get("runs") is not None or wanted.get("start_date") is not None
        return await self._create(dag_id, wanted, is_idempotent=starts and not wanted.get("partial", False))

    async def dry_run(self, dag_id: str, **wanted: Unpack[Wanted]) -> Created:
        """Return what `create` would return now, with the dates of each run, and write nothing."""
        return await self._create(dag_id, wanted, is_idempotent=True, dry_run=True)

    async def backfill(
        self,
        dag_id: str,
        *,
        start_date: Instant,
        end_date: Instant | None = None,
        prefix: str | None = None,
        limit: int | None = None,
        conf: Mapping[str, object] | None = None,
    ) -> AsyncGenerator[Created]:
        """Create every run of a window of any length, and yield the result of each request, of at most `limit` runs.

        Dates that already have a run are skipped. After a crash, the same call completes the window.
        """
        wanted = Wanted(start_date=start_date, end_date=end_date, prefix=prefix, limit=limit, conf=conf, partial=True)
        while True:
            created = await self._create(dag_id, wanted, is_idempotent=True)
            yield created
            if not created.truncated:
                return

    async def progress(self, prefix: str, dag_id: str | None = None) -> Progress:
        """Return the progress of a batch; raises `NotFound` if it has no runs."""
        return _read(values.progress, await self._progress(prefix, dag_id))

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
                progress = _read(values.progress, answer)
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

    async def cancel(self, prefix: str, dag_id: str | None = None) -> Cancelled:
        """Cancel the runs of a batch that have not started, as failed; raises `NotFound` if it has no runs.

        The service cancels a batch of any length in several requests.
        """
        request = Request("POST", f"/batches/{_quoted(prefix)}/cancel", _query(dag_id=dag_id))
        cancelled: Cancelled | None = None
        while True:
            answer = await self._send(request)
            part = _read(values.cancelled, answer)
            cancelled = part if cancelled is None else part.after(cancelled)
            if not _read(lambda data: bool(data.get("truncated")), answer):
                return cancelled

    async def set_paused(self, dag_id: str, is_paused: bool) -> bool:
        """Pause or unpause a DAG, and return whether it is paused."""
        path = f"/dags/{_quoted(dag_id)}/paused/{str(is_paused).lower()}"
        return _read(lambda data: bool(data["is_paused"]), await self._send(Request("POST", path)))

    async def _create(
        self, dag_id: str, wanted: Wanted, *, is_idempotent: bool, dry_run: bool | None = None
    ) -> Created:
        start, end, runs = wanted.get("start_date"), wanted.get("end_date"), wanted.get("runs")
        body: dict[str, object] = {
            **wanted,
            "dag_id": dag_id,
            "start_date": None if start is None else values.to_text(start),
            "end_date": None if end is None else values.to_text(end),
            "runs": None if runs is None else [_listed(each) for each in runs],
            "dry_run": dry_run,
        }
        given = {name: value for name, value in body.items() if value is not None}
        return _read(
            values.created, await self._send(Request("POST", "/dag_runs", body=given, is_idempotent=is_idempotent))
        )

    async def _progress(self, prefix: str, dag_id: str | None, etag: str | None = None) -> Answer:
        path = f"/batches/{_quoted(prefix)}"
        return await self._send(Request("GET", path, _query(dag_id=dag_id), etag=etag))

    async def _get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        return await self._send(Request("GET", path, query or {}))

    async def _send(self, request: Request) -> Answer:
        if self._transport is None:
            raise RuntimeError("The client is not open: use it within `async with`.")
        return await self._transport.send(request)


def _read(reader: Callable[[Mapping[str, Any]], T], answer: Answer) -> T:
    try:
        return reader(answer.payload)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(
            "The service has a different version: its answer lacks a part that this client needs."
        ) from error


def _runs(data: Mapping[str, Any]) -> list[Run]:
    return [values.run(each) for each in data["dag_runs"]]


def _listed(run: RunToCreate) -> dict[str, object]:
    conf = {} if run.conf is None else {"conf": run.conf}
    return {"execution_date": values.to_text(run.execution_date), **conf}


def _query(**parameters: str | None) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value is not None}


def _quoted(text: str) -> str:
    return quote(text, safe="")
