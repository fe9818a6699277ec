"""Airflow's own schedule, which our batches must neither stop nor bend."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import cycle

import pytest

from .dagfiles import AHEAD, AHEAD_DAYS, BATCH, CAUGHT_UP_FROM, RACE, RACE_MINUTES, TICKER
from .expectations import days, run_ids, wait_for, window
from .places import NEWEST_POSTGRESQL, PARALLEL, SECOND_POSTGRESQL, THIRD_POSTGRESQL, at
from .service import Service
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]


def test_other_dags_go_on_being_scheduled(site: Site) -> None:
    pid = site.scheduler.pid
    ticks = days(date(2024, 8, 1), 10)
    known = site.airflow.states(TICKER).keys()

    site.service.created(dag_id=BATCH, prefix="beside", **window(ticks))
    wait_for(site, BATCH, run_ids("beside", ticks))

    site.airflow.until(
        "two new scheduled runs are success",
        lambda: (
            sum(
                state == "success" and run_id.startswith("scheduled__") and run_id not in known
                for run_id, state in site.airflow.states(TICKER).items()
            )
            >= 2
        ),
        90,
        lambda: str(site.airflow.states(TICKER)),
    )
    heartbeat = site.airflow.scheduler_heartbeat()
    assert site.scheduler.alive
    assert site.scheduler.pid == pid
    assert datetime.now(UTC) - heartbeat < timedelta(seconds=30)


@at(*PARALLEL)
def test_a_batch_ahead_of_the_schedule_leaves_it_whole(site: Site) -> None:
    first = CAUGHT_UP_FROM + timedelta(days=4)
    taken = [f"ahead_{n:07}_{first + timedelta(days=n - 1):%Y-%m-%dT%H:%M:%S}" for n in (1, 2, 3)]
    dates = {"start_date": f"{first:%Y-%m-%d}", "end_date": f"{first + timedelta(days=2):%Y-%m-%d}"}
    assert site.service.created(dag_id=AHEAD, prefix="ahead", **dates)["dag_run_ids"] == taken

    site.airflow.unpause(AHEAD)

    site.airflow.until(
        "every day of the DAG has a run and all are success",
        lambda: list(site.airflow.states(AHEAD).values()) == ["success"] * AHEAD_DAYS,
        90,
        lambda: str(site.airflow.states(AHEAD)),
    )
    runs = _by_date(site, AHEAD)
    assert list(runs) == [f"{CAUGHT_UP_FROM + timedelta(days=n):%Y-%m-%d %H:%M:%S}" for n in range(AHEAD_DAYS)]
    assert list(runs.values())[4:7] == taken
    others = [run_id for run_id in runs.values() if run_id not in taken]
    assert all(run_id.startswith("scheduled__") for run_id in others)


# PostgreSQL only: on SQLite nothing can be held against a scheduler that looks for a run and inserts it a moment later,
# so there the service leaves to it the dates that it may be creating.
@at(SECOND_POSTGRESQL, THIRD_POSTGRESQL, *NEWEST_POSTGRESQL)
def test_a_race_with_the_scheduler_for_the_same_dates(site: Site) -> None:
    wanted = [f"{CAUGHT_UP_FROM + timedelta(minutes=n):%Y-%m-%d %H:%M:%S}" for n in range(RACE_MINUTES)]
    created: list[str] = []
    delays = cycle((0.0, 0.2, 0.4, 0.6, 0.8))
    site.airflow.unpause(RACE)

    replicas = (site.service, Service.start(site.airflow.processes, site.airflow.database.url, "--reuse-port"))

    def grab_the_next(clients: ThreadPoolExecutor) -> bool:
        """Let clients of several processes at once ask for the very date that the scheduler is about to take."""
        ((at,),) = site.airflow.rows("SELECT next_dagrun FROM dag WHERE dag_id = $1", RACE)
        if at is not None:
            tick = str(at)[:19].replace(" ", "T")
            body = {"dag_id": RACE, "prefix": "race", "start_date": tick, "end_date": tick}
            time.sleep(next(delays))
            for call in [clients.submit(each.created, **body) for each in replicas * 2]:
                created.extend(call.result()["dag_run_ids"])
        return list(_by_date(site, RACE)) == wanted

    with ThreadPoolExecutor(4) as clients:
        site.airflow.until(
            "every minute of the DAG has a run",
            lambda: grab_the_next(clients),
            120,
            lambda: str(site.airflow.states(RACE)),
            pause=0.05,
        )
    site.airflow.until(
        "all of them are success",
        lambda: list(site.airflow.states(RACE).values()) == ["success"] * RACE_MINUTES,
        90,
        lambda: str(site.airflow.states(RACE)),
    )

    runs = _by_date(site, RACE)
    assert list(runs) == wanted
    assert sorted(created) == sorted(run_id for run_id in runs.values() if run_id.startswith("race_"))
    assert len(created) == len(set(created))
    assert 0 < len(created) < RACE_MINUTES, "one of the two had no part in it"


def _by_date(site: Site, dag_id: str) -> dict[str, str]:
    """Return date -> run id of a DAG's runs, in the order of their dates."""
    column = site.airflow.generation.date_column
    rows = site.airflow.rows(f"SELECT {column}, run_id FROM dag_run WHERE dag_id = $1 ORDER BY 1", dag_id)
    return {str(at)[:19]: str(run_id) for at, run_id in rows}
