"""Batches beside the schedule of their DAG: what Airflow makes of its ticks meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from .dagfiles import BACKWARDS, HELD_BACK, LIMITED, TICK, UNLIMITED
from .places import NEWEST_POSTGRESQL, NEWEST_SQLITE, THIRD_POSTGRESQL, at
from .schedules import lost, most_at_once, spans, ticks
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

LIMIT = 3
"""Above what the DAGs themselves may have active."""
RUNS = 40
MANY = 100
"""Runs that keep a DAG busy for some ticks, two at a time."""
AT_3 = at(THIRD_POSTGRESQL, NEWEST_SQLITE[0], *NEWEST_POSTGRESQL)


class Batches:
    """Batches of several DAGs, each with the name of its DAG for a prefix, which Airflow executes at the same time."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.answers: dict[str, dict[str, Any]] = {}
        self.running: dict[str, int] = {}
        """How many of each were running at most, whenever our service was asked."""

    def create(self, dag_id: str, runs: int, *, first: int = 0, **options: object) -> None:
        """Create runs of past dates while the DAG is paused."""
        begin, end = (datetime(2024, 3, 1, tzinfo=UTC) + n * TICK for n in (first, first + runs - 1))
        dates = {"start_date": f"{begin:%Y-%m-%dT%H:%M:%S}", "end_date": f"{end:%Y-%m-%dT%H:%M:%S}"}
        answer = self.site.service.created(dag_id=dag_id, prefix=dag_id, **dates, **options)
        assert len(answer["dag_run_ids"]) == runs
        self.answers[dag_id] = answer

    def execute(self) -> None:
        """Let them begin beside their schedules, and return once they are over and the schedules go on."""
        airflow = self.site.airflow
        self._set_paused("false")
        airflow.until("all batches are over", self._are_over, 300, lambda: str(self.running), pause=0.2)
        after = datetime.now(UTC)
        airflow.until("every schedule goes on", lambda: all(self._last_tick(each) > after for each in self.answers), 90)
        self._set_paused("true")

    def _are_over(self) -> bool:
        found = {dag_id: self.site.service.get(f"batches/{dag_id}") for dag_id in self.answers}
        for dag_id, progress in found.items():
            self.running[dag_id] = max(self.running.get(dag_id, 0), progress["states"].get("running", 0))
        return all(progress["percent_done"] == 100 for progress in found.values())

    def _last_tick(self, dag_id: str) -> datetime:
        return max(ticks(self.site, dag_id), default=datetime.min.replace(tzinfo=UTC))

    def _set_paused(self, paused: str) -> None:
        for dag_id in self.answers:
            answer = self.site.service.client.request("POST", f"/api/v1/dags/{dag_id}/paused/{paused}")
            assert answer.status == 200, answer


@pytest.fixture(scope="module")
def batches(site: Site) -> Batches:
    batches = Batches(site)
    batches.create(LIMITED, RUNS, max_active_runs=LIMIT)
    half = RUNS // 2
    batches.create(BACKWARDS, half, max_active_runs=1, run_backwards=True)
    batches.create(BACKWARDS, half, first=half, max_active_runs=LIMIT, run_backwards=True)
    batches.create(UNLIMITED, MANY)
    batches.create(HELD_BACK, MANY)
    batches.execute()
    return batches


@AT_3
@pytest.mark.parametrize("dag_id", [LIMITED, BACKWARDS, UNLIMITED])
def test_no_tick_is_lost_beside_backfill_runs(batches: Batches, dag_id: str) -> None:
    assert batches.answers[dag_id]["run_type"] == "backfill"
    assert lost(ticks(batches.site, dag_id)) == 0


@at(*NEWEST_POSTGRESQL)
def test_ticks_are_lost_beside_manual_runs(batches: Batches) -> None:
    answer = batches.answers[HELD_BACK]
    assert answer["run_type"] == "manual"
    assert any("does not allow backfill runs" in warning for warning in answer["warnings"])
    assert any("skipped for good" in warning for warning in answer["warnings"])
    assert lost(ticks(batches.site, HELD_BACK)) > 0


@AT_3
@pytest.mark.parametrize("dag_id", [LIMITED, BACKWARDS])
def test_as_many_runs_as_asked_for_are_active(batches: Batches, dag_id: str) -> None:
    runs = spans(batches.site, dag_id, dag_id)
    assert len(runs) == RUNS
    assert most_at_once(runs) == LIMIT
    assert batches.running[dag_id] <= LIMIT


@AT_3
def test_the_oldest_run_is_the_first(batches: Batches) -> None:
    dates = [run.date for run in spans(batches.site, LIMITED, LIMITED)]
    assert dates == sorted(dates)


@AT_3
def test_the_newest_run_is_the_first_of_all_calls(batches: Batches) -> None:
    dates = [run.date for run in spans(batches.site, BACKWARDS, BACKWARDS)]
    assert dates == sorted(dates, reverse=True)


@AT_3
@pytest.mark.parametrize("dag_id", [LIMITED, BACKWARDS])
def test_airflow_lists_the_batch_as_a_backfill_and_completes_it(batches: Batches, dag_id: str) -> None:
    site, ours = batches.site, batches.answers[dag_id]["backfill_id"]

    def listed() -> dict[str, Any]:
        (backfill,) = site.airflow.get(f"backfills?dag_id={dag_id}")["backfills"]
        return dict(backfill)

    site.airflow.until("Airflow completes it", lambda: listed()["completed_at"], 60, lambda: str(listed()))
    assert (listed()["id"], listed()["max_active_runs"], listed()["is_paused"]) == (ours, LIMIT, False)
    assert site.service.get(f"batches/{dag_id}")["dags"][0]["backfill_id"] == ours


@AT_3
def test_airflow_lists_no_backfill_for_other_batches(batches: Batches) -> None:
    assert batches.site.airflow.get(f"backfills?dag_id={UNLIMITED}")["backfills"] == []
