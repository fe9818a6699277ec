"""Cancelling a batch in portions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.batches import cancellation
from dagrun_api.batches.service import Service
from dagrun_api.errors import OutcomeUnknown, Unavailable, Unreachable
from dagrun_api.model import AuditEntry, CancelledRun, DagRun, Prefix
from tests.contract.memory import MemoryStore

START = datetime(2017, 9, 1, tzinfo=UTC)
SIZE = 25
PORTION = 10


class Portions(MemoryStore):
    """A store with a batch of 25 runs of two DAGs, that fails after some transactions."""

    def __init__(self, fails_after: int = 99) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self._left = fails_after
        for number in range(1, SIZE + 1):
            date = START + timedelta(days=number)
            run_id = f"etl_{number:07d}_{date:%Y-%m-%dT%H:%M:%S}"
            self.add(DagRun(0, "a" if number < SIZE - 3 else "b", run_id, "queued", date, None, None, True))

    async def cancel(
        self,
        prefix: Prefix,
        dag_ids: Sequence[str],
        entry: AuditEntry,
        *,
        after: str,
        limit: int,
        backfill_ids: Sequence[int] = (),
    ) -> list[CancelledRun]:
        if self._left == 0:
            raise Unreachable("gone")
        self._left -= 1
        found = await super().cancel(prefix, dag_ids, entry, after=after, limit=limit, backfill_ids=backfill_ids)
        self.sizes.append(len(found))
        return found


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancellation, "PORTION", PORTION)


async def test_a_large_batch_is_cancelled_in_portions() -> None:
    store = Portions()
    found = await Service(store).cancel(Prefix("etl"), None, all_dags=True)
    assert store.sizes == [10, 10, 5]
    assert (found.cancelled, found.started, found.ended, found.truncated) == (SIZE, 0, 0, False)
    assert found.run_ids == [run.run_id for run in store.stored_runs]
    assert [entry.counts for entry in store.audited] == [{"cancelled": size} for size in store.sizes]


async def test_a_call_that_runs_out_of_time_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancellation, "PATIENCE", 0.0)
    service = Service(Portions())
    calls = [await service.cancel(Prefix("etl"), None, all_dags=True) for _ in range(4)]
    told = [(found.cancelled, found.started, found.ended, found.truncated) for found in calls]
    assert told == [(10, 15, 0, True), (10, 5, 10, True), (5, 0, 20, False), (0, 0, 25, False)]


async def test_a_failure_on_the_way_tells_how_far_it_came() -> None:
    with pytest.raises(OutcomeUnknown, match="20 runs were cancelled"):
        await Service(Portions(fails_after=2)).cancel(Prefix("etl"), None, all_dags=True)
    with pytest.raises(Unavailable, match="gone"):
        await Service(Portions(fails_after=0)).cancel(Prefix("etl"), None, all_dags=True)
