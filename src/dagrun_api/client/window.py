"""The dates of a window that have no run, a page at a time, and requests that create exactly some of them.

A later start need not list the same ticks: a timedelta counts from the start of the window. So a page begins at a tick
of the page before it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from dagrun_api.client.errors import BadRequest
from dagrun_api.client.values import Created, Instant, PlannedRun, RunToCreate
from dagrun_api.client.wanted import Wanted

__all__ = ["PAGE", "Page", "Window"]

PAGE = 500
"""Runs that one request may list or create."""

_INSTANT = timedelta(microseconds=1)

Create = Callable[[Wanted], Awaitable[Created]]


@dataclass(frozen=True, slots=True)
class Page:
    """The first dates without a run in a part of the window."""

    start: Instant
    end: Instant
    found: Created
    """The answer to the dry run."""

    @property
    def runs(self) -> Sequence[PlannedRun]:
        """The runs that can be created, in the order of the schedule."""
        return self.found.runs


class Window:
    """A window of a DAG's schedule; `common` holds the prefix and the conf of its runs."""

    def __init__(self, start: Instant, end: Instant, common: Wanted, *, create: Create, dry_run: Create) -> None:
        self._start = start
        self._end = end
        self._common = common
        self._create = create
        self._dry_run = dry_run
        self._is_by_date: bool | None = None

    async def pages(self, *, newest_first: bool) -> AsyncGenerator[Page]:
        """Yield the pages of the window, each as it is when its turn comes."""
        if not newest_first:
            async for page in self._oldest_first():
                yield page
            return
        # Only where the pages begin and end is remembered, since the window may hold very many runs.
        spans = [self._span(page.runs) async for page in self._oldest_first() if page.runs]
        for start, end in reversed(spans):
            yield await self.page(start, end)

    async def page(self, start: Instant, end: Instant) -> Page:
        """Return the first dates without a run in a part of the window."""
        while True:
            found = await self._dry_run(self._part(start, end, PAGE))
            if not found.runs or self._is_by_date is not None or await self._recognize(found.runs):
                return Page(start, end, found)

    async def create(self, runs: Sequence[PlannedRun]) -> Created:
        """Create those of these consecutive runs of a page whose dates have no run yet, and no others."""
        if self._is_by_date:
            dates = [RunToCreate(run.execution_date) for run in runs]
            return await self._create({**self._common, "runs": dates})
        start, end = self._span(runs)
        return await self._create(self._part(start, end, len(runs)))

    async def whole(self) -> Created:
        """Return the answer to a dry run of the first page of the whole window."""
        return (await self.page(self._start, self._end)).found

    async def _oldest_first(self) -> AsyncGenerator[Page]:
        start = self._start
        while True:
            page = await self.page(start, self._end)
            yield page
            if not page.found.truncated:
                return
            start, _ = self._span(page.runs[-1:])

    def _part(self, start: Instant, end: Instant, limit: int) -> Wanted:
        return {**self._common, "start_date": start, "end_date": end, "limit": limit, "partial": True}

    def _span(self, runs: Sequence[PlannedRun]) -> tuple[datetime, datetime]:
        """Return the part of the window that lists exactly these runs, and dates among them that have a run."""
        moment: Callable[[PlannedRun], datetime] = attrgetter("execution_date" if self._is_by_date else "run_after")
        # It is never a single instant, at which the service creates a run even without a tick.
        return moment(runs[0]), moment(runs[-1]) + _INSTANT

    async def _recognize(self, runs: Sequence[PlannedRun]) -> bool:
        """Find out whether a listed date gives the run of its tick; return False if other callers took every date.

        It does not with a trigger timetable that has a data interval: that lists its ticks by their run_after, and
        would take an execution date for another tick.
        """
        try:
            listed = await self._dry_run({**self._common, "runs": [RunToCreate(run.execution_date) for run in runs]})
        except BadRequest:
            self._is_by_date = False
            return True
        if not listed.runs:
            return False
        ticks = {(run.execution_date, run.data_interval_start, run.data_interval_end) for run in runs}
        # Where the clock changes, some ticks of an ordinary schedule have another interval than a listed date.
        self._is_by_date = any(
            (run.execution_date, run.data_interval_start, run.data_interval_end) in ticks for run in listed.runs
        )
        return True
