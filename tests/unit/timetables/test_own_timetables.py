"""Every timetable of each Airflow, as that Airflow serialized it (`make airflow-facts`), is read."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from dagrun_api.timetables import decode
from tests.databases.schemas import RELEASES, serialized

ASSETS = "updated, not at dates"
PARTITIONS = "belong to partitions"
NO_SCHEDULE = "no schedule"
LISTED = None

READ: dict[str, str | None] = {
    "bare cron": LISTED,
    "bare timedelta": LISTED,
    "bare relativedelta": LISTED,
    "bare None": NO_SCHEDULE,
    "bare @once": "only once",
    "simple.NullTimetable": NO_SCHEDULE,
    "simple.OnceTimetable": "only once",
    "simple.ContinuousTimetable": "runs continuously",
    "simple.DatasetTriggeredTimetable": ASSETS,
    "simple.AssetTriggeredTimetable": ASSETS,
    "simple.PartitionedAssetTimetable": PARTITIONS,
    "simple.PartitionedAtRuntime": PARTITIONS,
    "trigger.CronPartitionTimetable": PARTITIONS,
    "interval.CronDataIntervalTimetable": LISTED,
    "interval.DeltaDataIntervalTimetable": LISTED,
    "trigger.CronTriggerTimetable": LISTED,
    "trigger.DeltaTriggerTimetable": LISTED,
    "trigger.MultipleCronTriggerTimetable": LISTED,
    "events.EventsTimetable": LISTED,
    "datasets.DatasetOrTimeSchedule": LISTED,
    "assets.AssetOrTimeSchedule": LISTED,
    "assets.AssetAndTimeSchedule": LISTED,
}
"""Kind -> LISTED, or words of the reason why its runs cannot be listed."""

SEEN = [(release, schedule) for release in RELEASES for schedule in serialized(release)]


def kind(schedule: dict[str, Any]) -> str:
    """Return the class of the timetable, or what a bare schedule is."""
    if "timetable" in schedule:
        return str(schedule["timetable"]["__type"]).removeprefix("airflow.timetables.")
    bare = schedule["schedule_interval"]
    if isinstance(bare, dict):
        return f"bare {bare['__type']}"
    return f"bare {bare}" if bare in (None, "@once") else "bare cron"


@pytest.mark.parametrize(
    ("release", "schedule"), SEEN, ids=[f"{release}-{schedule['case']}" for release, schedule in SEEN]
)
def test_a_schedule_that_airflow_wrote_is_read(release: str, schedule: dict[str, Any]) -> None:
    timetable = decode(schedule)
    reason = "only once" if schedule["case"] == "asset and @once" else READ[kind(schedule)]
    if reason is None:
        assert timetable.unlistable is None
        assert list(islice(timetable.between(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)), 1))
    else:
        assert reason in str(timetable.unlistable)


def test_every_kind_was_seen() -> None:
    assert {kind(schedule) for _, schedule in SEEN} == READ.keys()
