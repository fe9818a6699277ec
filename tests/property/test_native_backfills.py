"""Native backfills, for any story of calls: a dry run says what comes true, and the rows fit each other."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagrun_api.batches.service import Service
from dagrun_api.errors import DagrunApiError
from dagrun_api.model import BatchRequest, BatchResult, Prefix, RunToCreate
from tests.databases.worlds import SQLiteWorld, serialized

NOW = datetime(2018, 3, 1, 9, 30, tzinfo=UTC)
FIRST = datetime(2017, 9, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

OFFSETS = st.integers(-10, 60).map(lambda hours: 6 * hours * HOUR)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Return the fields of a request, without its DAG."""
    limit = draw(st.sampled_from((None, 1, 2, 1000)))
    backwards = limit is not None and draw(st.booleans())
    kind: dict[str, Any] = {"max_active_runs": limit, "run_backwards": backwards}
    if draw(st.booleans()):
        dates = draw(st.sets(OFFSETS, min_size=1, max_size=5))
        return kind | {
            "runs": tuple(RunToCreate(FIRST + each, {"n": 1} if draw(st.booleans()) else {}) for each in dates)
        }
    start, end = sorted((draw(OFFSETS), draw(OFFSETS)))
    window = {"start_date": FIRST + start, "end_date": FIRST + end}
    return kind | window | {"limit": draw(st.integers(1, 8)), "partial": draw(st.booleans())}


DAGS = st.fixed_dictionaries(
    {
        "catchup": st.booleans(),
        "schedule": st.sampled_from(
            (
                "0 12 * * *",
                {"__type": "airflow.timetables.interval.DeltaDataIntervalTimetable", "__var": {"delta": 43200.0}},
            )
        ),
        "reached": OFFSETS,
    }
)


class Place:
    """One database for all examples; each has a DAG of its own."""

    def __init__(self, folder: Path) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.world = self._runner.run(self._stack.enter_async_context(SQLiteWorld.open("3.1.8", folder)))
        self._numbers = itertools.count()

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def dag(self, schedule: object, catchup: bool, reached: timedelta) -> str:
        dag_id = f"dag{next(self._numbers)}"
        self._runner.run(self.world.add_dag(dag_id, serialized=serialized(schedule, catchup=catchup)))
        self.rows("UPDATE dag SET next_dagrun = ? WHERE dag_id = ?", FIRST + reached, dag_id)
        return dag_id

    def create(self, request: BatchRequest) -> BatchResult | str:
        """Return the outcome, or the error."""
        try:
            return self._runner.run(Service(self.world.store, clock=lambda: NOW).create_batch(request))
        except DagrunApiError as error:
            return f"{type(error).__name__}: {error}"

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._runner.run(self.world.execute(sql, values))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("backfills"))
    yield place
    place.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dag=DAGS, story=st.lists(requests(), min_size=1, max_size=5))
def test_a_dry_run_says_what_comes_true_and_the_rows_fit(
    place: Place, dag: dict[str, Any], story: list[dict[str, Any]]
) -> None:
    dag_id = place.dag(**dag)
    for fields in story:
        request = BatchRequest(dag_id, Prefix("etl"), **fields)
        said, done = place.create(replace(request, dry_run=True)), place.create(request)
        if isinstance(said, BatchResult) and isinstance(done, BatchResult):
            assert said.backfill_id in (None, done.backfill_id)
            assert (said.backfill is None) == (done.backfill is None)
            said, done = (
                replace(each, backfill=replace(each.backfill, id=0) if each.backfill else None) for each in (said, done)
            )
        assert said == done
    rows = place.rows(
        "SELECT r.logical_date, r.backfill_id, a.backfill_id, a.logical_date, a.sort_ordinal, b.from_date, b.to_date, "
        "r.run_type FROM dag_run r LEFT JOIN backfill_dag_run a ON a.dag_run_id = r.id "
        "LEFT JOIN backfill b ON b.id = r.backfill_id WHERE r.dag_id = ? ORDER BY r.logical_date",
        dag_id,
    )
    for date, own, joined, same_date, ordinal, first, last, run_type in rows:
        assert own == joined
        if own is not None:
            assert same_date == date
            assert first <= date <= last
            assert run_type == "backfill"
            assert ordinal != 0
    backfills = place.rows("SELECT id FROM backfill WHERE dag_id = ?", dag_id)
    assert len(backfills) <= 1, "one prefix has one backfill"
    assert {own for _, own, *_ in rows if own is not None} == {id_ for (id_,) in backfills}
