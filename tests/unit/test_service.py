"""What the service does when the database changes while it works."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import Locked, RunsTaken, SchemaMismatch, Unavailable
from dagrun_api.model import BatchRequest, DagRun, Prefix
from dagrun_api.store import Batch
from tests.contract.memory import MemoryStore, StoredDag
from tests.databases.worlds import SERIALIZED

FIRST = datetime(2017, 9, 1, tzinfo=UTC)
DAY, NOON = timedelta(days=1), timedelta(hours=12)
WINDOW = BatchRequest("a", Prefix("etl"), FIRST, FIRST + timedelta(days=2))


class ChangingStore(MemoryStore):
    """A store in which Airflow writes the DAG again before each transaction, `changes` times."""

    def __init__(self, changes: int) -> None:
        super().__init__()
        self.stored_dags["a"] = StoredDag("a", "dags/a.py", True, False, serialized=SERIALIZED)
        self._changes = changes

    @asynccontextmanager
    async def batch(self, dag_id: str) -> AsyncGenerator[Batch]:
        if self._changes > 0:
            self._changes -= 1
            text = SERIALIZED + " " * self._changes
            self.stored_dags["a"] = replace(self.stored_dags["a"], serialized=text)
        async with super().batch(dag_id) as batch:
            yield batch


class FailingStore(MemoryStore):
    """A store whose transactions fail in one way, `times` times."""

    def __init__(self, error: Exception, times: int) -> None:
        super().__init__()
        self.stored_dags["a"] = StoredDag("a", "dags/a.py", True, False, serialized=SERIALIZED)
        self._error, self._times = error, times

    @asynccontextmanager
    async def batch(self, dag_id: str) -> AsyncGenerator[Batch]:
        async with super().batch(dag_id) as batch:
            yield batch
            if self._times > 0:
                self._times -= 1
                raise self._error


class BusyStore(MemoryStore):
    """A store in which another writer takes free dates of the window just before each transaction, `times` times."""

    def __init__(self, times: int, each: int) -> None:
        super().__init__()
        self.stored_dags["a"] = StoredDag("a", "dags/a.py", True, False, serialized=SERIALIZED)
        self.transactions = 0
        self._times, self._each = times, each

    @asynccontextmanager
    async def batch(self, dag_id: str) -> AsyncGenerator[Batch]:
        self.transactions += 1
        if self._times > 0:
            self._times -= 1
            for _ in range(self._each):
                number = len(self.stored_runs)
                run_id, date = f"etl_{number + 1:07d}_2010-01-01T00:00:00", FIRST + number * DAY + NOON
                self.add(DagRun(0, "a", run_id, "queued", date, None, None, True))
        async with super().batch(dag_id) as batch:
            yield batch


async def test_dates_taken_while_it_was_planned_are_skipped() -> None:
    result = await Service(BusyStore(1, 1)).create_batch(WINDOW)
    assert (result.run_ids, result.skipped_run_ids) == (
        ["etl_0000002_2017-09-02T12:00:00"],
        ["etl_0000001_2010-01-01T00:00:00"],
    )


@pytest.mark.parametrize(("taken", "transactions"), [(700, 2), (9_000, 3)])
async def test_a_full_batch_is_found_beyond_dates_taken_meanwhile(taken: int, transactions: int) -> None:
    store = BusyStore(1, taken)
    years = replace(WINDOW, start_date=FIRST, end_date=FIRST + 20_000 * DAY, partial=True)
    service = Service(store, clock=lambda: FIRST + 30_000 * DAY)
    result = await service.create_batch(years)
    assert (len(result.runs), result.skipped, result.truncated) == (500, taken, True)
    assert result.runs[0].logical_date == FIRST + taken * DAY + NOON
    assert store.transactions == transactions, "a long row of taken dates is passed without the lock"


async def test_a_dry_run_and_a_repeated_call_open_no_transaction() -> None:
    store = BusyStore(0, 0)
    await Service(store).create_batch(replace(WINDOW, dry_run=True))
    assert store.transactions == 0
    await Service(store).create_batch(WINDOW)
    result = await Service(store).create_batch(WINDOW)
    assert (result.skipped, store.transactions) == (2, 1)


async def test_a_schedule_that_changes_once_is_read_again() -> None:
    result = await Service(ChangingStore(2)).create_batch(WINDOW)
    assert len(result.runs) == 2


async def test_a_schedule_that_keeps_changing_is_named_as_the_cause() -> None:
    with pytest.raises(Unavailable, match="changing the schedule"):
        await Service(ChangingStore(100)).create_batch(WINDOW)


async def test_dates_that_were_taken_are_planned_around() -> None:
    result = await Service(FailingStore(RunsTaken("taken"), 3)).create_batch(WINDOW)
    assert len(result.runs) == 2


async def test_dates_that_are_always_taken_are_a_lock() -> None:
    with pytest.raises(Locked, match="Other writers"):
        await Service(FailingStore(RunsTaken("taken"), 100)).create_batch(WINDOW)


async def test_tables_that_keep_changing_are_told_as_such() -> None:
    with pytest.raises(SchemaMismatch, match="changed"):
        await Service(FailingStore(SchemaMismatch("changed"), 100)).create_batch(WINDOW)
