"""Creating the runs of a whole window: at once, as a backfill of Airflow's own, or fed in a few at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dagrun_api.client.errors import NotFound, ServiceTooOld
from dagrun_api.client.feeding import Feeder
from dagrun_api.client.wanted import Wanted
from dagrun_api.client.watching import Watch
from dagrun_api.client.window import PAGE, Window
from dagrun_api.model import DEFAULT_PREFIX

if TYPE_CHECKING:
    from dagrun_api.client.api import Client
    from dagrun_api.client.values import Created, Progress

__all__ = ["Backfill"]

_USUAL_ACTIVE_RUNS = 10
"""How many runs are active at once if a batch is fed without a number."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """A window of one DAG, and how its runs are created; the docstring of `Client.backfill` explains the fields."""

    client: Client
    create: Callable[[Wanted], Awaitable[Created]]
    """Create the next runs of the DAG. It may be retried, which creates the runs after them."""
    dag_id: str
    wanted: Wanted
    max_active_runs: int | None
    run_backwards: bool
    feed: bool
    stop_after_failures: int | None
    yes_hold_back: bool
    poll: float
    on_progress: Callable[[Progress], None] | None

    async def run(self) -> AsyncGenerator[Created]:
        """Yield the result of each request."""
        self._check()
        prefix = (self.wanted.get("prefix") or DEFAULT_PREFIX).removesuffix("_")
        watch = Watch(self.client, prefix, self.dag_id, self.stop_after_failures, self.on_progress)
        if self.stop_after_failures is not None:
            # What has failed before does not count.
            await watch.look()
        requests = self._feeder(watch).feed() if await self._is_fed() else self._create_all()
        async for created in requests:
            yield created
        if self.stop_after_failures is not None:
            await watch.until_the_end(self.poll)

    def _check(self) -> None:
        for name, number in (
            ("max_active_runs", self.max_active_runs),
            ("stop_after_failures", self.stop_after_failures),
        ):
            if number is not None and number < 1:
                raise ValueError(f"{name} must be at least 1, not {number}.")
        if self.run_backwards and self.max_active_runs is None and not self.feed:
            raise ValueError("run_backwards requires max_active_runs or feed.")
        if self.stop_after_failures is not None and not self.wanted.get("prefix"):
            raise ValueError("stop_after_failures requires a prefix: without one, it could cancel the runs of others.")

    async def _is_fed(self) -> bool:
        if self.max_active_runs is None and not self.feed:
            return False
        try:
            about = await self.client.about()
        except NotFound as error:
            raise ServiceTooOld(
                "The service is too old to limit how many runs of a batch are active at once: update it."
            ) from error
        return self.feed or not about.native_backfills

    async def _create_all(self) -> AsyncGenerator[Created]:
        wanted: Wanted = {
            **self.wanted,
            "partial": True,
            "max_active_runs": self.max_active_runs,
            "run_backwards": self.run_backwards,
        }
        while True:
            created = await self.create(wanted)
            yield created
            if not created.truncated:
                return

    def _feeder(self, watch: Watch) -> Feeder:
        start, end = self.wanted.get("start_date"), self.wanted.get("end_date")
        assert start is not None  # noqa: S101  # for the type checkers
        common = Wanted(prefix=self.wanted.get("prefix"), conf=self.wanted.get("conf"))
        window = Window(
            start,
            # The window must not grow while it is fed.
            datetime.now(UTC) if end is None else end,
            common,
            self._dry_run,
        )
        return Feeder(
            self.client,
            self.dag_id,
            window,
            self.create,
            watch,
            wanted=self.max_active_runs or _USUAL_ACTIVE_RUNS,
            at_once=min(self.wanted.get("limit") or PAGE, PAGE),
            newest_first=self.run_backwards,
            may_hold_back=self.yes_hold_back,
            poll=self.poll,
        )

    async def _dry_run(self, wanted: Wanted) -> Created:
        return await self.client.dry_run(self.dag_id, **wanted)
