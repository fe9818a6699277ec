"""Somebody's program: it has the days of a month run, and waits for them."""

from __future__ import annotations

from datetime import datetime

from dagrun_api.client import CannotConnect, Client, ServerUnavailable


class RunsFailed(Exception):
    """Some of the days have to be looked at."""


class TryLater(Exception):
    """Airflow cannot be asked now; nothing is lost by doing the same again."""


async def load_days(client: Client, first: datetime, last: datetime, *, poll: float = 2.0) -> int:
    """Have every day between these run, wait for the end, and return how many there were."""
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
