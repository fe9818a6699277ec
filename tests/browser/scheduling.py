"""Runs of a batch, added and moved as Airflow's scheduler would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.browser.conftest import Site

__all__ = ["FIRST", "add_runs", "move"]

FIRST = datetime(2017, 9, 1, 12, tzinfo=UTC)


async def add_runs(site: Site, dag_id: str, number: int, prefix: str = "etl", first: datetime = FIRST) -> None:
    """Add queued runs, one a day."""
    values: list[object] = []
    for place in range(number):
        date = first + timedelta(days=place)
        values += [dag_id, f"{prefix}_{place + 1:07d}_{date:%Y-%m-%dT%H:%M:%S}", date]
    rows = ", ".join(["(?, ?, ?, 'queued', 'manual', 1)"] * number)
    await site.airflow.execute(
        f"INSERT INTO dag_run (dag_id, run_id, execution_date, state, run_type, external_trigger) VALUES {rows}", values
    )


async def move(site: Site, dag_id: str, state: str, numbers: str) -> None:
    """Set the state of the runs whose number matches a LIKE pattern."""
    await site.airflow.execute(
        "UPDATE dag_run SET state = ? WHERE dag_id = ? AND run_id LIKE ?", [state, dag_id, f"etl_00000{numbers}_%"]
    )
