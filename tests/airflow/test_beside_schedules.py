"""Batches beside the schedule of their DAG: what Airflow makes of its ticks meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .dagfiles import BACKWARDS, HELD_BACK, IN_STEP, LIMITED, TICK, UNLIMITED
from .places import NEWEST_POSTGRESQL, NEWEST_SQLITE, THIRD_POSTGRESQL, at
from .schedules import loses_ticks, most_at_once, spans, ticks
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

LIMIT = 3
"""Above what the DAGs themselves may have active."""
RUNS = 40
BEGIN = datetime(2024, 3, 1, tzinfo=UTC)
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

    def create(self, dag_id: str, runs: int, begin: datetime = BEGIN, **options: object) -> None:
        """Create runs that follow each other as those of the schedule do."""
        end = begin + (runs - 1) * TICK
        dates = {"start_date": f"{begin:%Y-%m-%dT%H:%M:%S}", "end_date": f"{end:%Y-%m-%dT%H:%M:%S}"}
        answer = self.site.service.created(dag_id=dag_id, prefix=dag_id, **dates, **options)
        assert len(answer["dag_run_ids"]) == runs
        self.answers[dag_id] = answer

    def begin(self) -> None:
        """Let Airflow begin with them, and with the schedules beside them."""
        for dag_id in (*self.answers, IN_STEP):
            self.site.service.post(f"dags/{dag_id}/paused/false")

    def between_ticks(self, dag_id: str) -> datetime:
        """Return a time after the newest tick and before the next one, once it has come."""
        offset = timedelta(seconds=7)
        self.site.airflow.until(
            "a tick was some seconds ago",
            lambda: offset < datetime.now(UTC) - self._last_tick(dag_id) < TICK - offset,
            90,
        )
        return self._last_tick(dag_id) + offset

    def end(self) -> None:
        """Return once they are over and the schedules go on after them."""
        airflow = self.site.airflow
        airflow.until("all batches are over", self._are_over, 300, lambda: str(self.running), pause=0.2)
        after = datetime.now(UTC)
        airflow.until("every schedule goes on", lambda: all(self._last_tick(each) > after for each in self.answers), 90)
        for dag_id in self.answers:
            self.site.service.post(f"dags/{dag_id}/paused/true")

    def _are_over(self) -> bool:
        found = {dag_id: self.site.service.get(f"batches/{dag_id}") for dag_id in self.answers}
        for dag_id, progress in found.items():
            self.running[dag_id] = max(self.running.get(dag_id, 0), progress["states"].get("running", 0))
        return all(progress["percent_done"] == 100 for progress in found.values())

    def _last_tick(self, dag_id: str) -> datetime:
        return max(ticks(self.site, dag_id), default=datetime.min.replace(tzinfo=UTC))


@pytest.fixture(scope="module")
def batches(site: Site) -> Batches:
    batches = Batches(site)
    batches.create(LIMITED, RUNS, max_active_runs=LIMIT)
    half = RUNS // 2
    batches.create(BACKWARDS, half, max_active_runs=1, run_backwards=True)
    batches.create(BACKWARDS, half, BEGIN + half * TICK, max_active_runs=LIMIT, run_backwards=True)
    batches.create(UNLIMITED, MANY)
    batches.create(HELD_BACK, MANY)
    batches.begin()
    batches.create(IN_STEP, 3, batches.between_ticks(IN_STEP) - 2 * TICK)
    batches.end()
    return batches


@AT_3
@pytest.mark.parametrize("dag_id", [LIMITED, BACKWARDS, UNLIMITED])
def test_no_tick_is_lost_beside_backfill_runs(batches: Batches, dag_id: str) -> None:
    assert batches.answers[dag_id]["run_type"] == "backfill"
    assert not loses_ticks(ticks(batches.site, dag_id))


@at(*NEWEST_POSTGRESQL)
def test_ticks_are_lost_beside_manual_runs(batches: Batches) -> None:
    answer = batches.answers[HELD_BACK]
    assert answer["run_type"] == "manual"
    assert any("does not allow backfill runs" in warning for warning in answer["warnings"])
    assert any("skipped for good" in warning for warning in answer["warnings"])
    assert loses_ticks(ticks(batches.site, HELD_BACK))


@AT_3
def test_a_schedule_does_not_count_from_a_batch_up_to_now(batches: Batches) -> None:
    answer = batches.answers[IN_STEP]
    assert answer["run_type"] == "manual"
    assert any("would shift its ticks" in warning for warning in answer["warnings"])
    newest = max(run.date for run in spans(batches.site, IN_STEP, IN_STEP))
    assert newest + TICK not in ticks(batches.site, IN_STEP)


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
