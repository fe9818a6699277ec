"""The dates of a window that have no run, a page at a time, and requests that create exactly some of them.

A part of a window need not list the same ticks as the whole. A timedelta counts from the start of the window, triggers
compare their run_after with it, and where the clock changes, Airflow's list depends on where it starts. So a page
begins at a tick of the page before it, and a dry run shows how its runs have to be asked for.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dagrun_api.client.errors import BadRequest
from dagrun_api.client.values import Created, Instant, PlannedRun, RunToCreate
from dagrun_api.client.wanted import Wanted

__all__ = ["PAGE", "Page", "Window"]

PAGE = 500
"""Runs that one request may list or create."""

_INSTANT = timedelta(microseconds=1)

DryRun = Callable[[Wanted], Awaitable[Created]]


@dataclass(frozen=True, slots=True)
class Page:
    """The first dates without a run in a part of the window."""

    start: Instant
    end: Instant
    found: Created
    """The answer to the dry run; its `runs` can be created."""
    unlisted: frozenset[datetime]
    """The dates that, in a list of runs, would give another run than that of their tick."""


class Window:
    """A window of a DAG's schedule; `common` holds the prefix and the conf of its runs."""

    def __init__(self, start: Instant, end: Instant, common: Wanted, dry_run: DryRun) -> None:
        self._start = start
        self._end = end
        self._common = common
        self._dry_run = dry_run
        self._is_by_run_after = False

    async def pages(self, *, newest_first: bool) -> AsyncGenerator[Page]:
        """Yield the pages of the window, each as it is when its turn comes."""
        if not newest_first:
            async for page in self._oldest_first():
                yield page
            return
        # Only where the pages begin and end is remembered, since the window may hold very many runs.
        spans = [self._span(page.found.runs) async for page in self._oldest_first() if page.found.runs]
        for start, end in reversed(spans):
            yield await self.page(start, end)

    async def page(self, start: Instant, end: Instant) -> Page:
        """Return the first dates without a run in a part of the window."""
        while True:
            found = await self._dry_run(self._part(start, end, PAGE))
            unlisted = await self._unlisted(found.runs) if found.runs else frozenset[datetime]()
            if unlisted is not None:
                return Page(start, end, found, unlisted)

    async def whole(self) -> Created:
        """Return the answer to a dry run of the first page of the whole window."""
        return await self._dry_run(self._part(self._start, self._end, PAGE))

    def requests(self, page: Page, runs: Sequence[PlannedRun]) -> list[Wanted]:
        """Return requests that create those of some consecutive runs of a page that do not exist yet, and no others."""
        if self._is_by_run_after:
            return [self._part(*self._span(runs), len(runs))]
        listed = [RunToCreate(run.execution_date) for run in runs if run.execution_date not in page.unlisted]
        # Airflow lists such a tick only if the window begins before it.
        single = [run.execution_date for run in runs if run.execution_date in page.unlisted]
        requests = [self._part(date - _INSTANT, date + _INSTANT, 1) for date in single]
        return [{**self._common, "runs": listed}, *requests] if listed else requests

    async def _oldest_first(self) -> AsyncGenerator[Page]:
        start = self._start
        while True:
            page = await self.page(start, self._end)
            yield page
            if not page.found.truncated:
                return
            start, _ = self._span(page.found.runs[-1:])

    def _part(self, start: Instant, end: Instant, limit: int) -> Wanted:
        return {**self._common, "start_date": start, "end_date": end, "limit": limit, "partial": True}

    def _span(self, runs: Sequence[PlannedRun]) -> tuple[datetime, datetime]:
        """Return the part of the window that has these runs, and dates among them with a run, but no others."""
        first, last = (run.run_after if self._is_by_run_after else run.execution_date for run in (runs[0], runs[-1]))
        # It is never a single instant, at which the service creates a run even without a tick.
        return first, last + _INSTANT

    async def _unlisted(self, runs: Sequence[PlannedRun]) -> frozenset[datetime] | None:
        """Return the dates that a list of runs does not take for their ticks; None if others took them meanwhile."""
        if self._is_by_run_after:
            return frozenset()
        strange = await self._strange(runs)
        if not strange:
            return frozenset()
        # The ticks of a trigger with a data interval are found by their run_after.
        found = await self._dry_run(self._part(strange[0].run_after, strange[-1].run_after + _INSTANT, len(strange)))
        if not found.runs and not await self._strange(strange):
            return None
        self._is_by_run_after = bool(found.runs) and set(map(_interval, found.runs)) <= set(map(_interval, strange))
        return frozenset(run.execution_date for run in strange)

    async def _strange(self, runs: Sequence[PlannedRun]) -> list[PlannedRun]:
        """Return the runs that get another data interval if their dates are listed."""
        try:
            listed = await self._dry_run({**self._common, "runs": [RunToCreate(run.execution_date) for run in runs]})
        except BadRequest:
            return list(runs)
        intervals = {run.execution_date: _interval(run) for run in listed.runs}
        return [run for run in runs if intervals.get(run.execution_date, _interval(run)) != _interval(run)]


def _interval(run: PlannedRun) -> tuple[datetime, datetime, datetime]:
    return run.execution_date, run.data_interval_start, run.data_interval_end
