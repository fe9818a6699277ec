"""A window in portions, from either end, has the runs that one request for the whole window has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from operator import attrgetter
from unittest.mock import patch

import pytest

from dagrun_api.client import Client, Created, PlannedRun
from dagrun_api.client import window as window_module
from dagrun_api.client.wanted import Wanted
from dagrun_api.client.window import Window
from tests.databases.worlds import MemoryWorld, serialized
from tests.http.conftest import Api

HOUR = timedelta(hours=1)
# In both zones the clock changes in the window.
START = datetime(2024, 3, 8, 7, 11, tzinfo=UTC)
END = START + timedelta(days=30)

TRIGGER = "airflow.timetables.trigger.CronTriggerTimetable"
DELTA = "airflow.timetables.interval.DeltaDataIntervalTimetable"
CRON = "airflow.timetables.interval.CronDataIntervalTimetable"
DELTA_TRIGGER = "airflow.timetables.trigger.DeltaTriggerTimetable"


def timetable(kind: str, **fields: object) -> dict[str, object]:
    return {"__type": kind, "__var": fields}


TIMETABLES = {
    "daily": timetable(CRON, expression="30 2 * * *", timezone="America/New_York"),
    "hourly": timetable(CRON, expression="0 */3 * * *", timezone="Europe/Amsterdam"),
    "delta": timetable(DELTA, delta=7 * 3600.0),
    "trigger": timetable(TRIGGER, expression="0 */2 * * *", timezone="America/New_York"),
    "trigger with an interval": timetable(TRIGGER, expression="0 6 * * *", timezone="UTC", interval=36 * 3600.0),
    "trigger with the next interval": timetable(TRIGGER, expression="0 6 * * *", timezone="UTC", interval=86400.0),
    "delta trigger with an interval": timetable(DELTA_TRIGGER, delta=7 * 3600.0, interval=5 * 3600.0),
}


class Portions:
    """A client that also keeps, with its intervals, each run that it creates."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.created: list[PlannedRun] = []

    async def dry_run(self, wanted: Wanted) -> Created:
        return await self.client.dry_run("a", **wanted)

    async def create(self, wanted: Wanted) -> Created:
        planned = await self.dry_run(wanted)
        created = await self.client.create("a", **wanted)
        assert created.dag_run_ids == planned.dag_run_ids
        self.created += planned.runs
        return created


def intervals(runs: list[PlannedRun] | tuple[PlannedRun, ...]) -> list[tuple[datetime, datetime, datetime]]:
    return [(run.execution_date, run.data_interval_start, run.data_interval_end) for run in runs]


def sizes() -> Iterator[int]:
    return cycle([1, 3, 2])


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("page", [500, 7])
@pytest.mark.parametrize("name", TIMETABLES)
async def test_portions_make_up_the_window(
    api: Api, world: MemoryWorld, name: str, newest_first: bool, page: int
) -> None:
    await world.add_dag("a", serialized=serialized(TIMETABLES[name]))
    async with Client(str(api.make_url("/"))) as client:
        portions = Portions(client)
        common = Wanted(prefix="etl")
        expected = await client.dry_run("a", prefix="etl", start_date=START, end_date=END)
        assert len(expected.runs) > 20
        # A date in the middle has a run already.
        held = expected.runs[9]
        await world.add_run("a", "other", held.execution_date)
        wanted = [each for each in intervals(expected.runs) if each[0] != held.execution_date]
        with patch.object(window_module, "PAGE", page):
            window = Window(START, END, common, portions.dry_run)
            async for part in window.pages(newest_first=newest_first):
                runs = part.found.runs[::-1] if newest_first else part.found.runs
                size = sizes()
                while runs:
                    number = next(size)
                    for request in window.requests(part, sorted(runs[:number], key=attrgetter("execution_date"))):
                        await portions.create(request)
                    runs = runs[number:]
        found = intervals(portions.created)
        assert sorted(found) == sorted(wanted)
        assert (await window.whole()).runs == ()
