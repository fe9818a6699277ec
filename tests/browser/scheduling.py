"""Runs of a batch, added and moved as Airflow's scheduler would."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page

from tests.browser.conftest import Site

__all__ = ["FIRST", "add_runs", "in_time", "move"]

FIRST = datetime(2017, 9, 1, 12, tzinfo=UTC)


async def add_runs(site: Site, dag_id: str, number: int, prefix: str = "etl", first: datetime = FIRST) -> None:
    """Add queued runs, one a day."""
    dates = [first + timedelta(days=place) for place in range(number)]
    runs = [(dag_id, f"{prefix}_{place:07d}_{date:%Y-%m-%dT%H:%M:%S}", date) for place, date in enumerate(dates, 1)]
    for some in batched(runs):
        rows = ", ".join(["(?, ?, ?, 'queued', 'manual', 1)"] * len(some))
        await site.airflow.execute(
            "INSERT INTO dag_run (dag_id, run_id, execution_date, state, run_type, external_trigger) VALUES " + rows,
            [value for run in some for value in run],
        )


def batched(runs: Sequence[tuple[object, ...]]) -> Iterator[Sequence[tuple[object, ...]]]:
    """Yield the runs in portions whose values fit into one statement of SQLite."""
    for start in range(0, len(runs), 5000):
        yield runs[start : start + 5000]


async def move(site: Site, dag_id: str, state: str, numbers: str) -> None:
    """Set the state of the runs whose number matches a LIKE pattern."""
    await site.airflow.execute(
        "UPDATE dag_run SET state = ? WHERE dag_id = ? AND run_id LIKE ?", [state, dag_id, f"etl_00000{numbers}_%"]
    )


async def in_time(page: Page, holds: Callable[[float], Awaitable[None]]) -> None:
    """Move the clock of a page until an expectation holds; it gets the milliseconds for which it may wait.

    One jump is not enough: to the page, a read that it falls into has taken as long, and the rest after it is longer.
    """
    for _ in range(20):
        try:
            await holds(1000)
        except AssertionError:
            await page.clock.fast_forward("00:30")
        else:
            return
    await holds(1000)
