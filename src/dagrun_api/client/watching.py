"""The progress of a batch while it is created, and what makes the creation stop."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from dagrun_api.client.errors import BatchCancelled, NotFound, TooManyFailures

if TYPE_CHECKING:
    from dagrun_api.client.api import Client
    from dagrun_api.client.values import Progress

__all__ = ["Watch"]

Show = Callable[["Progress"], None]


class Watch:
    """The progress of one batch in one DAG, which is shown whenever it changes.

    Failures count from the first look on, so that a batch with failed runs can be continued. Cancelled runs are failed
    in Airflow, and do not count where the service tells them apart.
    """

    def __init__(self, client: Client, prefix: str, dag_id: str, most_failures: int | None, show: Show | None) -> None:
        self._client = client
        self._prefix = prefix
        self._dag_id = dag_id
        self._most_failures = most_failures
        self._show = show
        self._last: Progress | None = None
        self._failed_before: int | None = None
        self._cancelled_before: int | None = None

    async def look(self) -> Progress | None:
        """Return the progress, or None while the batch has no runs; raises `TooManyFailures`."""
        try:
            progress = await self._client.progress(self._prefix, self._dag_id)
        except NotFound:
            self._failed_before = self._failed_before or 0
            return None
        await self._take(progress)
        return progress

    async def look_while_feeding(self) -> Progress | None:
        """Return the same; also raises `BatchCancelled` if somebody has cancelled the batch since the first look."""
        progress = await self.look()
        cancelled = 0 if progress is None else progress.cancelled
        if cancelled is not None:
            before = self._cancelled_before
            if before is not None and cancelled > before:
                raise BatchCancelled(f"The batch {self._prefix} was cancelled: no further runs are created.")
            # Cancelled runs may be put back into the queue.
            self._cancelled_before = cancelled
        return progress

    async def until_the_end(self, poll: float) -> None:
        """Return when no run of the batch is queued or running; raises `TooManyFailures`."""
        # Without dates to create, it may never have had a run.
        with suppress(NotFound):
            async for progress in self._client.watch(self._prefix, self._dag_id, poll=poll):
                await self._take(progress)

    async def _take(self, progress: Progress) -> None:
        if self._show is not None and progress != self._last:
            self._show(progress)
        self._last = progress
        await self._stop_after_failures(progress)

    async def _stop_after_failures(self, progress: Progress) -> None:
        failed = progress.failed - (progress.cancelled or 0)
        # Failed runs may be run again.
        self._failed_before = failed if self._failed_before is None else min(failed, self._failed_before)
        failures = failed - self._failed_before
        if self._most_failures is None or failures < self._most_failures:
            return
        cancelled = (await self._client.cancel(self._prefix, self._dag_id)).cancelled
        number = "1 run" if failures == 1 else f"{failures} runs"
        raise TooManyFailures(
            f"{number} of the batch {self._prefix} {'has' if failures == 1 else 'have'} failed. No further runs are "
            f"created. Cancelled because they had not started: {cancelled}."
        )
