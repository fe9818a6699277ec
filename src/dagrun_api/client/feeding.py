"""Feeding a batch: create its runs a few at a time, so that the schedule of the DAG continues beside it.

All state is in the database: the prefix, the window, and the runs that exist. So a feeder may be killed and started
again at any point, by anyone.

Several feeders of one batch keep to the limit together, without knowing each other. Each lists the dates without a run,
then counts the active runs, then creates the first of the listed dates, and these only. If others were faster, those
dates have a run, and nothing is created. If no one was, the number of active runs is at most the limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dagrun_api.client.errors import WouldHoldBack
from dagrun_api.client.window import PAGE, Window

if TYPE_CHECKING:
    from dagrun_api.client.api import Client
    from dagrun_api.client.details import DagDetail
    from dagrun_api.client.values import Created, PlannedRun, Progress
    from dagrun_api.client.wanted import Wanted
    from dagrun_api.client.watching import Watch
    from dagrun_api.client.window import Page

__all__ = ["PATIENCE", "Feeder", "is_tick_due", "most_active", "places"]

PATIENCE = timedelta(seconds=30)
"""How long a scheduled run that is due goes before the batch. If it has not been created by then, it cannot be."""

_USUAL_MAX_ACTIVE_RUNS = 16
"""The limit of a DAG that states none: Airflow's default."""

_ZERO = timedelta(0)


def most_active(dag: DagDetail, *, may_hold_back: bool) -> int:
    """Return how many runs of the DAG, of any kind, may be active when a run is fed.

    The last place stays free. Before Airflow 3.2, a DAG whose last place is taken by a manual run gets no scheduled
    run until its file is parsed again.
    """
    limit = _USUAL_MAX_ACTIVE_RUNS if dag.max_active_runs is None else dag.max_active_runs
    return max(limit - 1, 1 if may_hold_back else 0)


def is_tick_due(dag: DagDetail, now: datetime) -> bool:
    """Tell whether Airflow is about to create a scheduled run.

    A tick that has been due for longer says nothing: the scheduler may be down, or a long way behind.
    """
    due = dag.next_run_after
    return dag.is_active and due is not None and due <= now < due + PATIENCE


def places(
    progress: Progress | None,
    dag: DagDetail,
    wanted: int,
    now: datetime,
    *,
    has_waited: timedelta = _ZERO,
    may_hold_back: bool = False,
) -> int:
    """Return how many runs may be created now, with `wanted` runs of the batch active at most.

    `has_waited` is how long this was 0 because ticks were due. A schedule that is always a little late must not keep
    the batch waiting for ever.
    """
    if is_tick_due(dag, now) and has_waited < PATIENCE:
        return 0
    active = 0 if progress is None else progress.waiting
    return max(0, min(wanted - active, most_active(dag, may_hold_back=may_hold_back) - dag.active_runs))


@dataclass(frozen=True, slots=True)
class Feeder:
    """What feeds one batch of one DAG."""

    client: Client
    dag_id: str
    window: Window
    create: Callable[[Wanted], Awaitable[Created]]
    """Create runs of the DAG. It may be retried."""
    watch: Watch
    wanted: int
    """The number of runs of the batch that may be active at once."""
    at_once: int = PAGE
    """The number of runs that one request may create."""
    newest_first: bool = False
    may_hold_back: bool = False
    poll: float = 2.0

    async def feed(self) -> AsyncGenerator[Created]:
        """Yield the result of each request that created runs, and then the answer for the whole window.

        Raises `TooManyFailures`, `BatchCancelled`, or `WouldHoldBack`.
        """
        is_complete = False
        while not is_complete:
            # Once more after the last run: runs may have been deleted, and a clock change may shift a later start.
            is_complete = True
            async for page in self.window.pages(newest_first=self.newest_first):
                async for created in self._feed(page):
                    is_complete = False
                    yield created
        yield replace(await self.window.whole(), dag_run_ids=(), runs=())

    async def _feed(self, page: Page) -> AsyncGenerator[Created]:
        runs = self._in_order(page)
        while runs:
            number = min(await self._places(), self.at_once)
            has_created = False
            for request in self.window.requests(page, sorted(runs[:number], key=lambda run: run.execution_date)):
                created = await self.create(request)
                if created.dag_run_ids:
                    has_created = True
                    yield created
            runs = runs[number:]
            if runs and not has_created:
                # Another feeder is ahead: pass over everything that it has created.
                page = await self.window.page(page.start, page.end)
                runs = self._in_order(page)

    def _in_order(self, page: Page) -> Sequence[PlannedRun]:
        return page.found.runs[::-1] if self.newest_first else page.found.runs

    async def _places(self) -> int:
        """Wait until runs may be created, and return how many."""
        loop = asyncio.get_running_loop()
        due_since: float | None = None
        while True:
            progress = await self.watch.look_while_feeding()
            dag = await self.client.dag(self.dag_id)
            if most_active(dag, may_hold_back=self.may_hold_back) == 0:
                raise WouldHoldBack(
                    f"The DAG {self.dag_id} runs one run at a time (max_active_runs): each run of the batch holds back "
                    "its schedule."
                )
            now = datetime.now(UTC)
            due_since = (due_since or loop.time()) if is_tick_due(dag, now) else None
            has_waited = timedelta(seconds=0 if due_since is None else loop.time() - due_since)
            number = places(progress, dag, self.wanted, now, has_waited=has_waited, may_hold_back=self.may_hold_back)
            if number:
                return number
            await asyncio.sleep(self.poll)
