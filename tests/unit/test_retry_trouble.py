"""Retrying a batch while its database fails, and the warnings of a retry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.airflow.clears import ClearApi, clear_api
from dagrun_api.batches import retrying
from dagrun_api.batches.service import Service
from dagrun_api.errors import OutcomeUnknown, Unavailable, Unreachable
from dagrun_api.model import AuditEntry, Backfill, BatchProgress, Cleared, DagRun, FailedRun, Prefix, RequeuedRun
from tests.contract.memory import MemoryStore

START = datetime(2017, 9, 1, tzinfo=UTC)
SIZE = 25
PORTION = 10
ETL = Prefix("etl")


class Failing(MemoryStore):
    """A store with a batch of 25 cancelled runs, that fails after some transactions."""

    def __init__(self, transactions: int = 99, *, lists: bool = True, counts: int = 99) -> None:
        super().__init__()
        self._left, self._lists, self._counts = transactions, lists, counts
        for number in range(1, SIZE + 1):
            date = START + timedelta(days=number)
            run_id = f"etl_{number:07d}_{date:%Y-%m-%dT%H:%M:%S}"
            self.add(DagRun(0, "a", run_id, "failed", date, None, date, True))

    async def requeue(
        self,
        prefix: Prefix,
        dag_ids: Sequence[str],
        entry: AuditEntry,
        *,
        after: str,
        limit: int,
        backfill_ids: Sequence[int] = (),
    ) -> list[RequeuedRun]:
        if self._left == 0:
            raise Unreachable("gone")
        self._left -= 1
        return await super().requeue(prefix, dag_ids, entry, after=after, limit=limit, backfill_ids=backfill_ids)

    async def failed(self, prefix: Prefix, dag_ids: Sequence[str], *, after: str, limit: int) -> list[FailedRun]:
        # The first look of the model itself is its transaction.
        if not self._lists and limit == 2 * 500:
            raise Unreachable("gone")
        return await super().failed(prefix, dag_ids, after=after, limit=limit)

    async def progress(self, prefix: Prefix, dag_id: str | None) -> list[BatchProgress]:
        if self._counts == 0:
            raise Unreachable("gone")
        self._counts -= 1
        return await super().progress(prefix, dag_id)


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "PORTION", PORTION)


async def test_a_failure_on_the_way_tells_how_far_it_came() -> None:
    with pytest.raises(OutcomeUnknown, match=r"^20 runs were put back into the queue before the database failed"):
        await Service(Failing(transactions=2)).retry(ETL, "a")
    for store in (Failing(lists=False), Failing(counts=1)):
        with pytest.raises(OutcomeUnknown, match=r"^25 runs were put back into the queue before the database failed"):
            await Service(store).retry(ETL, "a")


async def test_a_failure_after_airflow_has_cleared_runs_tells_that() -> None:
    class Reopening(Failing):
        async def reopen_backfills(self, backfill_ids: Sequence[int], at: datetime) -> None:
            raise Unreachable("gone")

    class Airflow:
        async def clear(self, runs: Sequence[FailedRun], api: ClearApi) -> Cleared:
            return Cleared(list(runs))

    store = Reopening()
    store.description = replace(store.description, airflow="3.1")
    store.has_tasks = True
    store.started = {run.id for run in store.stored_runs}
    store.backfills = {1: Backfill(1, 2, is_paused=False, has_ended=True)}
    store.backfilled = {(run.dag_id, run.run_id): 1 for run in store.stored_runs}
    with pytest.raises(OutcomeUnknown, match=r"^Airflow cleared 25 runs before the database failed"):
        await Service(store, clearing=Airflow()).retry(ETL, "a")


async def test_a_failure_before_anything_was_done_says_only_that() -> None:
    with pytest.raises(Unavailable, match=r"^gone$"):
        await Service(Failing(transactions=0)).retry(ETL, "a")


@pytest.mark.parametrize(
    ("release", "api"),
    [
        (None, None),
        ("1.10", None),
        ("2.0", None),
        ("2.3", None),
        ("2.4", ClearApi.WHOLE_RUNS),
        ("2.10", ClearApi.WHOLE_RUNS),
        ("2", ClearApi.WHOLE_RUNS),
        ("3.0", ClearApi.FAILED_TASKS),
        ("3.2", ClearApi.FAILED_TASKS),
        ("3", ClearApi.FAILED_TASKS),
        ("3.3", ClearApi.MANY_RUNS),
        ("3.10", ClearApi.MANY_RUNS),
        ("4.0", None),
    ],
)
def test_each_release_clears_in_its_own_way(release: str | None, api: ClearApi | None) -> None:
    assert clear_api(release) is api
