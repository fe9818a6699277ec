"""An example program that creates a run for each day of a period, and waits for their end."""

from __future__ import annotations

from datetime import datetime

from dagrun_api.client import CannotConnect, Client, ServerUnavailable


class RunsFailed(Exception):
    """Some of the runs failed."""


class TryLater(Exception):
    """Airflow is unavailable; it is safe to repeat the call later."""


async def load_days(client: Client, first: datetime, last: datetime, *, poll: float = 2.0) -> int:
    """Run every day between two dates, wait for the end, and return the number of runs."""
    prefix = f"load_{first:%Y%m%d}"
    try:
        async for _ in client.backfill("etl_sales", prefix=prefix, start_date=first, end_date=last):
            pass
        progress = await client.wait(prefix, "etl_sales", poll=poll)
    except (CannotConnect, ServerUnavailable) as error:
        raise TryLater(str(error)) from error
    if failed := progress.states.get("failed", 0):
        raise RunsFailed(f"{failed} of {progress.total} days failed")
    return progress.total
