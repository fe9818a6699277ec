"""What the service does when the database changes while it works."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import Locked, RunsTaken, SchemaMismatch, Unavailable
from dagrun_api.model import BatchRequest, Prefix
from dagrun_api.store import Batch
from tests.contract.memory import MemoryStore, StoredDag
from tests.databases.worlds import SERIALIZED

FIRST = datetime(2017, 9, 1, tzinfo=UTC)
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
